"""What of a payload counts: the places of a JSON value, what is there and of which types it is; the headers beside it.

A place is a JSON pointer (RFC 6901) in which the items of a list are one place, `*`: `/results/*/id`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Headers that are about this one answer and say nothing of what it is.
PASSING = {"age", "connection", "content-length", "date", "keep-alive", "server-timing", "set-cookie", "x-request-id"}
#: How much of a value is shown, in characters.
_SHOWN = 80


@dataclass
class Place:
    """A place of a JSON value.

    Attributes:
        types: The types of what is there.
        values: What is there, in order, but for objects and lists, whose parts are places of their own.
    """

    types: set[str] = field(default_factory=set)
    values: list[Any] = field(default_factory=list)

    @property
    def shape(self) -> str:
        """Its types as a phrase: `integer or null`."""
        return " or ".join(sorted(self.types))


def places(value: Any) -> dict[str, Place]:
    """Every place of a JSON value; the value itself is at the empty place."""
    found: dict[str, Place] = defaultdict(Place)
    for place, there in _walk(value, ""):
        found[place].types.add(_type(there))
        if not isinstance(there, dict | list):
            found[place].values.append(there)
    return dict(found)


def _walk(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    yield place, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, f"{place}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, f"{place}/*")


def _type(value: Any) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "truth", int: "integer", float: "number"}
    return names.get(type(value), "null")


def headers(lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers that say what an answer is, by lower-case name, and under `cookies` which cookies it sets."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for name, value in lines:
        by_name[name.lower()].append(value)
    found = {f"header {name}": ", ".join(values) for name, values in by_name.items() if name not in PASSING}
    if cookies := by_name.get("set-cookie"):
        found["cookies"] = ", ".join(sorted(cookie.partition("=")[0] for cookie in cookies))
    return found


def short(text: str) -> str:
    """A text, or its beginning and what tells it from others."""
    if len(text) <= _SHOWN:
        return text
    return f"{text[: _SHOWN - 20]}... ({hashlib.sha256(text.encode()).hexdigest()[:12]})"


def digest(data: bytes) -> dict[str, Any]:
    """What tells some bytes from others: how many there are, and their SHA-256."""
    return {"length": len(data), "sha256": hashlib.sha256(data).hexdigest()}
