"""Bodies in codings whose libraries are optional packages: asked of the process that finds them, by `companion.ask`."""

from __future__ import annotations

from typing import Any

from repro.cell import bodies, downloads, outcomes
from repro.cell.clients import streamed


def sent(url: str) -> Any:
    """Send a GET, and say how it ended."""
    with bodies.client() as client:
        return outcomes.of(lambda: client.get(url))


def read(url: str, method: str = "GET") -> Any:
    """The body of a response as text, or how reading it ended."""
    with bodies.client() as client:
        return bodies.ending(lambda: client.request(method, url).read().decode("latin-1"))


def caught(url: str) -> Any:
    """The body of a response as text; else what is raised, and which `except` clauses catch it."""
    with bodies.client() as client:
        return outcomes.caught(lambda: client.get(url).read().decode("latin-1"))


def largest(url: str) -> int:
    """How many bytes are in the largest part of the body of a response."""
    with bodies.client() as client:
        return max(len(part) for part in downloads.parts(streamed(client, url), "iter_bytes"))
