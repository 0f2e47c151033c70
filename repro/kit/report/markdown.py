"""A comparison as Markdown, for the comment of a pull request: never longer than a comment may be, and never silent.

What does not fit is said in a line a change, and then as a count, the least hurting kinds first; the verdict, the
counts of every kind and the command that shows the rest are always there.
"""

from __future__ import annotations

import re
from typing import Any

from repro.kit import phrasing
from repro.kit.report.document import absences, by_kind, unreachable
from repro.kit.report.text import ending, listed

#: The most characters of a comment on GitHub; GitLab's limit is higher.
LIMIT = 65_536

# How much is said of each kind of change, from everything to a number.
_FULL, _LINE, _COUNT = 0, 1, 2


def markdown(body: dict[str, Any], *, limit: int = LIMIT) -> str:
    """A comparison as Markdown.

    Args:
        body: Its document.
        limit: The most characters that it may have.
    """
    parts = [*by_kind(body), "passing", "absent", "deprecations", "not_run"]
    detail = dict.fromkeys(parts, _FULL)
    # The last of a kind in this order is cut first, and nothing to a number while something is still told in full.
    cuts = [(part, level) for level in (_LINE, _COUNT) for part in reversed(parts)]
    made = _render(body, detail)
    for part, level in cuts:
        if len(made) <= limit:
            break
        detail[part] = level
        made = _render(body, detail)
    return made


def _render(body: dict[str, Any], detail: dict[str, int]) -> str:
    sections = [f"## `{body['from']}` → `{body['to']}`", f"**{_plain(body['verdict']['says'])}**", _counts(body)]
    for kind, entries in by_kind(body).items():
        blocks = [(_change(entry), _change_line(entry)) for entry in entries]
        sections += _section(phrasing.KINDS[kind], blocks, detail[kind])
    groups = [(_absence(group), _absence_line(group)) for group in absences(body)]
    sections += _section("There on one side only", groups, detail["absent"])
    passing = [(_passing(entry), _code(entry["behaviour"])) for entry in body["passing"]]
    sections += _section("The same on both sides, and not on the way", passing, detail["passing"])
    warned = [(_deprecation(entry, body), _code(entry["behaviour"])) for entry in body["deprecations"]]
    sections += _section("Warned about", warned, detail["deprecations"])
    sections += _section("Not compared", _not_run(body), detail["not_run"])
    sections += [f"On neither side: {_code(lack)}, {number}." for lack, number in unreachable(body).items()]
    sections += _acceptance(body)
    if any(detail.values()):
        sections.append(f"Everything: `nox -s compare -- {body['from']} {body['to']}`")
    return "\n\n".join(section for section in sections if section) + "\n"


def _counts(body: dict[str, Any]) -> str:
    """A table of how many there are of each kind; nothing is left out of it."""
    rows = [(phrasing.KINDS[kind], len(entries)) for kind, entries in by_kind(body).items()]
    rows += [
        ("There on one side only", sum(len(group["behaviours"]) for group in absences(body))),
        ("The same on both sides, and not on the way", len(body["passing"])),
        ("Warned about", len(body["deprecations"])),
        ("Unchanged", body["unchanged"]),
        ("Not compared", len(body["not_run"])),
    ]
    return "\n".join(["| what | behaviours |", "|---|---:|", *(f"| {name} | {number} |" for name, number in rows)])


def _section(title: str, blocks: list[tuple[str, str]], detail: int) -> list[str]:
    """A heading and what is below it, as much as `detail` says."""
    if not blocks:
        return []
    heading = f"### {title}"
    if detail == _FULL:
        return [heading, *(full for full, _ in blocks)]
    if detail == _LINE:
        return [heading, "\n".join(f"- {line}" for _, line in blocks)]
    return [heading, f"{len(blocks)}, not listed here to keep within the size of a comment."]


def _change(entry: dict[str, Any]) -> str:
    lines = [_change_line(entry)]
    lines += [f"  - {_code(phrase)}" for phrase in phrasing.difference(entry["before"], entry["after"], most=200)]
    return "\n".join([f"- {lines[0]}", *lines[1:], *_reasons(entry)])


def _change_line(entry: dict[str, Any]) -> str:
    accepted = f" (accepted: {_plain(entry['accepted'][0])})" if entry["accepted"] else ""
    return f"**{_code(entry['behaviour'])}**{_where(entry['at'])}{accepted}"


def _where(at: list[str]) -> str:
    return f" at {', '.join(_code(release) for release in at)}" if at else ""


def _reasons(entry: dict[str, Any]) -> list[str]:
    lines = []
    for why in entry["why"]:
        said = f"Undone: {why['changed']}" if why["back"] else why["changed"]
        lines.append(f"  - {_plain(said)} _({_plain(why['cause'])})_")
    return [*lines, *(f"  - **Do:** {_plain(do)}" for do in entry["do"])]


def _absence(group: dict[str, Any]) -> str:
    return "\n".join([f"- {_absence_line(group)}", *_reasons(group), f"  - {_plain(listed(group['behaviours']))}"])


def _absence_line(group: dict[str, Any]) -> str:
    said = "gone" if group["kind"] == "removal" else "new"
    count = phrasing.count(len(group["behaviours"]), "behaviour")
    return f"**{_code(group['capability'])}** {said}: {count}{_where(group['at'])}"


def _passing(entry: dict[str, Any]) -> str:
    lines = [f"- {_code(entry['behaviour'])}"]
    for run in entry["differs"]:
        ends = " to ".join(_code(release) for release in dict.fromkeys((run["from"], run["to"])))
        phrases = phrasing.difference(entry["value"], run["value"], most=200)
        lines += [f"  - {ends}: {_code(phrase)}" for phrase in phrases]
    return "\n".join(lines)


def _deprecation(entry: dict[str, Any], body: dict[str, Any]) -> str:
    line = f"- {_code(entry['behaviour'])} since {_code(entry['since'])}: {_code(entry['warning'])}"
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


def _acceptance(body: dict[str, Any]) -> list[str]:
    lines = [
        f"- {_code(entry['behaviour'])} at {_code(entry['release'])}: {entry['state']}"
        + (f" since {entry['expires']}" if entry["state"] == "expired" else ", no such change on this way")
        + f" ({_plain(entry['reason'])})"
        for entry in body["acceptance"]
    ]
    return ["### Accepted changes that do not hold any more", "\n".join(lines)] if lines else []


def _code(text: str) -> str:
    """Text in code style, whatever is in it: the fence is longer than any run of backticks within."""
    text = re.sub(r"\s+", " ", text)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _plain(text: str) -> str:
    """Prose that stays prose: its code style is kept, and nothing in it is markup or calls a person."""
    pieces = re.split(r"(`[^`]*`)", re.sub(r"\s+", " ", text))
    return "".join(p if p.startswith("`") else re.sub(r"([\\*_<>\[\]@#|~])", r"\\\1", p) for p in pieces)
