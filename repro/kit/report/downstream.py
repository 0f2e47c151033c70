"""What an upgrade does to a project of somebody else, as a document of plain JSON, as text and as Markdown."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from repro.kit.downstream.trial import BAD, GOOD
from repro.kit.report.terminal import Paint, joined, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from repro.kit.downstream.grounds import Ground, Notice
    from repro.kit.downstream.trial import Frame, Trial
    from repro.kit.downstream.upgrade import Upgrade

#: The format of the document.
FORMAT = 1
#: How many of the tests that broke alike are named in text; the document names them all.
_NAMED = 5
#: How many kinds of failure under both are told in text, and how much of what each says, in characters.
_KINDS, _WIDE = 3, 160
_STYLES = {"removal": "red", "behaviour": "red", "breaking": "red", "unexplained": "red"}


def document(
    found: Upgrade,
    project: Mapping[str, Any],
    grounds: Mapping[str, Sequence[Ground]],
    notices: Sequence[Notice],
    companions: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """The document of an upgrade.

    Args:
        found: What the upgrade does.
        project: What was run and how it was held: name, asked, python, held, command, redirected.
        grounds: The stored changes that fit each regression, by test.
        notices: The deprecation warnings of the project that the kit knows.
        companions: What is said of the packages beside httpx that a regression involves, by test.
    """
    first, last = found.releases[0], found.releases[-1]
    cells = [_cell(release, trial, found) for release, trial in found.trials.items()]
    body: dict[str, Any] = {
        "format": FORMAT,
        "project": dict(project),
        "from": str(first),
        "to": str(last),
        "releases": [str(release) for release in found.releases],
        "cells": cells,
        "cells_run": found.cells,
        "regressions": _regressions(found, grounds, companions),
        "tests": {
            each.test: {"verdict": each.verdict, "before": each.before.state, "after": each.after.state}
            for each in found.verdicts
        },
        "bad_under_both": _broken(found),
        "outputs": [
            {**drift.data(), "since": str(found.drifted[drift.name]) if drift.name in found.drifted else None}
            for drift in found.drifts
        ],
        "warnings": [_notice(notice) for notice in notices],
    }
    body["verdict"] = {"code": found.code, "says": _says(body, found)}
    return body


def _cell(release: object, trial: Trial, found: Upgrade) -> dict[str, Any]:
    states = [test.state for test in trial.tests.values()]
    base = found.before.packages
    return {
        "release": str(release),
        "outcome": trial.outcome,
        "reason": trial.reason,
        "good": sum(state in GOOD for state in states),
        "bad": sum(state in BAD for state in states),
        "skipped": sum(state == "skipped" for state in states),
        "uncollected": {path: failure.says for path, failure in trial.uncollected.items()},
        "regressed": len(found.between[trial.release]) if trial.release in found.between else None,
        "seconds": round(trial.seconds, 1),
        "refused": trial.refused,
        "held": trial.held,
        "moved": [
            f"{name} {base.get(name, 'absent')} -> {trial.packages.get(name, 'absent')}"
            for name in sorted({*base, *trial.packages})
            if base.get(name) != trial.packages.get(name)
        ]
        if trial.packages
        else [],
    }


def _regressions(
    found: Upgrade, grounds: Mapping[str, Sequence[Ground]], companions: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """What regressed, the tests that broke alike together: same release, same words, same fitting changes."""
    groups: dict[tuple[str, str, str], dict[str, Any]] = {}
    for test in sorted({*found.began, *(each.test for each in found.of("regressed"))}):
        good, bad = found.began.get(test, (None, None))
        failure = found.failures.get(test)
        fits = grounds.get(test, ())
        key = str(bad), failure.kin if failure else "", " ".join(ground.behaviour for ground in fits)
        where = failure.frames if failure else ()
        group = groups.setdefault(
            key,
            {
                "good": str(good) if good else None,
                "bad": str(bad) if bad else None,
                "unknown": [str(r) for r in found.releases[found.releases.index(good) + 1 : found.releases.index(bad)]]
                if good and bad
                else None,
                "failure": failure.says if failure else "",
                "places": _places(where),
                "tests": [],
                "changes": [_ground(ground) for ground in fits],
                "companions": sorted(companions.get(test, ())),
            },
        )
        group["tests"].append(test)
    return sorted(groups.values(), key=lambda group: (_at(group, found), -len(group["tests"]), group["failure"]))


def _at(group: Mapping[str, Any], found: Upgrade) -> int:
    """Where in the way a group of regressions began; at the end where that was not looked for."""
    names = [str(release) for release in found.releases]
    return names.index(group["bad"]) if group["bad"] else len(names)


def _broken(found: Upgrade) -> list[dict[str, Any]]:
    """Why tests are bad under both, the most frequent first: such tests say nothing of the upgrade."""
    kinds: dict[str, dict[str, Any]] = {}
    for each in found.of("same"):
        failure = each.before.failure
        if each.before.state in BAD and failure is not None:
            entry = kinds.setdefault(failure.kin, {"failure": failure.says, "tests": 0, "first": each.test})
            entry["tests"] += 1
    return sorted(kinds.values(), key=lambda entry: (-entry["tests"], entry["first"]))


def _places(frames: Sequence[Frame]) -> list[str]:
    """The lines of the project that led to a failure, the innermost last, at most three."""
    own = [frame for frame in frames if frame.place == "tree"]
    return [f"{frame.path}:{frame.line} in {frame.function}: {frame.code.strip()}" for frame in own[-3:]]


def _ground(ground: Ground) -> dict[str, Any]:
    note = ground.note
    return {
        "release": str(ground.release),
        "behaviour": ground.behaviour,
        "kind": ground.kind,
        "why": ground.why,
        "changed": note.changed if note else None,
        "cause": note.cause if note else None,
        "do": note.do if note else None,
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "warning": f"{notice.warned.category.rpartition('.')[2]}: {notice.warned.message}",
        "places": list(notice.places),
        "tests": notice.tests,
        "until": str(notice.until) if notice.until else None,
        "error": notice.removed,
        "behaviour": notice.behaviour,
        "do": notice.note.do if notice.note else None,
    }


def _silent(body: Mapping[str, Any], found: Upgrade) -> str | None:
    """The most important line where nothing can be compared; None where something can."""
    here, there = body["from"], body["to"]
    if found.before.outcome != "ran":
        why = f" ({found.before.reason})" if found.before.reason else ""
        return f"NOTHING TO COMPARE: under {here}, which the project has, it is {found.before.outcome}{why}."
    if found.after is None:
        says = "name the tests' command with --command."
        if missing := [failure.says for failure in found.before.uncollected.values()]:
            count = _count(len(missing), "file")
            says = f"{count} could not be collected ({missing[0]}); give what is missing with --with."
        return f"NOTHING TO COMPARE: no test ran under {here}; {says}"
    if found.after.outcome == "not-installable":
        anyway = "--anyway passes over what it asks of httpx"
        return f"NOT INSTALLABLE: the project cannot be installed with {there}; {anyway}."
    if found.gone:
        return f"NOTHING TO COMPARE: no test that is good under {here} is there under {there}."
    return None


def _says(body: Mapping[str, Any], found: Upgrade) -> str:
    """The most important line."""
    if silent := _silent(body, found):
        return silent
    to = body["to"]
    assert found.after is not None
    regressed, unstable = found.of("regressed"), found.of("unstable")
    drifted = [drift for drift in found.drifts if drift.state != "same"]
    unfinished = [trial for trial in found.trials.values() if trial.outcome != "ran"]
    parts = []
    if regressed:
        firsts = sorted({str(found.began[each.test][1]) for each in regressed if each.test in found.began})
        since = f", first at {', '.join(firsts)}" if firsts and len(found.releases) > 2 else ""  # noqa: PLR2004 - the two ends
        parts.append(f"{_count(len(regressed), 'test')} regressed from {body['from']} to {to}{since}")
    if drifted:
        parts.append(f"{_count(len(drifted), 'output')} drifted")
    if unstable:
        parts.append(f"{_count(len(unstable), 'test')} did not repeat")
    if unfinished:
        parts.append(", ".join(f"{trial.release} {trial.outcome}" for trial in unfinished))
    if parts:
        return (
            f"{'NOT COMPLETE' if unfinished else 'BREAKS' if regressed or drifted else 'UNSTABLE'}: {'; '.join(parts)}."
        )
    good = sum(test.state in GOOD for test in found.after.tests.values())
    kept = f", and {_count(len(found.drifts), 'output')} as before" if found.drifts else ""
    broken = sum(each.before.state in BAD for each in found.of("same"))
    missing = sum(each.before.state in GOOD for each in found.of("absent"))
    lost = f"; {_count(missing, 'test')} good before and not there any more" if missing else ""
    also = f"; {_count(broken, 'test')} bad under both" if broken else ""
    if never := set(found.before.uncollected) & set(found.after.uncollected):
        also += f"; {_count(len(never), 'file')} of tests could be collected under neither"
    return f"HOLDS: {_count(good, 'test')} good under {to} as under {body['from']}{kept}{also}{lost}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def text(body: Mapping[str, Any], *, paint: Paint, width: int) -> str:
    """The document as text for a terminal, the most important line last."""
    sections = [
        _head(body),
        _cells(body, paint),
        *_regressed(body["regressions"], paint, width),
        _others(body, paint),
        _outputs(body, paint),
        _warned(body, paint, width),
        _refused(body),
        [paint(body["verdict"]["says"], "bold")],
    ]
    return joined(sections)


def _head(body: Mapping[str, Any]) -> list[str]:
    project = body["project"]
    lines = [f"{project['asked']} from {body['from']} to {body['to']}, Python {project['python']}"]
    lines += [f"  {line}" for line in project["held"]]
    if project["redirected"]:
        lines.append(f"  redirected: {project['redirected']}")
    if project["command"]:
        lines.append(f"  tests run with: {project['command']}")
    return lines


def _cells(body: Mapping[str, Any], paint: Paint) -> list[str]:
    rows = [("release", "outcome", "good", "bad", "skipped", "regressed", "seconds", "moved with it")]
    for cell in body["cells"]:
        moved = ", ".join(cell["moved"][:4]) + (f" and {len(cell['moved']) - 4} more" if len(cell["moved"]) > 4 else "")  # noqa: PLR2004 - what fits a line
        regressed = "" if cell["regressed"] is None else str(cell["regressed"])
        counts = tuple(str(cell[key]) for key in ("good", "bad", "skipped"))
        rows.append((cell["release"], cell["outcome"], *counts, regressed, f"{cell['seconds']:g}", moved))
    if all(row[5] in {"", "regressed"} for row in rows):
        rows = [(*row[:5], *row[6:]) for row in rows]  # type: ignore[misc]  # a narrower table where nobody swept
    lines = table(rows)
    if between := body["cells_run"] - len(body["cells"]):
        lines.append(f"  searched: {between} of the {len(body['releases']) - 2} releases between were run")
    for cell in body["cells"]:
        if cell["reason"]:
            lines.append(f"  {cell['release']}: {paint(cell['reason'], 'yellow')}")
        lines += [
            f"  {cell['release']}: {path} could not be collected: {says}" for path, says in cell["uncollected"].items()
        ]
    return lines


def _regressed(groups: Sequence[Mapping[str, Any]], paint: Paint, width: int) -> list[list[str]]:
    """Every group of tests that broke alike; what several have in common is told once."""
    told: list[list[str]] = []
    seen: list[Any] = []
    for group in groups:
        known = [group["changes"], group["companions"]]
        told.append(_regression(group, paint, width, again=known in seen and any(known)))
        seen.append(known)
    return told


def _regression(group: Mapping[str, Any], paint: Paint, width: int, *, again: bool = False) -> list[str]:
    """One group of tests that broke alike; `again` where what is known of it was told of another one already."""
    count = _count(len(group["tests"]), "test")
    if group["bad"] is None:
        lines = [f"{paint('regressed', 'red')}: {count}; since when: run it again with --bisect"]
    elif group["unknown"]:
        lines = [
            f"{paint('regressed', 'red')}: {count}, bad at {group['bad']}, good at {group['good']}; between: not asked"
        ]
    else:
        lines = [f"{paint('regressed', 'red')}: {count}, first bad at {group['bad']}, still good at {group['good']}"]
    lines += _wrapped(group["failure"], width, "  ")
    lines += [f"    {place}" for place in group["places"]]
    named = group["tests"][:_NAMED]
    lines += [f"  - {test}" for test in named]
    if len(group["tests"]) > len(named):
        lines.append(f"  - and {len(group['tests']) - len(named)} more; --format json names them all")
    if again:
        return [*lines, "  known change: as above"]
    for change in group["changes"]:
        lines.append(
            f"  known change: {change['release']} {paint(change['kind'], _STYLES.get(change['kind'], 'yellow'))} "
            f"{change['behaviour']} ({change['why']})"
        )
        lines += _wrapped(change["changed"] or "nobody wrote why yet", width, "    ")
        lines += _wrapped(f"do: {change['do']}" if change["do"] else "", width, "    ")
        lines += [f"    cause: {change['cause']}"] if change["cause"] else []
    for words in group["companions"]:
        lines += _wrapped(words, width, "  ")
    if not group["changes"] and not group["companions"]:
        lines.append("  known change: none that the kit has seen fits it")
    return lines


def _wrapped(words: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(words, max(width, 60), initial_indent=indent, subsequent_indent=indent)


def _others(body: Mapping[str, Any], paint: Paint) -> list[str]:
    """The other verdicts, with the tests of those that somebody has to look at."""
    tests: dict[str, list[str]] = {}
    for name, test in body["tests"].items():
        tests.setdefault(test["verdict"], []).append(name)
    lines = []
    for verdict, style in (("unstable", "yellow"), ("fixed", "green"), ("absent", "dim")):
        names = tests.get(verdict, [])
        if names:
            lines.append(f"{paint(verdict, style)}: {_count(len(names), 'test')}")
            lines += [
                f"  - {name} ({body['tests'][name]['before']}, then {body['tests'][name]['after']})"
                for name in names[:_NAMED]
            ]
            if len(names) > _NAMED:
                lines.append(f"  - and {len(names) - _NAMED} more")
    same = tests.get("same", [])
    if same:
        bad = sum(body["tests"][name]["before"] in BAD for name in same)
        lines.append(f"same: {_count(len(same), 'test')}" + (f", {bad} of them bad under both" if bad else ""))
        lines += [
            f"  - {entry['tests']} as {entry['first']}: {entry['failure'][:_WIDE]}"
            for entry in body["bad_under_both"][:_KINDS]
        ]
        if len(body["bad_under_both"]) > _KINDS:
            lines.append(f"  - and {len(body['bad_under_both']) - _KINDS} other kinds; --format json names them all")
    return lines


def _outputs(body: Mapping[str, Any], paint: Paint) -> list[str]:
    styles = {"changed": "red", "unstable": "yellow", "absent": "yellow"}
    lines = []
    for drift in body["outputs"]:
        state = drift["state"]
        since = f", first seen at {drift['since']}" if drift["since"] else ""
        lines.append(f"output {drift['name']}: {paint(state, styles.get(state, 'green'))}{since}")
        lines += [f"  {each['part']} {each['place']}: {each['said']}" for each in drift["differences"]]
        lines += [f"  {side}: {drift[side]}" for side in ("before", "after") if drift[side]]
    return lines


def _warned(body: Mapping[str, Any], paint: Paint, width: int) -> list[str]:
    lines = []
    for notice in body["warnings"]:
        becomes = "an error" if notice["error"] else "silent"
        until = f"{becomes} at {notice['until']}" if notice["until"] else "no known release ends it"
        lines += _wrapped(f"{paint('warned', 'yellow')}: {notice['warning']} ({until})", width, "")
        lines += [f"  {place}" for place in notice["places"]] or [
            f"  from {_count(notice['tests'], 'test')}, at a line of a library"
        ]
        lines += _wrapped(f"do: {notice['do']}" if notice["do"] else "", width, "  ")
    return lines


def _refused(body: Mapping[str, Any]) -> list[str]:
    """What the tests tried and were not allowed, and how they were held."""
    refused: dict[str, int] = {}
    for cell in body["cells"]:
        for what, times in cell["refused"].items():
            refused[what] = max(refused.get(what, 0), times)
    lines = [f"refused: {what} ({times} times)" for what, times in sorted(refused.items())]
    held = sorted({cell["held"] for cell in body["cells"] if cell["held"]})
    return [*lines, *[f"held: {each}" for each in held]]


def markdown(body: Mapping[str, Any]) -> str:
    """The document as Markdown, the most important line first."""
    plain = Paint(coloured=False)
    lines = [f"## {body['verdict']['says']}", "", *_head(body), ""]
    lines += ["| release | outcome | good | bad | skipped | seconds |", "|---|---|--:|--:|--:|--:|"]
    for cell in body["cells"]:
        counts = " | ".join(str(cell[key]) for key in ("outcome", "good", "bad", "skipped", "seconds"))
        lines.append(f"| `{cell['release']}` | {counts} |")
    for cell in body["cells"]:
        if cell["reason"]:
            lines += ["", f"`{cell['release']}`: {cell['reason']}"]
    for group in body["regressions"]:
        lines += ["", f"### {_regression(group, plain, 100)[0]}", "", f"`{group['failure']}`", ""]
        lines += [f"- at `{place}`" for place in group["places"]]
        for change in group["changes"]:
            lines += ["", f"**{change['release']}, {change['kind']}**: {change['changed'] or 'nobody wrote why yet'}"]
            lines += [f"*Do:* {change['do']}"] if change["do"] else []
        lines += [f"\n{words}" for words in group["companions"]]
        lines += ["", f"<details><summary>{_count(len(group['tests']), 'test')}</summary>", ""]
        lines += [f"- `{test}`" for test in group["tests"]]
        lines += ["", "</details>"]
    for section in (_others(body, plain), _outputs(body, plain), _warned(body, plain, 100), _refused(body)):
        if section:
            lines += ["", "```text", *section, "```"]
    return "\n".join(lines) + "\n"
