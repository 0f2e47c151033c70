"""A comparison as JUnit XML, which every CI system shows: a change that fails is a failed test case."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from repro.kit import phrasing
from repro.kit.report.text import ending

# What XML 1.0 cannot hold, whatever is done to it.
_UNFIT = dict.fromkeys(
    {*range(32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF} - {ord(space) for space in "\t\n\r"},
    "\N{REPLACEMENT CHARACTER}",
)

# What is counted, and the elements that are.
_COUNTED = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}


def junit(body: dict[str, Any]) -> str:
    """A comparison as JUnit XML: a suite an area, a case each thing that is told; what is unchanged is only a number.

    Args:
        body: Its document.
    """
    suites: dict[str, ET.Element] = {}
    _changes(suites, body)
    for entry in body["absent"]:
        if not entry["kind"]:
            case = _case(suites, entry["area"], entry["behaviour"])
            _say(case, "skipped", f"on neither side, for lack of {entry['before']}", "")
    for entry in body["passing"]:
        runs = [f"{run['from']} to {run['to']}: {phrasing.answer(run['value'], most=200)}" for run in entry["differs"]]
        said = "\n".join(["The same on both sides, and not on the way:", *runs])
        _say(_case(suites, entry["area"], entry["behaviour"]), "system-out", None, said)
    for entry in body["deprecations"]:
        case = _case(suites, entry["area"], f"{entry['behaviour']} (deprecated)")
        _say(case, "system-out", None, f"{entry['warning']}\n{ending(entry, body)}")
    for entry in body["not_run"]:
        case = _case(suites, entry["area"], f"{entry['behaviour']} ({entry['side']})")
        _say(case, "error", entry["reason"], "", "not compared")
    for entry in body["acceptance"]:
        case = _case(suites, "accepted changes", f"{entry['behaviour']} at {entry['release']}")
        _say(case, "failure", entry["state"], entry["reason"], entry["state"])
    root = ET.Element("testsuites", {"name": _fit(body["verdict"]["says"])})
    for _, suite in sorted(suites.items()):
        for attribute, tag in _COUNTED.items():
            suite.set(attribute, str(len(list(suite.iter(tag)))))
        root.append(suite)
    for attribute, tag in _COUNTED.items():
        root.set(attribute, str(len(list(root.iter(tag)))))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _changes(suites: dict[str, ET.Element], body: dict[str, Any]) -> None:
    """The cases of what changed, and of what is there on one side only."""
    failing = set(body["verdict"]["failing"])
    told = [(e, "; ".join(phrasing.difference(e["before"], e["after"], most=200))) for e in body["changes"]]
    came = [entry for entry in body["absent"] if entry["kind"]]
    told += [(e, f"{phrasing.KINDS[e['kind']]} with {e['after'] or e['before']}") for e in came]
    for entry, message in told:
        case = _case(suites, entry["area"], entry["behaviour"])
        if entry["behaviour"] in failing:
            _say(case, "failure", message, "\n".join(_reasons(entry)), entry["kind"])
        else:
            accepted = [f"Accepted: {reason}" for reason in dict.fromkeys(entry["accepted"])]
            _say(case, "system-out", None, "\n".join([message, *_reasons(entry), *accepted]))


def _case(suites: dict[str, ET.Element], area: str, name: str) -> ET.Element:
    suite = suites.setdefault(area, ET.Element("testsuite", {"name": _fit(area)}))
    return ET.SubElement(suite, "testcase", {"classname": _fit(area), "name": _fit(name)})


def _say(case: ET.Element, tag: str, message: str | None, text: str, kind: str | None = None) -> None:
    attributes = {"type": kind, "message": message}
    element = ET.SubElement(case, tag, {name: _fit(value) for name, value in attributes.items() if value})
    element.text = _fit(text)


def _reasons(entry: dict[str, Any]) -> list[str]:
    where = [f"At {', '.join(entry['at'])}"] if entry["at"] else []
    why = [f"Undone: {said['changed']}" if said["back"] else said["changed"] for said in entry["why"]]
    return [*where, *why, *(f"Do: {do}" for do in entry["do"])]


def _fit(text: str) -> str:
    return text.translate(_UNFIT)
