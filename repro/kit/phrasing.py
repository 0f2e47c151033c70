"""Puts answers into words: what differs between two of them, as short as it can be said."""

from __future__ import annotations

import json
from typing import Any

from repro.epochs import same
from repro.kit.changes import NOTHING

#: What a kind of change is called above a list of them.
KINDS = {
    "removal": "Gone",
    "behaviour": "Silently different",
    "breaking": "Breaking",
    "unexplained": "Changed, and nobody has written why",
    "fix": "Fixed",
    "deprecation": "Deprecated",
    "addition": "New",
    "message": "Worded differently",
}


def answer(value: Any, *, most: int | None = 60) -> str:
    """An answer as a phrase, cut to `most` characters; None leaves it whole."""
    if value is NOTHING:
        return "nothing stored"
    said = _shown(value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False))
    return said if most is None else _cut(said, most)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _shown(text: str) -> str:
    r"""Text in which every character is seen: a line break as `\n`, an escape as `\x1b`."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def printable(value: Any) -> Any:
    """JSON without the characters that steer a terminal; line breaks are left in it, for prose may have them."""
    if isinstance(value, dict):
        return {printable(name): printable(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [printable(entry) for entry in value]
    return "\n".join(_shown(line) for line in value.split("\n")) if isinstance(value, str) else value


def difference(before: Any, after: Any, *, most: int = 60) -> list[str]:
    """What differs, one phrase for each place: `answer: 200 → raises RuntimeError`."""
    if isinstance(before, dict) and isinstance(after, dict):
        said = []
        for name in [*before, *(key for key in after if key not in before)]:
            one, other = before.get(name, NOTHING), after.get(name, NOTHING)
            if NOTHING in (one, other) or not same(one, other):
                said += [f"{_shown(name)}: {line}" for line in difference(one, other, most=most)]
        return said
    if isinstance(before, list) and isinstance(after, list):
        gone = [entry for entry in before if entry not in after]
        new = [entry for entry in after if entry not in before]
        if gone or new:
            return [f"{_entries(gone, most)} → {_entries(new, most)}"]
    one, other = _side(before, most), _side(after, most)
    if one == other:
        # Both were cut before the place where they differ, or differ only in what they are, as 1 and "1".
        one, other = _side(before, None), _side(after, None)
        written = [_side(value, None) if value is NOTHING else json.dumps(value) for value in (before, after)]
        if one == other:
            one, other = written
        one, other = _from_there(one, other, most)
    return [f"{one} → {other}"]


def _entries(entries: list[Any], most: int) -> str:
    """What one list has and another has not."""
    return ", ".join(answer(entry, most=most) for entry in entries) or "nothing"


def _side(value: Any, most: int | None) -> str:
    return "nothing" if value is NOTHING else answer(value, most=most)


def _from_there(one: str, other: str, most: int) -> tuple[str, str]:
    """Two texts from a little before the place where they differ."""
    alike = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    start = max(alike - most // 4, 0)
    dots = "…" if start else ""
    return _cut(dots + one[start:], most), _cut(dots + other[start:], most)


def count(number: int, noun: str) -> str:
    """A number and its noun: `1 cell`, `2 cells`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def versions(releases: list[str], subject: str) -> str:
    """Releases as a phrase: those of the same distribution as `subject` by their version alone."""
    own = subject.partition("==")[0] + "=="
    return ", ".join(release.removeprefix(own) for release in releases)
