"""What of an answer counts, one facet at a time, and where the facets of two sides differ. Computes, never prints.

A facet is a small part of an answer with a name: `status`, `header content-type`, `json /results/*/id, its type`. What
stable itself answers now so and now so is noise there, and only what it never answers is a difference.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from repro.kit.canary.judge import Breach

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from repro.kit.canary.contract import Request

#: Headers that are about this one answer and say nothing of what it is.
PASSING = {"age", "connection", "content-length", "date", "keep-alive", "server-timing", "set-cookie", "x-request-id"}
#: The value of a facet that an answer does not have.
ABSENT = "absent"
#: The fewest status codes that say that the server failed.
FAILED = 500
#: How many values of a facet are kept; one that has more varies.
_MOST = 16
#: How much of a value is shown, in characters.
_SHOWN = 80


def facets(request: Request, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> dict[str, str]:
    """The facets of an answer, by name."""
    found = {"status": str(status)}
    lines: dict[str, list[str]] = defaultdict(list)
    for name, value in headers:
        lines[name.lower()].append(value)
    found |= {f"header {name}": ", ".join(values) for name, values in lines.items() if name not in PASSING}
    if cookies := lines.get("set-cookie"):
        found["cookies"] = ", ".join(sorted(cookie.partition("=")[0] for cookie in cookies))
    try:
        value = json.loads(body)
    except ValueError:
        found["body"] = _short(body.decode("utf-8", "replace"))
    else:
        found |= _json(value)
        if schema := request.schemas.get(str(status), request.schemas.get("default")):
            found["schema"] = _held_to(schema, value)
    return found


def _json(value: Any) -> dict[str, str]:
    """The facets of a JSON value: at each place what is there, in order, and of which types it is."""
    values: dict[str, list[Any]] = defaultdict(list)
    types: dict[str, set[str]] = defaultdict(set)
    for place, found in _walk(value, ""):
        types[place].add(_type(found))
        if not isinstance(found, dict | list):
            values[place].append(found)
    return {
        **{f"json {place or '/'}, its type": " or ".join(sorted(kinds)) for place, kinds in types.items()},
        **{
            f"json {place or '/'}": _short(json.dumps(found[0] if "*" not in place else found, ensure_ascii=False))
            for place, found in values.items()
        },
    }


def _walk(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Every place of a JSON value; the items of a list are one place."""
    yield place, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, f"{place}/{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, f"{place}/*")


def _type(value: Any) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "truth", int: "integer", float: "number"}
    return names.get(type(value), "null")


def _held_to(schema: Mapping[str, Any], value: Any) -> str:
    """Whether a value is what a schema says, or where it is not."""
    import jsonschema

    validator = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)(schema)
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    return "as described" if error is None else _short(f"{error.json_path}: {error.message}")


def _short(text: str) -> str:
    """A text, or its beginning and what tells it from others."""
    if len(text) <= _SHOWN:
        return text
    return f"{text[: _SHOWN - 20]}... ({hashlib.sha256(text.encode()).hexdigest()[:12]})"


class Collected:
    """The facets of one side's answers, by request.

    Answers that say the server failed are kept apart: how often that happens is a measure of its own.
    """

    def __init__(self) -> None:
        self.answered: dict[str, dict[str, set[str]]] = {}
        self.failed: dict[str, dict[str, set[str]]] = {}

    def add(self, request: str, found: Mapping[str, str]) -> None:
        """Keep the facets of an answer."""
        kept = self.failed if int(found["status"]) >= FAILED else self.answered
        earlier = request in kept
        of = kept.setdefault(request, {})
        for name, value in found.items():
            # What this answer is the first to have, those before it had not.
            values = of.setdefault(name, {ABSENT} if earlier else set())
            if len(values) < _MOST:
                values.add(value)
        for name in of.keys() - found.keys():
            of[name].add(ABSENT)


def breaches(
    stable: Collected, candidate: Collected, ignore: Sequence[str] = ()
) -> tuple[list[Breach], dict[str, list[str]]]:
    """Where a candidate answers what stable does not, and by request which facets vary at stable and so say nothing.

    A request that one side only fails and the other answers differs in its status; where both only fail, their
    failures are compared.
    """
    found: list[Breach] = []
    varying: dict[str, list[str]] = {}
    for request in sorted(
        stable.answered.keys() | stable.failed.keys() | candidate.answered.keys() | candidate.failed.keys()
    ):
        sides = [side.answered.get(request) or side.failed.get(request) or {} for side in (stable, candidate)]
        answered = [request in side.answered for side in (stable, candidate)]
        if not all(sides):
            # No answer at all is no difference of answers: it is counted as an error.
            continue
        names = ["status"] if answered[0] != answered[1] else sorted(sides[0].keys() | sides[1].keys())
        for name in names:
            if any(name in {each, f"{each}, its type"} for each in ignore):
                continue
            before, after = (side.get(name, {ABSENT}) for side in sides)
            if len(before) > 1 and not name.endswith(", its type") and name not in ("status", "schema"):
                varying.setdefault(request, []).append(name)
            elif strange := after - before:
                found.append(Breach(request, name, " or ".join(sorted(before)), min(strange)))
    return found, varying
