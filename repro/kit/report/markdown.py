"""A comparison as Markdown, for the comment of a pull request: never longer than a comment may be, and never silent.

What does not fit is said in a line a change, and then as a count, the least hurting kinds first. The verdict, the
number of every kind and the command that shows the rest are always there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from repro.kit import phrasing
from repro.kit.report.document import packages, sections, unreachable
from repro.kit.report.text import ending, listed

#: The most characters of a comment on GitHub; GitLab's limit is higher.
LIMIT = 65_536

# How much of a reason, an id or a verdict is said where somebody else wrote it.
_MOST = 1000


@dataclass(frozen=True)
class _Section:
    """A heading and what is below it, told at length, in a line each, and as a number."""

    heading: str
    number: int
    told: list[tuple[str, str]]

    def forms(self) -> tuple[str, str, str]:
        """The section, from everything to a number."""
        full = "\n".join(long for long, _ in self.told)
        short = "\n".join(f"- {line}" for _, line in self.told)
        count = f"{self.number}, not listed here to keep within the size of a comment."
        full, short, count = (f"### {self.heading}\n\n{text}" for text in (full, short, count))
        return full, min(full, short, key=len), min(full, short, count, key=len)


def markdown(body: dict[str, Any], *, limit: int = LIMIT) -> str:
    """A comparison as Markdown.

    Args:
        body: Its document.
        limit: The most characters that it may have. Below some thousand, even the numbers are cut.
    """
    head = [f"## {_code(body['from'])} → {_code(body['to'])}", f"**{_plain(body['verdict']['says'])}**"]
    found = _sections(body)
    counts = _counts([*((section.heading, section.number) for section in found), ("Unchanged", body["unchanged"])])
    everything = f"Everything: {_code('nox -s compare -- ' + body['from'] + ' ' + body['to'])}"
    forms = [section.forms() for section in found]
    levels = [0] * len(found)
    # What hurts least comes last, and is cut first; nothing to a number while something is still told at length.
    cuts = [(place, level) for level in (1, 2) for place in reversed(range(len(found)))]
    while True:
        tail = [everything] if any(levels) else []
        parts = [*head, counts, *(form[level] for form, level in zip(forms, levels, strict=True)), *tail]
        size = sum(len(part) + 2 for part in parts) - 1
        if size <= limit or not cuts:
            break
        place, level = cuts.pop(0)
        levels[place] = level
    made = "\n\n".join(parts) + "\n"
    return made if len(made) <= limit else _shortest(head, counts, everything, limit)


def _shortest(head: list[str], counts: str, everything: str, limit: int) -> str:
    """The verdict, the numbers and the command, and of these as much as there is room for."""
    made = "\n\n".join([counts, everything, *head]) + "\n"
    return made if len(made) <= limit else made[: max(limit - 2, 0)] + "…\n"[:limit]


def _sections(body: dict[str, Any]) -> list[_Section]:
    """Everything there is to tell: what could not be judged, what hurts, and what only passed."""
    unknown = _Section("Not compared", len(body["not_run"]), _not_run(body))
    entries = [_acceptance(entry) for entry in body["acceptance"]]
    found = [unknown, _Section("Accepted changes that do not hold any more", len(entries), entries)]
    for kind, changes, groups in sections(body):
        told = [(_change(entry), _change_line(entry)) for entry in changes]
        told += [(_absence(group), _absence_line(group)) for group in groups]
        number = len(changes) + sum(len(group["behaviours"]) for group in groups)
        found.append(_Section(phrasing.KINDS[kind], number, told))
    warned = [(_deprecation(entry, body), _code(entry["behaviour"])) for entry in body["deprecations"]]
    found.append(_Section("Warned about", len(warned), warned))
    passing = [(_passing(entry), _code(entry["behaviour"])) for entry in body["passing"]]
    found.append(_Section("The same on both sides, and not on the way", len(passing), passing))
    lacks = unreachable(body)
    lines = [f"{_code(lack)}: {phrasing.count(number, 'behaviour')}" for lack, number in lacks.items()]
    found.append(_Section("On neither side", sum(lacks.values()), [(f"- {line}", line) for line in lines]))
    differs, _ = packages(body)
    rows = [f"{_code(name)} {_code(before)} → {_code(after)}" for name, before, after in differs]
    found.append(_Section("Python and packages that differ", len(rows), [(f"- {row}", row) for row in rows]))
    return [section for section in found if section.number]


def _counts(rows: list[tuple[str, int]]) -> str:
    """A table of how many there are of each kind; nothing is left out of it."""
    return "\n".join(["| what | how many |", "|---|---:|", *(f"| {name} | {number} |" for name, number in rows)])


def _change(entry: dict[str, Any]) -> str:
    lines = [_change_line(entry)]
    lines += [f"  - {_code(phrase)}" for phrase in phrasing.difference(entry["before"], entry["after"], most=200)]
    if not entry["why"]:
        # Where nobody has said yet what changed, the question says what the answers are about.
        lines.append(f"  - Asked: {_plain(entry['title'])}")
    return "\n".join([f"- {lines[0]}", *lines[1:], *_reasons(entry)])


def _change_line(entry: dict[str, Any]) -> str:
    accepted = ", accepted" if entry["accepted"] else ""
    return f"**{_code(entry['behaviour'])}**{_where(entry['at'])}{accepted}"


def _where(at: list[str]) -> str:
    return f" at {', '.join(_code(release) for release in at)}" if at else ""


def _reasons(entry: dict[str, Any]) -> list[str]:
    lines = []
    for why in entry["why"]:
        said = f"Undone: {why['changed']}" if why["back"] else why["changed"]
        lines.append(f"  - {_plain(said)} _({_plain(why['cause'])})_")
    lines += [f"  - **Do:** {_plain(do)}" for do in entry["do"]]
    return [*lines, *(f"  - **Accepted:** {_plain(reason)}" for reason in dict.fromkeys(entry["accepted"]))]


def _absence(group: dict[str, Any]) -> str:
    return "\n".join([f"- {_absence_line(group)}", *_reasons(group), f"  - {_plain(listed(group['behaviours']))}"])


def _absence_line(group: dict[str, Any]) -> str:
    said = "Gone" if group["kind"] == "removal" else "New"
    count = phrasing.count(len(group["behaviours"]), "behaviour")
    accepted = ", accepted" if group["accepted"] else ""
    return f"{said} with **{_code(group['capability'])}**: {count}{_where(group['at'])}{accepted}"


def _passing(entry: dict[str, Any]) -> str:
    lines = [f"- {_code(entry['behaviour'])}"]
    for run in entry["differs"]:
        ends = " to ".join(_code(release) for release in dict.fromkeys((run["from"], run["to"])))
        phrases = phrasing.difference(entry["value"], run["value"], most=200)
        lines += [f"  - {ends}: {_code(phrase)}" for phrase in phrases]
    return "\n".join(lines)


def _deprecation(entry: dict[str, Any], body: dict[str, Any]) -> str:
    line = f"- {_code(entry['behaviour'])} from {_code(entry['since'])} on: {_code(entry['warning'])}"
    return f"{line}\n  - {_plain(ending(entry, body))}"


def _not_run(body: dict[str, Any]) -> list[tuple[str, str]]:
    reasons: dict[tuple[str, str], int] = {}
    for entry in body["not_run"]:
        key = (body[entry["side"]], entry["reason"])
        reasons[key] = reasons.get(key, 0) + 1
    lines = [
        f"{_code(release)}: {_plain(reason)}: {phrasing.count(number, 'behaviour')}"
        for (release, reason), number in reasons.items()
    ]
    return [(f"- {line}", line) for line in lines]


def _acceptance(entry: dict[str, Any]) -> tuple[str, str]:
    said = f"expired on {entry['expires']}" if entry["state"] == "expired" else "stale, no such change on this way"
    line = f"{_code(entry['behaviour'])} at {_code(entry['release'])}: {said}"
    return f"- {line} ({_plain(entry['reason'])})", line


def _code(text: str) -> str:
    """Text in code style, whatever is in it: the fence is longer than any run of backticks within."""
    text = _short(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _plain(text: str) -> str:
    """Prose that stays prose: its code style is kept, and nothing in it is markup, or calls a person or an issue."""
    return _SPECIAL.sub(lambda found: found["code"] or _harmless(found[0]), _short(text))


# A code span ends with as many backticks as it began with; what else is special is special by itself.
_SPECIAL = re.compile(r"(?P<code>(?<!`)(?P<fence>`+)(?!`).+?(?<!`)(?P=fence)(?!`))|[\\`*_<>\[\]@#|~&$]")


def _harmless(character: str) -> str:
    """A character that stands for itself; GitHub finds a name behind `@` even where that is escaped."""
    return f"{character}&#8203;" if character in "@#" else f"\\{character}"


def _short(text: str) -> str:
    """Text on one line, whose length somebody else does not choose."""
    return phrasing.answer(" ".join(text.split()), most=_MOST)
