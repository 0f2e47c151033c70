"""What of an answer counts, one facet at a time, and where the facets of two sides differ. Computes, never prints.

A facet is a small part of an answer with a name: `status`, `header content-type`, `json /results/*/id, its type`. What
stable itself answers now so and now so is noise there, and only what it never answers is a difference.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from repro.kit import payload
from repro.kit.canary.judge import Breach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from repro.kit.canary.contract import Request

#: The value of a facet that an answer does not have.
ABSENT = "absent"
#: The fewest status codes that say that the server failed.
FAILED = 500
#: How many values of a facet are kept; one that has more varies.
_MOST = 16


def facets(request: Request, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> dict[str, str]:
    """The facets of an answer, by name."""
    found = {"status": str(status), **payload.headers(headers)}
    try:
        value = json.loads(body)
    except ValueError:
        found["body"] = payload.short(body.decode("utf-8", "replace"))
    else:
        found |= _json(value)
        if schema := request.schemas.get(str(status), request.schemas.get("default")):
            found["schema"] = _held_to(schema, value)
    return found


def _json(value: Any) -> dict[str, str]:
    """The facets of a JSON value: at each place what is there, in order, and of which types it is."""
    found = payload.places(value)
    return {
        **{f"json {place or '/'}, its type": there.shape for place, there in found.items()},
        **{
            f"json {place or '/'}": payload.short(
                json.dumps(there.values[0] if "*" not in place else there.values, ensure_ascii=False)
            )
            for place, there in found.items()
            if there.values
        },
    }


def _held_to(schema: Mapping[str, Any], value: Any) -> str:
    """Whether a value is what a schema says, or where it is not."""
    import jsonschema

    validator = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)(schema)
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    return "as described" if error is None else payload.short(f"{error.json_path}: {error.message}")


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
