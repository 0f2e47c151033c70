"""What changes for a project, told: as a document, and from that as text and as Markdown. Prints nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from repro.kit import phrasing
from repro.kit.report.terminal import answered, table, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro.kit.report.terminal import Paint
    from repro.kit.usage.survey import Survey
    from repro.kit.usage.touches import Place, Touch

#: The format of the document; a reader of another one refuses it.
FORMAT = 1

#: More of these are counted in text and in Markdown, and not told one by one; the document has them all.
MOST_NOTES, MOST_PLACES, MOST_UNFOLLOWED = 6, 20, 20


def document(found: Survey, project: str) -> dict[str, Any]:
    """The document of a survey.

    Args:
        found: The survey.
        project: What a person calls the project.
    """
    body: dict[str, Any] = {
        "format": FORMAT,
        "project": project,
        "from": str(found.comparison.before.release),
        "to": str(found.comparison.after.release),
        "files": found.files,
        "touched": [
            {
                "kind": group.kind,
                "changes": [_change(touch) for touch in group.touches],
                "places": [_place(place) for place in group.places],
            }
            for group in found.groups
        ],
        "everywhere": [_change(touch) for touch in found.everywhere],
        "difference": [
            {"what": each.loss.what, "places": [_place(place) for place in each.places]} for each in found.untold
        ],
        "difference_unread": found.unread,
        "unfollowed": [
            *({"file": each.name, "line": each.line, "what": each.reason} for each in found.broken),
            *({"file": each.name, "line": each.line, "what": each.what} for each in found.unfollowed),
        ],
        "left_out": dict(found.left_out),
    }
    return {**body, "verdict": {"code": found.code, "says": _says(body, found.code)}}


def _change(touch: Touch) -> dict[str, Any]:
    return {
        "behaviour": touch.change.behaviour,
        "title": touch.change.entry.title,
        "kind": touch.kind,
        "notes": [
            {
                "release": str(crossing.release),
                "kind": crossing.kind,
                "back": crossing.back,
                "changed": crossing.note.changed,
                "cause": crossing.note.cause,
                "do": crossing.note.do,
            }
            for crossing in touch.crossings
            if crossing.note
        ],
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "file": place.name,
        "line": place.line,
        "code": place.code,
        "in": "tests" if place.of_tests else "code",
        "about": place.about,
        "via": place.via,
    }


def _says(body: dict[str, Any], code: int) -> str:
    way = f"{body['from']} to {body['to']}"
    if not code:
        return f"NOTHING TOUCHED: {way}, in {phrasing.count(body['files'], 'file')}. Exit code 0."
    places = [place for part in (*body["touched"], *body["difference"]) for place in part["places"]]
    lines = {(place["file"], place["line"]): place["in"] for place in places}
    of_code = sum(1 for place in lines.values() if place == "code")
    changes = sum(len(part["changes"]) for part in body["touched"])
    where = f"{phrasing.count(of_code, 'line')} of code and {len(lines) - of_code} of tests"
    said = [f"{phrasing.count(changes, 'change')} on {where}"]
    if body["everywhere"]:
        said.append(f"{phrasing.count(len(body['everywhere']), 'change')} about every request")
    if body["difference"]:
        said.append(f"{len(body['difference'])} more by the API alone")
    if body["unfollowed"]:
        said.append(f"{phrasing.count(len(body['unfollowed']), 'place')} could not be followed")
    return f"TOUCHED: {way}: {'; '.join(said)}. Exit code 1."


def text(body: dict[str, Any], *, width: int, paint: Paint, last: bool = True) -> str:
    """A survey, from its document, as text; arguments as `repro.kit.report.text.text`."""
    body = phrasing.printable(body)
    parts = [
        *(_group(group, body, width, paint) for group in body["touched"]),
        _everywhere(body, width, paint),
        *(_lost(each, width, paint) for each in body["difference"]),
        _unfollowed(body, width, paint),
        _rest(body, width, paint),
    ]
    return answered(parts, body["verdict"], width=width, paint=paint, last=last)


def _group(group: dict[str, Any], body: dict[str, Any], width: int, paint: Paint) -> list[str]:
    lines = [paint(f"{phrasing.KINDS[group['kind']]}: {_abouts(group)}", "bold")]
    said = notes(group["changes"], body)
    for note in said[:MOST_NOTES]:
        lines += wrapped(note, width, indent="  ")
    lines += _more(len(said) - MOST_NOTES, "note", "--format json has them all")
    for do in dos(group["changes"])[:MOST_NOTES]:
        lines += wrapped(f"Do: {do}", width, indent="  ")
    return [*lines, *_places(group["places"], width, paint)]


def _abouts(group: dict[str, Any]) -> str:
    """What the lines of a group have in common, in httpx's words."""
    return ", ".join(f"`{about}`" for about in sorted({place["about"] for place in group["places"]}))


