"""A comparison in a terminal or a text file: plain lines, aligned; colour only where somebody sees it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from repro.kit import phrasing
from repro.kit.report.document import packages, sections, unreachable
from repro.kit.report.terminal import answered, table, wrapped

if TYPE_CHECKING:
    from repro.kit.report.terminal import Paint

# More behaviours than this are counted, and not named one by one.
_MANY = 10


def text(body: dict[str, Any], *, width: int, paint: Paint, last: bool = True) -> str:
    """A comparison as text.

    Args:
        body: Its document.
        width: The columns there are.
        paint: What colours it.
        last: Whether the verdict comes last, as in a terminal, where the end is what is seen; in a file it is first.
    """
    body = phrasing.printable(body)
    parts = [
        *(part for kind in sections(body) for part in _kind(*kind, body, width, paint)),
        _passing(body, width, paint),
        _deprecations(body, width, paint),
        _not_run(body, width, paint),
        _neither(body, width, paint),
        _acceptance(body, width, paint),
        _packages(body, paint),
    ]
    return answered(parts, body["verdict"], width=width, paint=paint, last=last)


def _below(text: str, width: int) -> list[str]:
    """Lines that belong to the behaviour above them."""
    return wrapped(text, width, indent="      ")


def _kind(
    kind: str,
    entries: list[dict[str, Any]],
    groups: list[dict[str, Any]],
    body: dict[str, Any],
    width: int,
    paint: Paint,
) -> list[list[str]]:
    """What changed in one way, and below it what came or went with a capability."""
    lines = [paint(f"{phrasing.KINDS[kind]}: {phrasing.count(len(entries), 'behaviour')}", "bold")] if entries else []
    for entry in entries:
        lines += _change(entry, body, width, paint)
    return [lines, *(_absence(group, body, width, paint) for group in groups)]


def _change(entry: dict[str, Any], body: dict[str, Any], width: int, paint: Paint) -> list[str]:
    lines = [f"  {entry['behaviour']}" + _where(entry["at"], body)]
    for phrase in phrasing.difference(entry["before"], entry["after"]):
        lines += _below(phrase, width)
    if not entry["why"]:
        # Where nobody has said yet what changed, the question says what the answers are about.
        lines += [paint(line, "dim") for line in _below(f"Asked: {entry['title']}", width)]
    return [*lines, *_reasons(entry, width, paint)]


def _where(at: list[str], body: dict[str, Any]) -> str:
    return f"  at {phrasing.versions(at, body['to'])}" if at and at != [body["to"]] else ""


def _reasons(entry: dict[str, Any], width: int, paint: Paint) -> list[str]:
    """Why, what to do, and why it is accepted."""
    lines = []
    for why in entry["why"]:
        said = f"Undone: {why['changed']}" if why["back"] else why["changed"]
        lines += [paint(line, "dim") for line in _below(f"{said} ({why['cause']})", width)]
    for do in entry["do"]:
        lines += _below(f"Do: {do}", width)
    for reason in dict.fromkeys(entry["accepted"]):
        lines += [paint(line, "green") for line in _below(f"Accepted: {reason}", width)]
    return lines


def _absence(group: dict[str, Any], body: dict[str, Any], width: int, paint: Paint) -> list[str]:
    count = phrasing.count(len(group["behaviours"]), "behaviour")
    said = "Gone with" if group["kind"] == "removal" else "New with"
    lines = [paint(f"{said} {group['capability']!r}: {count}", "bold") + _where(group["at"], body)]
    return [*lines, *_reasons(group, width, paint), *_below(listed(group["behaviours"]), width)]


def listed(names: list[str]) -> str:
    """Behaviours as a phrase: a few by name, many by how many there are in each area."""
    if len(names) <= _MANY:
        return ", ".join(names)
    areas = Counter(name.partition("/")[0] for name in names)
    return ", ".join(f"{number} of {area}" for area, number in sorted(areas.items()))


def _passing(body: dict[str, Any], width: int, paint: Paint) -> list[str]:
    if not body["passing"]:
        return []
    count = phrasing.count(len(body["passing"]), "behaviour")
    lines = [paint(f"Passing through: {count} the same on both sides, and not on the way", "bold")]
    for entry in body["passing"]:
        lines.append(f"  {entry['behaviour']}")
        for run in entry["differs"]:
            ends = " to ".join(phrasing.versions([end], body["to"]) for end in dict.fromkeys((run["from"], run["to"])))
            for phrase in phrasing.difference(entry["value"], run["value"]):
                lines += _below(f"{ends}: {phrase}", width)
    return lines


def _deprecations(body: dict[str, Any], width: int, paint: Paint) -> list[str]:
    if not body["deprecations"]:
        return []
    lines = [paint(f"Warned about: {phrasing.count(len(body['deprecations']), 'deprecation')}", "bold")]
    for entry in body["deprecations"]:
        lines.append(f"  {entry['behaviour']}  from {phrasing.versions([entry['since']], body['to'])} on")
        lines += _below(entry["warning"], width)
        lines += [paint(line, "dim") for line in _below(ending(entry, body), width)]
    return lines


def ending(entry: dict[str, Any], body: dict[str, Any]) -> str:
    """What becomes of a deprecated spelling, as a sentence."""
    if entry["until"] is None:
        return "No later release ends it so far."
    until = phrasing.versions([entry["until"]], body["to"])
    where = "on this way" if entry["reached"] else "not on this way"
    return f"{'Removed' if entry['removed'] else 'No longer warned about'} in {until}, {where}."


def _not_run(body: dict[str, Any], width: int, paint: Paint) -> list[str]:
    reasons: dict[tuple[str, str], list[str]] = {}
    for entry in body["not_run"]:
        reasons.setdefault((body[entry["side"]], entry["reason"]), []).append(entry["behaviour"])
    lines = [paint(f"Not compared: {phrasing.count(len(body['not_run']), 'answer')}", "bold")] if reasons else []
    for (release, reason), names in reasons.items():
        lines += [*wrapped(f"{release}: {reason}", width, indent="  "), *_below(listed(names), width)]
    return lines


def _neither(body: dict[str, Any], width: int, paint: Paint) -> list[str]:
    found = unreachable(body)
    if not found:
        return []
    said = ", ".join(f"{lack} ({phrasing.count(number, 'behaviour')})" for lack, number in found.items())
    return [paint(line, "dim") for line in wrapped(f"On neither side: {said}", width, indent="")]


def _acceptance(body: dict[str, Any], width: int, paint: Paint) -> list[str]:
    lines = [paint("Accepted changes that do not hold any more", "bold")] if body["acceptance"] else []
    for entry in body["acceptance"]:
        said = f"expired on {entry['expires']}" if entry["state"] == "expired" else "stale, no such change on this way"
        lines += wrapped(f"{entry['behaviour']} at {entry['release']}: {said} ({entry['reason']})", width, indent="  ")
    return lines


def _packages(body: dict[str, Any], paint: Paint) -> list[str]:
    if not body["packages"]:
        return []
    differs, same = packages(body)
    rows = [("package", "from", "to"), *differs] if differs else []
    return [paint(f"Python and packages: {same} the same on both sides", "bold"), *table(rows)]
