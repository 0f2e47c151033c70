"""What the behaviours reach of a release, in a terminal: modules, then what is left with its reason; the sum last."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from repro.kit import phrasing
from repro.kit.reach import share
from repro.kit.report.terminal import joined, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro.kit.reach import Gap, Held, Module, Reach, Reason
    from repro.kit.report.terminal import Paint

_HEAD = ("module", "statements", "missed", "reached", "branches", "missed", "reached")


def text(reach: Reach, held: Held, *, bound: float | None, width: int, paint: Paint) -> str:
    """A table of the modules, what is not reached by its reason, and what it comes to.

    Args:
        reach: What was reached.
        held: What was not, held to the reasons that are kept.
        bound: The per cent of lines that are wanted; None where none are.
        width: The columns of the terminal.
        paint: What colours it.
    """
    title = f"What the behaviours reach of {reach.release} on Python {reach.python}"
    rows = [_HEAD, *(_row(module) for module in (*reach.modules, reach.all))]
    unnamed = held.why.get(None, [])
    sections = [
        [paint(title, "bold"), *table(rows)],
        *(_gaps(reason, gaps, width, paint) for reason, gaps in held.why.items() if reason is not None),
        [paint("Not reached, and no reason is kept:", "red"), *_places(unnamed)] if unnamed else [],
        [paint("Reasons of nothing, for all of it is reached:", "red"), *_stale(held.stale)] if held.stale else [],
        [_verdict(reach, held, bound, paint)],
    ]
    return joined(sections)


def _row(module: Module) -> tuple[str, ...]:
    lines = _counted(module.statements, module.missed)
    return (module.name, *lines, *_counted(module.branches, module.untaken))


def _counted(of: int, missed: int) -> tuple[str, str, str]:
    return str(of), str(missed), f"{share(of - missed, of):.1f}%"


def _gaps(reason: str, gaps: Sequence[Gap], width: int, paint: Paint) -> list[str]:
    said = textwrap.wrap(f"Not reached: {reason}", max(width, 60), subsequent_indent="  ", break_on_hyphens=False)
    return [*(paint(line, "bold") for line in said), *_places(gaps)]


def _places(gaps: Sequence[Gap]) -> list[str]:
    """The places of gaps: module, function, lines."""
    places = groupby(gaps, key=lambda gap: (gap.module, gap.name))
    return table([(module, name, ", ".join(gap.lines for gap in group)) for (module, name), group in places])


def _stale(reasons: Sequence[Reason]) -> list[str]:
    return table([(each.module, each.name or "", each.at or "", each.reason) for each in reasons])


def _verdict(reach: Reach, held: Held, bound: float | None, paint: Paint) -> str:
    whole = reach.all
    lines = share(whole.statements - whole.missed, whole.statements)
    branches = share(whole.branches - whole.untaken, whole.branches)
    said = (
        f"REACHED: {lines:.1f} % of {phrasing.count(whole.statements, 'line')} and "
        f"{branches:.1f} % of {whole.branches} branches of {reach.release}; "
        f"{phrasing.count(len(held.why.get(None, [])), 'gap')} without a reason, "
        f"{phrasing.count(len(held.stale), 'stale reason')}."
    )
    if reach.doubtful:
        said += f" Not as stored: {', '.join(reach.doubtful)}."
    if not reach.suffices(bound):
        return paint(f"{said} Wanted are {bound:g} % of lines. Exit code 1.", "red")
    return paint(f"{said} Exit code 0.", "green")