def notes(changes: Iterable[dict[str, Any]], body: dict[str, Any]) -> list[str]:
    """What changed, each note once, with the release that it is of; the question where nobody has written why."""
    said: dict[str, list[str]] = {}
    for change in changes:
        for note in change["notes"]:
            changed = f"Undone: {note['changed']}" if note["back"] else note["changed"]
            at = said.setdefault(changed, [])
            at += [note["release"]] if note["release"] not in at else []
        if not change["notes"]:
            said.setdefault(f"Not explained: {change['behaviour']}. {change['title']}", [])
    return [f"{changed} ({phrasing.versions(at, body['to'])})" if at else changed for changed, at in said.items()]


def dos(changes: Iterable[dict[str, Any]]) -> list[str]:
    """What to do, each once."""
    return list(dict.fromkeys(note["do"] for change in changes for note in change["notes"] if note["do"]))


def _places(places: list[dict[str, Any]], width: int, paint: Paint) -> list[str]:
    """The lines, those of the code first and those of the tests apart."""
    lines = []
    for part, title in (("code", ""), ("tests", "in tests")):
        own = [place for place in places if place["in"] == part]
        if own and title:
            lines.append(paint(f"    {title}", "dim"))
        rows = [(f"{place['file']}:{place['line']}", _code(place)) for place in own[:MOST_PLACES]]
        lines += [row[: max(width, 40)] for row in table(rows, indent="    ")]
        lines += _more(len(own) - MOST_PLACES, "line", "--format json has them all", indent="    ")
    return lines


def _code(place: dict[str, Any]) -> str:
    via = f"  (passed on by {place['via']})" if place["via"] else ""
    return f"{place['code']}{via}"


def _more(number: int, noun: str, where: str, *, indent: str = "  ") -> list[str]:
    return [f"{indent}and {phrasing.count(number, noun)} more: {where}"] if number > 0 else []


def _everywhere(body: dict[str, Any], width: int, paint: Paint) -> list[str]:
    if not body["everywhere"]:
        return []
    lines = [paint("About every request or client of this code, whatever it says", "bold")]
    for note in notes(body["everywhere"], body):
        lines += wrapped(note, width, indent="  ")
    return lines


def _lost(each: dict[str, Any], width: int, paint: Paint) -> list[str]:
    lines = [paint("API difference, not executed", "bold"), *wrapped(each["what"], width, indent="  ")]
    return [*lines, *_places(each["places"], width, paint)]


def _unfollowed(body: dict[str, Any], width: int, paint: Paint) -> list[str]:
    if not body["unfollowed"]:
        return []
    lines = [paint("Not followed", "bold")]
    for each in body["unfollowed"][:MOST_UNFOLLOWED]:
        lines += wrapped(f"{each['file']}:{each['line']}: {each['what']}", width, indent="  ")
    return [*lines, *_more(len(body["unfollowed"]) - MOST_UNFOLLOWED, "place", "--format json has them all")]


def _rest(body: dict[str, Any], width: int, paint: Paint) -> list[str]:
    said = [f"{number} {phrasing.KINDS[kind].lower()}" for kind, number in sorted(body["left_out"].items())]
    lines = []
    if body["difference_unread"]:
        lines += wrapped(f"The API difference was not read: {body['difference_unread']}.", width, indent="")
    if said:
        told = f"Changes that touch no code that is there: {', '.join(said)}; --all looks for them as well."
        lines += wrapped(told, width, indent="")
    return [paint(line, "dim") for line in lines]


def markdown(body: dict[str, Any]) -> str:
    """A survey as Markdown."""
    lines = [f"## {_quoted(body['project'])}: {_quoted(body['from'])} → {_quoted(body['to'])}", ""]
    lines += [f"**{_plain(body['verdict']['says'])}**", ""]
    for group in body["touched"]:
        lines += [f"### {phrasing.KINDS[group['kind']]}: {_abouts(group)}", ""]
        lines += [f"- {_plain(note)}" for note in notes(group["changes"], body)]
        lines += [f"- **Do:** {_plain(do)}" for do in dos(group["changes"])]
        lines += ["", *_rows(group["places"]), ""]
    if body["everywhere"]:
        lines += ["### About every request or client of this code", ""]
        lines += [f"- {_plain(note)}" for note in notes(body["everywhere"], body)]
        lines.append("")
    for each in body["difference"]:
        lines += ["### API difference, not executed", "", _plain(each["what"]), "", *_rows(each["places"]), ""]
    if body["unfollowed"]:
        lines += ["### Not followed", ""]
        lines += [f"- {_quoted(each['file'])}:{each['line']}: {_plain(each['what'])}" for each in body["unfollowed"]]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _rows(places: list[dict[str, Any]]) -> list[str]:
    rows = [
        f"| {_quoted(place['file'])}:{place['line']} | {_quoted(_code(place))} | {place['in']} |" for place in places
    ]
    return ["| line | code | in |", "|---|---|---|", *rows]


def _quoted(text: str) -> str:
    """Code in Markdown, also in a table: between more backticks than it has, and without what ends a cell."""
    marks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if len(marks) > 1 else ""
    return f"{marks}{pad}{text}{pad}{marks}".replace("|", "\\|")


def _plain(text: str) -> str:
    """Prose in Markdown; what is between backticks stays code."""
    return re.sub(r"[<>*_\[\]](?=[^`]*(?:`[^`]*`[^`]*)*$)", lambda found: "\\" + found[0], text)
