"""What is taken out of everything that leaves a cell: secrets, and what differs between two runs of one release.

A secret goes by its place (the value of a header that carries one) and by its value (every secret that a behaviour
plants is random, so a leak would also show as a snapshot that differs from run to run).
"""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING, Any

from repro import secret

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What every planted secret begins with.
_PLANTED = "planted-"

_planted: set[str] = set()
_given: set[str] = set()
_normalised: dict[str, str] = {}


def plant() -> str:
    """A new random secret, which is redacted wherever it appears from now on."""
    value = _PLANTED + secrets.token_hex(12)
    _planted.add(value)
    return value


def hide(value: str) -> None:
    """Redact from now on a secret that somebody else made, wherever it appears; nothing is not a secret."""
    if value:
        _given.add(value)


def normalise(value: str, name: str) -> None:
    """Say from now on `name` wherever `value` appears: a port, say, that is another in every run."""
    _normalised[value] = name


@contextlib.contextmanager
def naming(server: Any, name: str) -> Iterator[Any]:
    """Run a server whose port is called `name` in observations from now on.

    Args:
        server: A context manager that is a server, which has its `port` then.
        name: What its port, another in every run, is called.
    """
    with server as running:
        normalise(str(running.port), name)
        yield running


def forget(value: str | None = None) -> None:
    """Forget one value that was to be normalised, or all of them; secrets are never forgotten."""
    if value is None:
        _normalised.clear()
    else:
        _normalised.pop(value, None)


def text(value: str) -> str:
    """A text without secrets and without what differs between two runs."""
    # A cell plants hundreds, and redacts thousands of texts.
    for planted in _planted if _PLANTED in value else ():
        value = value.replace(planted, secret.REDACTED)
    for given in _given:
        value = value.replace(given, secret.REDACTED)
    for found, name in _normalised.items():
        value = value.replace(found, name)
    return secret.text(value)


def headers(pairs: list[tuple[str, str]]) -> list[list[str]]:
    """Header lines as JSON, the values of secret ones redacted."""
    return [[name, secret.REDACTED if name.lower() in secret.HEADERS else text(value)] for name, value in pairs]


def _is_header(value: Any) -> bool:
    """Whether this is a name and a value, the name that of a secret header."""
    match value:
        case [str(name), str()] | (str(name), str()):
            return name.lower() in secret.HEADERS
    return False


def plain(value: Any, *, pairs: bool = False) -> Any:
    """An observation as plain JSON, without secrets and without what differs between two runs.

    Args:
        value: What was observed.
        pairs: Take two texts of which the first names a secret header for that header, and hide the second.

    Raises:
        TypeError: The observation holds something that JSON has no form for; an observation is never a `repr`.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {
            text(name): plain(secret.hidden(entry) if name.lower() in secret.HEADERS else entry, pairs=pairs)
            for name, entry in value.items()
        }
    if isinstance(value, list | tuple):
        if pairs and _is_header(value):
            return [value[0], secret.REDACTED]
        return [plain(entry, pairs=pairs) for entry in value]
    raise TypeError(f"an observation is plain JSON, and this one holds {type(value).__name__}")
