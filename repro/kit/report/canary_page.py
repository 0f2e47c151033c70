"""The verdict of a canary as a web page, with both distributions. Computes, never prints."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

from repro.kit.report import canary, sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The size of the drawing, and the room beside its axes, in its own units.
_WIDE, _HIGH, _LEFT, _BELOW = 920, 320, 48, 44
#: How each side is drawn: the variable that holds its colour, and the pattern of its line.
_LINES = {"stable": ("--link", ""), "candidate": ("--strong", "7 4")}


def page(body: Mapping[str, Any]) -> str:
    """The page of a verdict.

    Args:
        body: The document, as `repro.kit.report.canary.document` gives it.
    """
    title = f"Canary: {body['stable']} beside {body['candidate']}"
    parts = [
        f'<p class="says {body["verdict"]}">{html.escape(canary.says(body))}</p>',
        "<h2>Latency</h2>",
        _drawing(body),
        "<h2>Measured</h2>",
        sheet.table(canary.measured(body)),
        "<h2>Judged</h2>",
        sheet.table(_with_rules(body)),
        "<h2>Contract</h2>",
        _breaches(body),
        *[f"<p>{html.escape(remark)}</p>" for remark in canary.remarks(body)],
    ]
    return sheet.sheet(title, parts)


def _with_rules(body: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The judgements with the rule that decided each."""
    head, *rows = canary.rows(body)
    rules = [each["rule"] for each in body["judgements"]]
    return [(*head, "rule"), *((*row, rule) for row, rule in zip(rows, rules, strict=True))]


def _breaches(body: Mapping[str, Any]) -> str:
    """The differences of what is answered."""
    if not body["breaches"]:
        return "<p>Both sides answer alike.</p>"
    rows = [(each["request"], each["facet"], each["stable"], each["candidate"]) for each in body["breaches"]]
    return sheet.table([("request", "facet", "stable", "candidate"), *rows])


def _drawing(body: Mapping[str, Any]) -> str:
    """Both distributions: for each latency, the share of requests that were answered by then."""
    drawn = {name: body["measured"][name]["distribution"] for name in _LINES}
    every = [value for values in drawn.values() for value in values if value > 0]
    if not every:
        return "<p>No request was answered.</p>"
    low, high = math.log10(min(every)), math.log10(max(every))
    # Room for two values that are one, and a little beside the ends.
    low, high = low - 0.02, max(high, low + 0.1) + 0.02

    def across(seconds: float) -> float:
        return _LEFT + (math.log10(max(seconds, 10**low)) - low) / (high - low) * (_WIDE - _LEFT - 16)

    def up(share: float) -> float:
        return 12 + (1 - share) * (_HIGH - _BELOW - 12)

    parts = []
    for share in (0, 0.25, 0.5, 0.75, 0.95, 1):
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDE - 16}" y1="{up(share):.1f}" y2="{up(share):.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{up(share) + 4:.1f}" text-anchor="end">{share:.0%}</text>')
    for seconds in _ticks(low, high):
        place = across(seconds)
        parts.append(f'<line x1="{place:.1f}" x2="{place:.1f}" y1="12" y2="{_HIGH - _BELOW}"/>')
        label = html.escape(canary.milliseconds(seconds))
        parts.append(f'<text x="{place:.1f}" y="{_HIGH - _BELOW + 18}" text-anchor="middle">{label}</text>')
    for row, (name, (colour, dashes)) in enumerate(_LINES.items()):
        last = max(1, len(drawn[name]) - 1)
        points = " L ".join(f"{across(value):.1f} {up(step / last):.1f}" for step, value in enumerate(drawn[name]))
        style = f'style="stroke: var({colour})" stroke-dasharray="{dashes}"'
        if points:
            parts.append(f'<path d="M {points}" {style}/>')
        left = _LEFT + row * 220
        parts.append(f'<path d="M {left} {_HIGH - 6} h 36" {style}/>')
        parts.append(f'<text x="{left + 44}" y="{_HIGH - 2}">{name}</text>')
    told = "Share of requests answered within a latency, for stable and for the candidate"
    return f'<svg viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{told}">{"".join(parts)}</svg>'


def _ticks(low: float, high: float) -> list[float]:
    """Round latencies between two powers of ten, in seconds."""
    every = [
        step * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for step in (1, 1.5, 2, 3, 5, 7)
    ]
    return [seconds for seconds in every if low < math.log10(seconds) < high]
