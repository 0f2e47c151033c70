"""What an upgrade costs or saves, as a document of plain JSON, as text, and as a web page with plots."""

from __future__ import annotations

import html
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from repro.kit.report import sheet
from repro.kit.report.terminal import Paint, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from repro.kit.costs import Ratio

#: The measure that compares a release with itself.
PROTOCOLS = "HTTP/2 against HTTP/1.1, p50, of each release itself"

#: The format of the document.
FORMAT = 1
#: What a ratio has to be away from 1 before it is spoken of, however sure it is.
NOTABLE = 0.01
#: How many measures the most important line names.
_NAMED = 4
#: The size of a plot, the height of one of its rows, and the room of its names, in its own units.
_WIDE, _ROW, _LEFT = 920, 28, 220
#: What is better the more there is of it.
_MORE = "requests a second"


def document(ratios: Sequence[Ratio], releases: Sequence[str], *, rounds: int, seed: int) -> dict[str, Any]:
    """The document of a run.

    Args:
        ratios: What was computed, measure by measure.
        releases: The releases; the first is what the others are compared with.
        rounds: How many processes each release got.
        seed: What decided the order and what was drawn.
    """
    measures: dict[str, list[dict[str, Any]]] = {}
    for each in ratios:
        entry = asdict(each)
        measures.setdefault(entry.pop("measure"), []).append(entry)
    return {
        "format": FORMAT,
        "first": releases[0],
        "releases": list(releases),
        "rounds": rounds,
        "seed": seed,
        "measures": measures,
    }


def _shown(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    """A ratio, its interval, and in one word what it says."""
    if entry["value"] is None:
        return "-", "-", "not measured"
    more, less = entry["low"] > 1 + NOTABLE, entry["high"] < 1 - NOTABLE
    return (
        f"{entry['value']:.3g}x",
        f"{entry['low']:.3g} to {entry['high']:.3g}",
        "more" if more else "less" if less else "no difference shown",
    )


def rows(body: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Every ratio as a row, with their head."""
    found: list[tuple[str, ...]] = [("measure", "release", "ratio", "interval", "n", "")]
    for measure, entries in body["measures"].items():
        for entry in entries:
            value, interval, says = _shown(entry)
            found.append((measure, entry["release"], value, interval, str(entry["n"]), says))
    return found


def text(body: Mapping[str, Any], *, paint: Paint, last: bool) -> str:
    """The ratios as a table.

    Args:
        body: The document.
        paint: What colours it.
        last: Whether the most important line is the last one, as a terminal wants it, or the first, as a file does.
    """
    head, *lines = table(rows(body), indent="")
    painted = [paint(head, "dim")]
    for line, row in zip(lines, rows(body)[1:], strict=True):
        worse = "less" if row[0].startswith(_MORE) else "more"
        painted.append(paint(line, "yellow") if row[-1] == worse and row[0] != PROTOCOLS else line)
    said = [says(body)]
    return "\n".join([*painted, "", *said] if last else [*said, "", *painted]) + "\n"


def says(body: Mapping[str, Any]) -> str:
    """The most important line: what is shown to be worse, and by how much."""
    worse = [
        f"{measure} {entry['value']:.3g}x under {entry['release']}"
        for measure, entries in body["measures"].items()
        for entry in entries
        if measure != PROTOCOLS and _worse(measure, entry)
    ]
    if not worse:
        return f"Nothing is shown to cost more than under {body['first']}."
    others = f"; and {len(worse) - _NAMED} more" if worse[_NAMED:] else ""
    return f"Costs more than {body['first']}: {'; '.join(worse[:_NAMED])}{others}."


def _worse(measure: str, entry: Mapping[str, Any]) -> bool:
    """Whether a release is shown to cost more."""
    if entry["value"] is None:
        return False
    return bool(entry["high"] < 1 - NOTABLE if measure.startswith(_MORE) else entry["low"] > 1 + NOTABLE)


def page(body: Mapping[str, Any]) -> str:
    """The ratios as a web page: a plot of each measure, and the table."""
    parts = [
        f'<p class="says">{html.escape(says(body))}</p>',
        f"<p>Each ratio is to {html.escape(body['first'])}, from {body['rounds']} processes a release in one run.</p>",
        "<p>The line through each point holds the true ratio in 95 of 100 runs.</p>",
    ]
    for measure, entries in body["measures"].items():
        if drawn := [entry for entry in entries if entry["value"] is not None]:
            parts += [f"<h2>{html.escape(measure)}</h2>", _plot(measure, drawn)]
    parts += ["<h2>Every ratio</h2>", sheet.table(rows(body))]
    return sheet.sheet(f"What an upgrade from {body['first']} costs", parts)


def _plot(measure: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """The ratios of a measure with their intervals, on a logarithmic axis with a line at no change."""
    low = min(0.8, *(entry["low"] for entry in entries))
    high = max(1.25, *(entry["high"] for entry in entries))
    span = math.log(high / low)

    def across(value: float) -> float:
        return _LEFT + 12 + math.log(value / low) / span * (_WIDE - _LEFT - 70)

    height = _ROW * len(entries) + 30
    parts = []
    for tick in _ticks(low, high):
        place = across(tick)
        parts.append(f'<line x1="{place:.1f}" x2="{place:.1f}" y1="4" y2="{height - 24}"/>')
        parts.append(f'<text x="{place:.1f}" y="{height - 8}" text-anchor="middle">{tick:g}x</text>')
    parts.append(f'<path d="M {across(1):.1f} 4 V {height - 24}" style="stroke: var(--edge)"/>')
    for row, entry in enumerate(entries):
        y = 4 + _ROW * row + _ROW / 2
        colour = "--strong" if _worse(measure, entry) else "--link"
        parts.append(f'<text x="{_LEFT}" y="{y + 4:.1f}" text-anchor="end">{html.escape(entry["release"])}</text>')
        parts.append(
            f'<path d="M {across(entry["low"]):.1f} {y:.1f} H {across(entry["high"]):.1f}" '
            f'style="stroke: var({colour})"/>'
        )
        point = across(entry["value"])
        parts.append(f'<circle cx="{point:.1f}" cy="{y:.1f}" r="5" style="fill: var({colour})"/>')
        parts.append(f'<text x="{_WIDE - 52}" y="{y + 4:.1f}">{entry["value"]:.3g}x</text>')
    told = html.escape(f"{measure}: the ratio of each release, with its interval")
    return f'<svg viewBox="0 0 {_WIDE} {height}" role="img" aria-label="{told}">{"".join(parts)}</svg>'


def _ticks(low: float, high: float) -> list[float]:
    """Round ratios between two, the fewer for each power of ten the more of these there are."""
    powers = math.log10(high / low)
    steps = (1, 1.25, 1.5, 2, 3, 5, 7) if powers < 1 else (1, 2, 5) if powers < 3 else (1,)  # noqa: PLR2004
    every = [step * 10.0**power for power in range(-4, 5) for step in steps] + ([0.8, 0.9, 1.1] if powers < 1 else [])
    return sorted(value for value in every if low <= value <= high)
