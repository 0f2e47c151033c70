"""A comparison as workflow commands, which GitHub Actions shows as annotations.

GitHub shows ten errors and ten warnings a step and drops the rest without a word. So the verdict comes first and the
changes that hurt most after it, and what is beyond the limit is printed in a group of the log instead.
"""

from __future__ import annotations

from typing import Any

from repro.kit import phrasing
from repro.kit.report.document import absences
from repro.kit.report.text import ending

#: How many annotations of one level GitHub shows for one step.
SHOWN = 10

_LEVELS = {0: "notice", 1: "error", 3: "error"}


def github(body: dict[str, Any]) -> str:
    """A comparison as workflow commands, one a line.

    Args:
        body: Its document.
    """
    title = f"{body['from']} to {body['to']}"
    said = [(_LEVELS[body["verdict"]["code"]], title, body["verdict"]["says"])]
    failing = set(body["verdict"]["failing"])
    for entry in body["changes"]:
        level = "error" if entry["behaviour"] in failing else "notice"
        said.append((level, f"{entry['behaviour']}: {phrasing.KINDS[entry['kind']].lower()}", _message(entry)))
    for group in absences(body):
        gone = "gone" if group["kind"] == "removal" else "new"
        level = "error" if failing.intersection(group["behaviours"]) else "notice"
        why = " ".join(why["changed"] for why in group["why"])
        said.append((level, f"{group['capability']}: {gone}", f"{len(group['behaviours'])} behaviours. {why}"))
    said += [
        ("warning", entry["behaviour"], f"{entry['warning']} {ending(entry, body)}") for entry in body["deprecations"]
    ]
    said += [
        ("error", f"accepted change {entry['state']}", f"{entry['behaviour']} at {entry['release']}: {entry['reason']}")
        for entry in body["acceptance"]
    ]
    reasons = dict.fromkeys((body[entry["side"]], entry["reason"]) for entry in body["not_run"])
    said += [("error", f"{release} not compared", reason) for release, reason in reasons]
    shown: dict[str, int] = {}
    annotations, beyond = [], []
    for level, name, message in said:
        shown[level] = shown.get(level, 0) + 1
        if shown[level] <= SHOWN:
            annotations.append(f"::{level} title={_property(name)}::{_data(message)}")
        else:
            beyond.append(f"{level}: {_line(name)}: {_line(message)}")
    if beyond:
        annotations += [f"::group::{len(beyond)} more than GitHub shows as annotations", *beyond, "::endgroup::"]
    return "\n".join(annotations) + "\n"


def _message(entry: dict[str, Any]) -> str:
    lines = phrasing.difference(entry["before"], entry["after"], most=200)
    lines += [why["changed"] for why in entry["why"]]
    lines += [f"Do: {do}" for do in entry["do"]]
    return "\n".join([*lines, *(f"Accepted: {reason}" for reason in entry["accepted"])])


def _data(text: str) -> str:
    """A message as a workflow command holds it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A property of a workflow command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _line(text: str) -> str:
    """Text as one line of a log, which no workflow command begins."""
    return " ".join(text.split()).replace("::", ": :")
