"""The advisory's claims and the advice in a terminal: plain lines, wrapped; the most important line last."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from repro.kit import phrasing
from repro.kit.advisory import FAILS, HOLDS, OPEN
from repro.kit.report.terminal import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro.kit.advisory import Advice, Evidence, Verdict
    from repro.kit.report.terminal import Paint

_STYLES = {HOLDS: "green", FAILS: "red", OPEN: "yellow"}
_COUNTED = {HOLDS: ("holds", "hold"), FAILS: ("does not hold", "do not hold"), OPEN: (OPEN, OPEN)}
_MARKS = {True: "as claimed", False: "otherwise", None: "unknown"}


def text(verdicts: Sequence[Verdict], advice: Sequence[Advice], source: str, *, width: int, paint: Paint) -> str:
    """The claims with their verdicts and evidence, then the advice.

    Args:
        verdicts: What became of each claim.
        advice: What to take of each line.
        source: Where the advisory was published.
        width: The columns of the terminal.
        paint: What colours it.
    """
    sections = [
        [paint("The advisory's claims", "bold"), *_wrapped(f"as published at {source}", width, 2)],
        *[_claim(verdict, width, paint) for verdict in verdicts],
        *[_line(each, width, paint) for each in advice],
        _summary(verdicts, advice, width, paint),
    ]
    return joined(sections)


def _claim(verdict: Verdict, width: int, paint: Paint) -> list[str]:
    """One claim: its verdict, how it is understood, and what was found."""
    claim = verdict.claim
    lines = [paint(verdict.verdict.upper(), _STYLES[verdict.verdict]) + f"  {claim.id}"]
    lines += _wrapped(f"The advisory {claim.stance}: {claim.claim}", width, 2)
    lines += [paint(line, "dim") for line in _wrapped(f"Read as: {claim.reading}", width, 2)]
    if claim.missing:
        lines += _wrapped(f"Missing: {claim.missing}", width, 2)
    for (behaviour, expected, reason), found in groupby(
        verdict.evidence, lambda each: (each.behaviour, each.expected, each.reason)
    ):
        lines += _evidence(f"{behaviour}, expected {expected}", reason, list(found), width, paint)
    return lines


def _evidence(head: str, reason: str, found: Sequence[Evidence], width: int, paint: Paint) -> list[str]:
    """What was found for one expectation, and why it decides."""
    lines = _wrapped(head, width, 4)
    for each in found:
        lines += _wrapped(f"{_MARKS[each.as_expected]}  {each.where}: {each.found}", width, 6)
    return [*lines, *(paint(line, "dim") for line in _wrapped(reason, width, 6))]


def _line(advice: Advice, width: int, paint: Paint) -> list[str]:
    """What to take of one line, and what is against each other release of it."""
    lines = [paint(f"Advice for {advice.line}: {_taken(advice)}", "bold")]
    for sentence in advice.beside:
        lines += _wrapped(f"Under {sentence}", width, 2)
    for releases, reasons in advice.why_not:
        lines += _wrapped(f"not {releases}:", width, 2)
        for reason in reasons:
            lines += [paint(line, "dim") for line in _wrapped(reason, width, 6)]
    return lines


def _taken(advice: Advice) -> str:
    if advice.closest:
        release, lacks = advice.closest
        return f"none is safe; the closest, {release.version}, misses {phrasing.count(len(lacks), 'requirement')}"
    assert advice.earliest
    return f"{advice.earliest.version}{' or later' if advice.onward else ', and not each that is later'}"


def _summary(verdicts: Sequence[Verdict], advice: Sequence[Advice], width: int, paint: Paint) -> list[str]:
    """The most important lines: what the claims come to, and what to do."""
    outcomes = [verdict.verdict for verdict in verdicts]
    counted = ", ".join(
        f"{number} {words[number != 1]}" for outcome, words in _COUNTED.items() if (number := outcomes.count(outcome))
    )
    taken = "; ".join(
        f"{each.earliest.distribution} {each.earliest.version}{' or later' if each.onward else ''}"
        for each in advice
        if each.earliest
    )
    none = ", ".join(each.line for each in advice if not each.earliest)
    told = [f"For this reproduction take {taken}." if taken else "", f"None of {none} is safe for it." if none else ""]
    return [
        f"CLAIMS: of {len(verdicts)}, {counted}.",
        *(paint(line, "green") for line in _wrapped(f"ADVICE: {' '.join(filter(None, told))}", width, 0)),
    ]


def _wrapped(said: str, width: int, indent: int) -> list[str]:
    return textwrap.wrap(
        said,
        max(width, 60),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
