"""The report of a run in a terminal: plain lines, aligned; colour only where somebody sees it; the verdict last.

Everything here returns text and prints nothing. It needs no library, so it works where nothing could be installed.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any

from repro.kit import phrasing
from repro.kit.changes import NOT_COMPLETE, NOTHING
from repro.kit.comparison import HURTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from repro.kit.changes import Difference, Matrix, Step
    from repro.kit.comparison import Change
    from repro.record import Record

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}

#: The colour of a verdict, by its exit code.
_COLOURS = {0: "green", 1: "yellow", 3: "red"}


class Paint:
    """Colours text, or leaves it as it is.

    Args:
        coloured: Whether to colour.
    """

    def __init__(self, *, coloured: bool) -> None:
        self._coloured = coloured

    def __call__(self, text: str, style: str) -> str:
        """The text in a style: bold, dim, red, green or yellow."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._coloured and text else text


def table(rows: Sequence[Sequence[str]], *, indent: str = "  ") -> list[str]:
    """Rows as lines with aligned columns; the last column is as long as it is."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return [
        (indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]


def joined(sections: Iterable[Sequence[str]]) -> str:
    """Sections of lines as one text, with an empty line between them; one without a line is left out."""
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def answered(
    sections: Iterable[Sequence[str]], verdict: Mapping[str, Any], *, width: int, paint: Paint, last: bool
) -> str:
    """Sections of lines and what they come to, as one text.

    Args:
        sections: The sections.
        verdict: What they come to: what it `says`, and its exit `code`.
        width: The columns there are.
        paint: What colours it.
        last: Whether the verdict comes last, as in a terminal, where the end is what is seen; in a file it is first.
    """
    said = [paint(line, _COLOURS[verdict["code"]]) for line in wrapped(verdict["says"], width, indent="")]
    return joined([*sections, said] if last else [said, *sections])


def matrix(found: Matrix, *, width: int, paint: Paint, page: str | None = None) -> str:
    """The report of a run.

    Args:
        found: What the run found.
        width: The columns of the terminal.
        paint: What colours it.
        page: Where the same is as a web page; None where it is nowhere.
    """
    sections = [
        _cells(found, width, paint),
        *[_step(step, width, paint) for step in found.steps],
        _counts(found, paint),
        _differences(found, width, paint),
        [f"As a web page: {page}"] if page else [],
        [verdict(found, paint)],
    ]
    return joined(sections)


def verdict(found: Matrix, paint: Paint) -> str:
    """The most important line: what the run comes to, and what to do next."""
    unfinished = [record for record in found.records if record.outcome != "ran"]
    if found.code == NOT_COMPLETE:
        cells = len(unfinished) + len(found.missing)
        return paint(
            f"NOT COMPLETE: {phrasing.count(cells, 'cell')} of {len(found.records) + len(found.missing)} "
            "could not be built or did not finish; the reasons are below the table of cells. Exit code 3.",
            "red",
        )
    ran = f"{phrasing.count(len(found.records), 'cell')} ran"
    if found.code == 1:
        names = {d.behaviour for d in found.differences} | {n for names in found.torn.values() for n in names}
        of_releases = found.torn or any(difference.record.release.source is None for difference in found.differences)
        keep = "If that is right, keep it with: nox -s accept." if of_releases else "A checkout's answers are not kept."
        return paint(
            f"CHANGED: {ran}; {phrasing.count(len(names), 'behaviour')} not as stored. {keep} Exit code 1.", "yellow"
        )
    return paint(f"AS STORED: {ran}, and every behaviour is as its snapshot says. Exit code 0.", "green")


def cell(record: Record, differing: Sequence[str]) -> str:
    """One cell in one line, as it ends."""
    title = f"{record.release} on Python {record.python}"
    if record.outcome != "ran":
        return f"{title}: {record.outcome}: {record.reason}"
    parts = [f"{phrasing.count(_present(record), 'behaviour')}", f"{len(record.in_state('absent'))} absent"]
    if differing:
        parts.append(f"{len(differing)} not as stored: {', '.join(differing[:5])}{', ...' if differing[5:] else ''}")
    else:
        parts.append("all as stored")
    return f"{title}: ran {', '.join(parts)}"


def _present(record: Record) -> int:
    return len(record.behaviours) - len(record.in_state("absent"))


def _cells(found: Matrix, width: int, paint: Paint) -> list[str]:
    """The cells with their outcomes."""
    rows = [("release", "Python", "outcome", "behaviours", "absent", "not as stored")]
    reasons = []
    for record in found.records:
        differing = [d for d in found.differences if d.record is record]
        ran = record.outcome == "ran"
        rows.append(
            (
                str(record.release),
                record.minor,
                record.outcome,
                str(_present(record)) if ran else "-",
                str(len(record.in_state("absent"))) if ran else "-",
                str(len(differing)) if ran else "-",
            )
        )
        if not ran:
            reasons.append((f"{record.release} on Python {record.minor}", record.reason or ""))
    for name, python in found.missing:
        rows.append((name, python, "no record", "-", "-", "-"))
        reasons.append((f"{name} on Python {python}", "its session ended before the cell did; run nox again"))
    lines = table(rows)
    lines[1:] = [
        paint(line, "red") if row[2] != "ran" else paint(line, "yellow") if row[5] != "0" else line
        for line, row in zip(lines[1:], rows[1:], strict=True)
    ]
    lines[0] = paint(lines[0], "dim")
    for title, reason in reasons:
        lines += ["", *wrapped(f"{title}: {reason}", width)]
    return [paint("Cells", "bold"), *lines]


def _counts(found: Matrix, paint: Paint) -> list[str]:
    """How many behaviours changed with each release, and of which kinds, what hurts most first."""
    steps = [(step, Counter(change.kind for change in step.changes)) for step in found.steps if step.changes]
    if not steps:
        return []
    kinds = [kind for kind in HURTS if any(kind in counts for _, counts in steps)]
    rows = [("release", "after", "changed", *kinds)]
    for step, counts in steps:
        of_kinds = (str(counts[kind] or "-") for kind in kinds)
        rows.append((str(step.after), str(step.before), str(len(step.changes)), *of_kinds))
    lines = table(rows)
    return [paint("Changed", "bold"), paint(lines[0], "dim"), *lines[1:]]


def _step(step: Step, width: int, paint: Paint) -> list[str]:
    """What changed from one release to the next."""
    changed = phrasing.count(len(step.changes), "behaviour") if step.changes else "no behaviour"
    lines = [paint(f"{step.after}: {changed} changed after {step.before}", "bold")]
    for change in step.changes:
        lines += _change(change, step, width, paint)
    return lines


def _change(change: Change, step: Step, width: int, paint: Paint) -> list[str]:
    notes = [crossing.note for crossing in change.crossings if crossing.note]
    kinds = "/".join(dict.fromkeys(note.kind for note in notes))
    passed = [crossing.release.version for crossing in change.crossings]
    # Where it happened is worth a word only if it was not at the release that the section is about.
    since = f"at {', '.join(passed)}" if passed and passed != [step.after.version] else ""
    head = "  ".join(part for part in (change.behaviour, kinds and f"[{kinds}]", since) if part)
    lines = [f"  {head}"]
    for phrase in phrasing.difference(change.before, change.after):
        lines += wrapped(phrase, width, indent="      ")
    for note in notes:
        lines += [paint(line, "dim") for line in wrapped(note.changed, width, indent="      ")]
    return lines


def _differences(found: Matrix, width: int, paint: Paint) -> list[str]:
    """What is not as it is stored, and what is not the same under every Python."""
    if not found.differences and not found.torn:
        return []
    lines = [paint("Not as stored", "bold")]
    grouped: dict[tuple[str, str, str], list[Difference]] = {}
    for difference in found.differences:
        key = (difference.behaviour, difference.state, "\n".join(_said(difference)))
        grouped.setdefault(key, []).append(difference)
    for key in sorted(grouped):
        (behaviour, state, said), same = key, grouped[key]
        where = ", ".join(dict.fromkeys(f"{d.record.release} on {d.record.minor}" for d in same))
        lines.append(paint(f"  {behaviour}", "yellow") + (f"  [{state}]" if state != "observed" else ""))
        for line in said.splitlines():
            lines += wrapped(line, width, indent="      ")
        lines += [paint(line, "dim") for line in wrapped(f"under {where}", width, indent="      ")]
        lines += [f"      pytest {same[0].record.behaviours[behaviour].test}"]
    for release, names in found.torn.items():
        lines += wrapped(f"{release} answers differently under different Pythons: {', '.join(names)}", width)
    return lines


def _said(difference: Difference) -> list[str]:
    if difference.state == "unstable":
        first, second = (phrasing.answer(value) for value in difference.after)
        return [f"answered {first}, and in a fresh process {second}"]
    if difference.state == "failed":
        return [phrasing.answer(difference.after, most=200)]
    if difference.before is NOTHING:
        return [f"new: {phrasing.answer(difference.after)}"]
    return phrasing.difference(difference.before, difference.after)


def wrapped(text: str, width: int, *, indent: str = "  ") -> list[str]:
    """A text as indented lines of at most `width` characters; words are never broken."""
    return textwrap.wrap(
        text, max(width, 60), initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=False
    )
