"""A comparison as JUnit XML, which every CI system shows: a change that fails is a failed test case."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from repro.kit import phrasing

# What XML 1.0 cannot hold, whatever is done to it.
_UNFIT = {number: "�" for number in range(32) if number not in (9, 10, 13)} | {0xFFFE: "�", 0xFFFF: "�"}


def junit(body: dict[str, Any]) -> str:
    """A comparison as JUnit XML: a suite an area, a case a behaviour that changed, passed through or was not compared.

    Args:
        body: Its document.
    """
    suites: dict[str, ET.Element] = {}
    failing = set(body["verdict"]["failing"])
    for entry in [*body["changes"], *(entry for entry in body["absent"] if entry["kind"])]:
        case = _case(suites, entry["area"], entry["behaviour"])
        if entry["behaviour"] in failing:
            _say(case, "failure", _message(entry), "\n".join(_reasons(entry)), entry["kind"])
        else:
            _say(case, "system-out", None, "\n".join([_message(entry), *_reasons(entry), *entry["accepted"]]))
    for entry in body["passing"]:
        _say(_case(suites, entry["area"], entry["behaviour"]), "system-out", None, "the same on both sides only")
    for entry in body["not_run"]:
        case = _case(suites, entry["area"], f"{entry['behaviour']} ({entry['side']})")
        _say(case, "error", entry["reason"], "", "not compared")
    for entry in body["acceptance"]:
        case = _case(suites, "accepted changes", f"{entry['behaviour']} at {entry['release']}")
        _say(case, "failure", entry["state"], entry["reason"], entry["state"])
    root = ET.Element("testsuites", {"name": _fit(body["verdict"]["says"])})
    for name in sorted(suites):
        suite = suites[name]
        for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            suite.set(attribute, str(len(list(suite.iter(tag)))))
        root.append(suite)
    for attribute in ("tests", "failures", "errors"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in suites.values())))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(suites: dict[str, ET.Element], area: str, name: str) -> ET.Element:
    suite = suites.setdefault(area, ET.Element("testsuite", {"name": area}))
    return ET.SubElement(suite, "testcase", {"classname": _fit(area), "name": _fit(name)})


def _say(case: ET.Element, tag: str, message: str | None, text: str, kind: str | None = None) -> None:
    attributes = {"type": kind, "message": message}
    element = ET.SubElement(case, tag, {name: _fit(value) for name, value in attributes.items() if value})
    element.text = _fit(text)


def _message(entry: dict[str, Any]) -> str:
    return "; ".join(phrasing.difference(entry["before"], entry["after"], most=200))


def _reasons(entry: dict[str, Any]) -> list[str]:
    where = [f"at {', '.join(entry['at'])}"] if entry["at"] else []
    return [*where, *(why["changed"] for why in entry["why"]), *(f"Do: {do}" for do in entry["do"])]


def _fit(text: str) -> str:
    return text.translate(_UNFIT)
