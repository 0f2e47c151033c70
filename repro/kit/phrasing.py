"""Puts answers into words: what differs between two of them, as short as it can be said."""

from __future__ import annotations

import json
from typing import Any

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


def answer(value: Any, *, most: int = 60) -> str:
    """An answer as a phrase, cut to `most` characters."""
    if value is NOTHING:
        return "nothing stored"
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return said if len(said) <= most else said[: most - 1] + "…"


def difference(before: Any, after: Any, *, most: int = 60) -> list[str]:
    """What differs, one phrase for each place: `answer: 200 → raises RuntimeError`."""
    if isinstance(before, dict) and isinstance(after, dict):
        said = []
        for name in [*before, *(key for key in after if key not in before)]:
            one, other = before.get(name, NOTHING), after.get(name, NOTHING)
            if one != other:
                said += [f"{name}: {line}" for line in difference(one, other, most=most)]
        return said
    if isinstance(before, list) and isinstance(after, list):
        gone = [entry for entry in before if entry not in after]
        new = [entry for entry in after if entry not in before]
        if gone or new:
            return [f"{_entries(gone, most)} → {_entries(new, most)}"]
    return [f"{_side(before, most)} → {_side(after, most)}"]


def _entries(entries: list[Any], most: int) -> str:
    """What one list has and another has not."""
    return ", ".join(answer(entry, most=most) for entry in entries) or "nothing"


def _side(value: Any, most: int) -> str:
    return "nothing" if value is NOTHING else answer(value, most=most)


def count(number: int, noun: str) -> str:
    """A number and its noun: `1 cell`, `2 cells`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def versions(releases: list[str], subject: str) -> str:
    """Releases as a phrase: those of the same distribution as `subject` by their version alone."""
    own = subject.partition("==")[0] + "=="
    return ", ".join(release.removeprefix(own) for release in releases)
