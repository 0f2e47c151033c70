"""A comparison as a document: plain JSON, described by `document.schema.json`, that every other format is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from repro.kit import phrasing
from repro.kit.comparison import HURTS
from repro.record import asks_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from repro.kit.acceptance import Accepted, Judgement
    from repro.kit.comparison import Change, Comparison, Deprecation, Passing, Unknown

#: The format of the document; a reader of another one refuses it.
FORMAT = 1


def document(found: Comparison, judged: Judgement, *, area: str | None = None) -> dict[str, Any]:
    """The document of a comparison.

    Args:
        found: The comparison.
        judged: What it comes to.
        area: The only area that it is about; None for all.
    """
    fresh = found.before.packages is not None and found.after.packages is not None
    return {
        "format": FORMAT,
        "from": str(found.before.release),
        "to": str(found.after.release),
        "source": "fresh" if fresh else "stored",
        "area": area,
        "changes": [_change(change, judged) for change in found.changes],
        "passing": [_passing(entry) for entry in found.passing],
        "absent": [_change(change, judged) for change in found.absent],
        "deprecations": [_deprecation(entry) for entry in found.deprecations],
        "unchanged": found.unchanged,
        "not_run": [_unknown(entry) for entry in found.not_run],
        "python": {"from": found.before.python, "to": found.after.python} if fresh else None,
        "packages": _packages(found) if fresh else None,
        "acceptance": [*_entries(judged.stale, "stale"), *_entries(judged.expired, "expired")],
        "verdict": {"code": judged.code, "failing": judged.failing, "says": _says(found, judged)},
    }


def _named(entry: Change | Passing | Deprecation | Unknown) -> dict[str, Any]:
    return {
        "behaviour": entry.behaviour,
        "title": entry.entry.title,
        "area": entry.behaviour.partition("/")[0],
    }


def _change(change: Change, judged: Judgement) -> dict[str, Any]:
    notes = [(crossing, crossing.note) for crossing in change.crossings]
    return {
        **_named(change),
        "kind": change.kind,
        "at": [str(crossing.release) for crossing in change.crossings],
        "before": change.before,
        "after": change.after,
        "why": [
            {
                "release": str(crossing.release),
                "back": crossing.back,
                "kind": crossing.kind,
                "changed": note.changed,
                "cause": note.cause,
            }
            for crossing, note in notes
            if note
        ],
        "do": list(dict.fromkeys(note.do for _, note in notes if note and note.do)),
        "accepted": [entry.reason for entry in judged.accepted.get(change.behaviour, ())],
    }


def _passing(entry: Passing) -> dict[str, Any]:
    runs = [{"from": str(first), "to": str(last), "value": value} for first, last, value in entry.differs]
    return {**_named(entry), "value": entry.value, "differs": runs}


def _deprecation(entry: Deprecation) -> dict[str, Any]:
    return {
        **_named(entry),
        "warning": entry.warning,
        "since": str(entry.since),
        "until": str(entry.until) if entry.until else None,
        "removed": entry.removed,
        "reached": entry.reached,
    }


def _unknown(entry: Unknown) -> dict[str, Any]:
    return {**_named(entry), "side": entry.side, "reason": entry.reason}


def _packages(found: Comparison) -> dict[str, Any]:
    before: Mapping[str, str] = found.before.packages or {}
    after: Mapping[str, str] = found.after.packages or {}
    return {"from": dict(sorted(before.items())), "to": dict(sorted(after.items()))}


def _entries(entries: Iterable[Accepted], state: str) -> list[dict[str, Any]]:
    return [
        {
            "behaviour": entry.behaviour,
            "release": entry.release,
            "reason": entry.reason,
            "expires": entry.expires.isoformat() if entry.expires else None,
            "state": state,
        }
        for entry in entries
    ]


def _says(found: Comparison, judged: Judgement) -> str:
    """The verdict as a sentence."""
    title = f"{found.before.release} to {found.after.release}"
    missing = sum(change.kind is not None for change in found.absent)
    changed = len(found.changes) + missing
    counted = [f"{phrasing.count(len(found.changes), 'behaviour')} changed"]
    counted += [f"{missing} there on one side only"] if missing else []
    counted += [f"{len(found.passing)} passing through"] if found.passing else []
    counted += [f"{found.unchanged} unchanged"]
    tolerated = changed - len(judged.failing) - len(judged.accepted)
    told = [f"{len(judged.accepted)} accepted"] if judged.accepted else []
    told += [f"{tolerated} of kinds that do not fail"] if tolerated else []
    told += [f"{phrasing.count(len(judged.stale), 'accepted change')} stale"] if judged.stale else []
    told += [f"{phrasing.count(len(judged.expired), 'accepted change')} expired"] if judged.expired else []
    if found.not_run:
        reason = found.not_run[0].reason.rstrip(".")
        told = [f"{phrasing.count(len(found.not_run), 'answer')} missing ({reason})", *told]
        word = "NOT COMPLETE"
    elif judged.code:
        word = "CHANGED" if judged.failing else "NOT AS ACCEPTED"
    elif tolerated:
        word = "NOTHING FAILS"
    else:
        word = "ACCEPTED" if changed else "UNCHANGED"
    return f"{word}: {title}: {'; '.join([', '.join(counted), *told])}. Exit code {judged.code}."


def absences(body: dict[str, Any]) -> list[dict[str, Any]]:
    """What is there on one side only, by the capability that the other side lacks.

    Returns:
        For each capability, direction and way of acceptance
        `{"capability", "kind", "at", "why", "do", "accepted", "behaviours"}`, the most of them first; what neither
        side has is in none. Where the capability itself is among the changes, `why` and `do` are said there, and
        empty here.
    """
    told = {entry["behaviour"] for entry in body["changes"]}
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entry in body["absent"]:
        if entry["kind"]:
            lack = entry["after"] or entry["before"]
            why = [] if asks_for(lack) in told and len(entry["at"]) == 1 else entry["why"]
            group = {"capability": lack, "kind": entry["kind"], "at": entry["at"], "why": why}
            group |= {"do": entry["do"] if why else [], "accepted": entry["accepted"]}
            same = (entry["kind"], lack, *entry["at"], *(said["changed"] for said in why), *entry["accepted"])
            found.setdefault(same, {**group, "behaviours": []})["behaviours"].append(entry["behaviour"])
    return sorted(found.values(), key=lambda group: (group["kind"] != "removal", -len(group["behaviours"])))


def by_kind(body: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The changes by their kind, what hurts most first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in body["changes"]:
        found.setdefault(entry["kind"], []).append(entry)
    return found


def sections(body: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]]:
    """The kinds of change that there are, what hurts most first: each with its changes, and with what came or went."""
    changes, groups = by_kind(body), absences(body)
    found = [(kind, changes.get(kind, []), [group for group in groups if group["kind"] == kind]) for kind in HURTS]
    return [(kind, entries, came) for kind, entries, came in found if entries or came]


def packages(body: dict[str, Any]) -> tuple[list[tuple[str, str, str]], int]:
    """What the cells ran with: name and both versions of each that differs, Python first, and how many are the same."""
    if not body["packages"]:
        return [], 0
    before, after = ({"Python": body["python"][side], **body["packages"][side]} for side in ("from", "to"))
    rows = [(name, before.get(name, "-"), after.get(name, "-")) for name in {**before, **after}]
    differs = [row for row in rows if row[1] != row[2]]
    return differs, len(rows) - len(differs)


def unreachable(body: dict[str, Any]) -> dict[str, int]:
    """What neither side has: how many behaviours, by the capability that the first side lacks."""
    found: dict[str, int] = {}
    for entry in body["absent"]:
        if not entry["kind"]:
            found[entry["before"]] = found.get(entry["before"], 0) + 1
    return found
