"""A comparison as workflow commands, which GitHub Actions shows as annotations.

GitHub shows ten errors and ten warnings a step and drops the rest without a word. So the verdict comes first and the
changes that hurt most after it, and what is beyond the limit is printed in a group of the log instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from repro.kit import phrasing
from repro.kit.report.document import packages, sections, unreachable
from repro.kit.report.text import ending, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How many annotations of one level GitHub shows for one step.
SHOWN = 10

_LEVELS = {0: "notice", 1: "error", 3: "error"}


def github(body: dict[str, Any]) -> str:
    """A comparison as workflow commands, one a line.

    Args:
        body: Its document.
    """
    body = phrasing.printable(body)
    title = f"{body['from']} to {body['to']}"
    said = [(_LEVELS[body["verdict"]["code"]], title, body["verdict"]["says"])]
    failing = set(body["verdict"]["failing"])
    reasons: dict[tuple[str, str], list[str]] = {}
    for entry in body["not_run"]:
        reasons.setdefault((body[entry["side"]], entry["reason"]), []).append(entry["behaviour"])
    said += [
        ("error", f"{release}: not compared", f"{reason}\n{phrasing.count(len(names), 'behaviour')}: {listed(names)}")
        for (release, reason), names in reasons.items()
    ]
    said += [
        ("error", f"accepted change {entry['state']}", f"{entry['behaviour']} at {entry['release']}: {entry['reason']}")
        for entry in body["acceptance"]
    ]
    for kind, entries, groups in sections(body):
        name = phrasing.KINDS[kind].lower()
        for entry in entries:
            level = "error" if entry["behaviour"] in failing else "notice"
            phrases = phrasing.difference(entry["before"], entry["after"], most=200)
            said.append((level, f"{entry['behaviour']}: {name}", _message(phrases, entry)))
        for group in groups:
            level = "error" if failing.intersection(group["behaviours"]) else "notice"
            lines = [f"{phrasing.count(len(group['behaviours']), 'behaviour')}: {listed(group['behaviours'])}"]
            said.append((level, f"{name} with {group['capability']}", _message(lines, group)))
    said += [
        ("warning", entry["behaviour"], f"{entry['warning']}\n{ending(entry, body)}") for entry in body["deprecations"]
    ]
    said += [
        ("notice", f"{entry['behaviour']}: passing through", "The same on both sides, and not on the way")
        for entry in body["passing"]
    ]
    said += [
        ("notice", f"{capability}: on neither side", phrasing.count(number, "behaviour"))
        for capability, number in unreachable(body).items()
    ]
    if rows := [f"{name}: {before} → {after}" for name, before, after in packages(body)[0]]:
        said.append(("notice", "Python and packages that differ", "\n".join(rows)))
    return commands(said)


def commands(said: Sequence[tuple[str, str, str]]) -> str:
    """Annotations as workflow commands, and in a group of the log what is beyond those that GitHub shows.

    Args:
        said: Each its level, its title and its message, the most important first.
    """
    shown: dict[str, int] = {}
    annotations, beyond = [], []
    for level, name, message in said:
        shown[level] = shown.get(level, 0) + 1
        if shown[level] <= SHOWN:
            annotations.append(f"::{level} title={_property(name)}::{_data(message)}")
        else:
            beyond.append(_line(f"{level}: {name}: {message}"))
    if beyond:
        annotations += [f"::group::{len(beyond)} more than GitHub shows as annotations", *beyond, "::endgroup::"]
    return "\n".join(annotations) + "\n"


def _message(lines: list[str], entry: dict[str, Any]) -> str:
    """What happened, where, why, what to do, and why it is accepted."""
    where = [f"At {', '.join(entry['at'])}"] if entry["at"] else []
    why = [f"Undone: {said['changed']}" if said["back"] else said["changed"] for said in entry["why"]]
    do = [f"Do: {do}" for do in entry["do"]]
    accepted = [f"Accepted: {reason}" for reason in dict.fromkeys(entry["accepted"])]
    return "\n".join([*lines, *where, *why, *do, *accepted])


def _data(text: str) -> str:
    """A message as a workflow command holds it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A property of a workflow command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _line(text: str) -> str:
    """Text as one line of a log in which the runner finds no command: `::` begins one, and `##[` wherever it is."""
    return re.sub(r":(?=:)|##(?=\[)", r"\g<0> ", " ".join(text.split()))
