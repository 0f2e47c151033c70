"""The verdict of a canary as a document of plain JSON, and as text and Markdown made from it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from repro.kit import phrasing
from repro.kit.report.terminal import Paint, table, wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from repro.kit.canary.contract import Contract
    from repro.kit.canary.driving import Measured
    from repro.kit.canary.judge import Verdict

#: The format of the document.
FORMAT = 1
#: The percentiles that are shown of each side.
PERCENTILES = (50, 95, 99)
#: The rule by which what passes passes.
PASSES = "What passes does so on proof: the upper end of its interval is within its limit."
#: Into how many steps a distribution is drawn.
STEPS = 200


def document(
    verdict: Verdict,
    found: Measured,
    contract: Contract,
    varying: Mapping[str, Sequence[str]],
    sides: Mapping[str, str],
    *,
    seed: int,
) -> dict[str, Any]:
    """The document of a verdict.

    Args:
        verdict: The verdict.
        found: What it was judged from.
        contract: What was sent.
        varying: The facets that vary at stable, by request.
        sides: What each side is: a release or a URL.
        seed: What decided the order and what was drawn.
    """
    body = {
        "format": FORMAT,
        "verdict": "promote" if verdict.promote else "hold",
        "kind": verdict.kind,
        "reason": verdict.reason,
        "more": verdict.more,
        "stable": sides["stable"],
        "candidate": sides["candidate"],
        "requests": [request.name for request in contract.requests],
        "limits": asdict(contract.limits),
        "judgements": [asdict(judgement) for judgement in verdict.judgements],
        "breaches": [asdict(breach) for breach in verdict.breaches],
        "varying": {name: list(facets) for name, facets in varying.items()},
        "measured": {
            arm: {
                "sent": side.sent,
                "errors": side.errors,
                "retries": side.retries,
                "connections": side.connections,
                "seconds": _percentiles(side.seconds, PERCENTILES),
                "distribution": _distribution(side.seconds),
            }
            for arm, side in found.arms.items()
        },
        "left_out": list(contract.left_out),
        "remarks": found.remarks,
        "seed": seed,
    }
    redacted: dict[str, Any] = _redacted(body, contract)
    return redacted


def _redacted(value: Any, contract: Contract) -> Any:
    """A JSON value without what came from the environment."""
    if isinstance(value, str):
        return contract.redacted(value)
    if isinstance(value, dict):
        return {contract.redacted(key): _redacted(item, contract) for key, item in value.items()}
    return [_redacted(item, contract) for item in value] if isinstance(value, list) else value


def _percentiles(seconds: Sequence[float], percents: Sequence[int]) -> dict[str, float]:
    """Percentiles of latency, in seconds."""
    ordered = sorted(seconds)
    return {f"p{percent}": ordered[max(0, -(-len(ordered) * percent // 100) - 1)] for percent in percents if ordered}


def _distribution(seconds: Sequence[float]) -> list[float]:
    """Latency at even steps from the fastest answer to the slowest, in seconds: enough to draw it."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return [ordered[round(step * last / STEPS)] for step in range(STEPS + 1)] if ordered else []


def says(body: Mapping[str, Any]) -> str:
    """The most important line: the verdict, why, and what would decide it."""
    if body["verdict"] == "promote":
        return f"PROMOTE {body['candidate']}: {body['reason']}. Exit code 0."
    more = (
        f" {phrasing.count(body['more'], 'more request')} a side would decide it, if nothing else changes."
        if body["more"]
        else ""
    )
    return f"HOLD {body['candidate']} ({body['kind']}): {body['reason']}.{more} Exit code 1."


def text(body: Mapping[str, Any], *, width: int, paint: Paint, last: bool) -> str:
    """The verdict in a terminal.

    Args:
        body: The document.
        width: The columns.
        paint: What colours it.
        last: Whether the verdict is the last line, as a terminal wants it, or the first, as a file does.
    """
    verdict = paint(says(body), "green" if body["verdict"] == "promote" else "red")
    sections = [
        [paint("Measured", "bold"), *table(measured(body))],
        [paint("Judged", "bold"), *_judged(body, width, paint)],
        _contract(body, width, paint),
        [line for remark in remarks(body) for line in wrapped(remark, width)],
    ]
    parts = ["\n".join(lines) for lines in sections if lines]
    return "\n\n".join([*parts, verdict] if last else [verdict, *parts]) + "\n"


