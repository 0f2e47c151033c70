"""A comparison as a document: plain JSON, described by `document.schema.json`, that every other format is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from repro.kit import phrasing

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
        "packages": _packages(found) if fresh else None,
        "acceptance": [*_entries(judged.stale, "stale"), *_entries(judged.expired, "expired")],
        "verdict": {"code": judged.code, "failing": judged.failing, "says": _says(found, judged)},
    }


def _named(entry: Change | Passing | Deprecation | Unknown) -> dict[str, Any]:
    return {"behaviour": entry.behaviour, "title": entry.entry.title, "area": entry.entry.area}


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
    counted = f"{phrasing.count(len(found.changes), 'behaviour')} changed"
    counted += f", {missing} there on one side only" if missing else ""
    counted += f", {found.unchanged} unchanged"
    if found.not_run:
        why = found.not_run[0]
        said = f"NOT COMPLETE: {title}: {phrasing.count(len(found.not_run), 'answer')} missing ({why.reason})"
    elif judged.code:
        said = f"CHANGED: {title}: {counted}"
        said += f"; {len(judged.accepted)} accepted" if judged.accepted else ""
        said += f"; {phrasing.count(len(judged.stale), 'accepted change')} stale" if judged.stale else ""
        said += f"; {phrasing.count(len(judged.expired), 'accepted change')} expired" if judged.expired else ""
    elif found.changes or missing:
        said = f"ACCEPTED: {title}: {counted}, and none of it fails"
    else:
        said = f"UNCHANGED: {title}: {counted}"
    return f"{said}. Exit code {judged.code}."


def absences(body: dict[str, Any]) -> list[dict[str, Any]]:
    """What is there on one side only, by the capability that the other side lacks.

    Returns:
        For each capability and direction `{"capability", "kind", "at", "why", "do", "behaviours"}`, the most of
        them first; what neither side has is in none.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in body["absent"]:
        if entry["kind"]:
            lack = entry["after"] or entry["before"]
            group = found.setdefault((entry["kind"], lack), {"capability": lack, **entry, "behaviours": []})
            group["behaviours"].append(entry["behaviour"])
    keys = ("capability", "kind", "at", "why", "do", "behaviours")
    groups = [{key: group[key] for key in keys} for group in found.values()]
    return sorted(groups, key=lambda group: (group["kind"] != "removal", -len(group["behaviours"])))


def by_kind(body: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The changes by their kind, what hurts most first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in body["changes"]:
        found.setdefault(entry["kind"], []).append(entry)
    return found


def unreachable(body: dict[str, Any]) -> dict[str, int]:
    """What neither side has: how many behaviours, by the capability that the first side lacks."""
    found: dict[str, int] = {}
    for entry in body["absent"]:
        if not entry["kind"]:
            found[entry["before"]] = found.get(entry["before"], 0) + 1
    return found
