"""The changelogs, held to what was seen, in a terminal: plain lines, aligned and wrapped; the summary last."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from repro.kit import changelog, phrasing
from repro.kit.changelog import HIDDEN, SEEN, STATES, UNASKED, UNSEEN
from repro.kit.report.terminal import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro.kit.changelog import Held, Section
    from repro.kit.report.terminal import Paint

_STYLES = {SEEN: "green", UNSEEN: "red", UNASKED: "yellow", HIDDEN: "dim"}
_WIDTH = max(map(len, STATES))


def text(found: Sequence[Section], *, width: int, paint: Paint) -> str:
    """Each release with its lines and what no line mentions, then what they come to.

    Args:
        found: The releases.
        width: The columns of the terminal.
        paint: What colours it.
    """
    parts = [*(_section(section, width, paint) for section in found), [_summary(found)]]
    return joined(parts)


def _section(section: Section, width: int, paint: Paint) -> list[str]:
    head = f"{section.release}: {phrasing.count(len(section.held), 'line') if section.held else 'no section'}"
    lines = [paint(head, "bold")]
    for held in section.held:
        lines += _line(held, width, paint)
    if section.unmentioned:
        lines += _wrapped("not mentioned".ljust(_WIDTH), ", ".join(section.unmentioned), width)
    return lines


def _line(held: Held, width: int, paint: Paint) -> list[str]:
    pulls = ", ".join(each if "#" in each else f"#{each}" for each in held.line.pull)
    said = f"{held.line.says} ({pulls})" if pulls else held.line.says
    first, *rest = _wrapped(held.state.ljust(_WIDTH), said, width)
    first = first.replace(held.state, paint(held.state, _STYLES[held.state]), 1)
    below = _wrapped(" " * _WIDTH, held.why or ", ".join(held.shown), width)
    return [first, *rest, *(paint(line, "dim") for line in below)]


def _summary(found: Sequence[Section]) -> str:
    states = [held.state for section in found for held in section.held]
    seen, observable = changelog.share(found)
    counted = ", ".join(f"{states.count(state)} {state}" for state in STATES)
    share = f" Of {observable} that a caller could see, {seen / observable:.0%} are seen." if observable else ""
    unmentioned = sum(len(section.unmentioned) for section in found)
    changes = phrasing.count(unmentioned, "change")
    return f"CHANGELOG: of {phrasing.count(len(states), 'line')}, {counted}.{share} No line mentions {changes}."


def _wrapped(head: str, said: str, width: int) -> list[str]:
    return textwrap.wrap(
        f"{head}  {said}",
        max(width, 60),
        initial_indent="  ",
        subsequent_indent=" " * (_WIDTH + 4),
        break_long_words=False,
        break_on_hyphens=False,
    )