def measured(body: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """What was measured, as rows."""
    rows: list[tuple[str, ...]] = [("", "requests", "failed", "retries", "connections", "p50", "p95", "p99")]
    names = {
        "stable": f"stable: {body['stable']}",
        "again": "stable, once more",
        "candidate": f"candidate: {body['candidate']}",
    }
    for arm, side in body["measured"].items():
        shown = [milliseconds(side["seconds"].get(f"p{percent}")) for percent in PERCENTILES]
        counts = ["-" if side[name] is None else str(side[name]) for name in ("retries", "connections")]
        rows.append((names[arm], str(side["sent"]), str(side["errors"]), *counts, *shown))
    return rows


def milliseconds(seconds: float | None) -> str:
    """A latency as it is shown."""
    return "-" if seconds is None else f"{seconds * 1000:.3g} ms"


def rows(body: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The judgements, as rows with their heads."""
    found: list[tuple[str, ...]] = [("measure", "value", "interval", "limit", "n", "p", "state")]
    for each in body["judgements"]:
        value = "-" if each["value"] is None else f"{each['value']:.3g}"
        interval = "-" if each["low"] is None else f"{each['low']:.3g} to {each['high']:.3g}"
        p = "-" if each["p"] is None else f"{each['p']:.2g}"
        found.append((each["name"], value, interval, f"{each['limit']:g}", str(each["n"]), p, each["state"]))
    return found


def _judged(body: Mapping[str, Any], width: int, paint: Paint) -> list[str]:
    """The judgements, each with the rule that decided."""
    head, *lines = table(rows(body))
    found = [paint(head, "dim")]
    for line, each in zip(lines, body["judgements"], strict=True):
        found.append(line if each["state"] == "passes" else paint(line, "yellow"))
        if each["state"] != "passes":
            more = f"; {each['more']} more requests a side would decide it" if each["more"] else ""
            found += [paint(row, "dim") for row in wrapped(f"{each['rule']}{more}", width, indent="      ")]
    return [*found, *(paint(row, "dim") for row in wrapped(PASSES, width))]


def _contract(body: Mapping[str, Any], width: int, paint: Paint) -> list[str]:
    """The differences of what is answered."""
    count = len(body["requests"])
    if not body["breaches"]:
        return [paint("Contract", "bold"), f"  {phrasing.count(count, 'request')}: answered alike"]
    found = [paint("Contract", "bold")]
    for breach in body["breaches"]:
        found.append(paint(f"  {breach['request']}: {breach['facet']}", "yellow"))
        found += wrapped(f"stable answers     {breach['stable']}", width, indent="      ")
        found += wrapped(f"candidate answers  {breach['candidate']}", width, indent="      ")
    return found


def remarks(body: Mapping[str, Any]) -> list[str]:
    """What a reader should know beside."""
    varying = [
        f"{name}: {', '.join(facets)} varies at stable itself, and was not compared"
        for name, facets in body["varying"].items()
    ]
    return [*body["remarks"], *varying, *(f"left out {entry}" for entry in body["left_out"])]


def markdown(body: Mapping[str, Any]) -> str:
    """The verdict as Markdown, for a comment or a job's summary."""
    parts = [f"## {says(body)}", _markdown_table(measured(body)), _markdown_table(rows(body))]
    rules = [
        f"- {_escaped(each['name'])}: {_escaped(each['rule'])}."
        for each in body["judgements"]
        if each["state"] != "passes"
    ]
    parts.append("\n".join([PASSES, "", *rules] if rules else [PASSES]))
    if body["breaches"]:
        parts.append(
            _markdown_table(
                [
                    ("request", "facet", "stable", "candidate"),
                    *((each["request"], each["facet"], each["stable"], each["candidate"]) for each in body["breaches"]),
                ]
            )
        )
    parts.append("\n".join(f"- {_escaped(remark)}" for remark in remarks(body)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _markdown_table(lines: Sequence[Sequence[str]]) -> str:
    """Rows as a table of Markdown."""
    head, *others = ["| " + " | ".join(_escaped(cell) or " " for cell in row) + " |" for row in lines]
    return "\n".join([head, "|" + " --- |" * len(lines[0]), *others])


def _escaped(cell: str) -> str:
    """A text that means nothing to Markdown."""
    for mark in "\\`*_[]<>|#":
        cell = cell.replace(mark, f"\\{mark}")
    return cell
