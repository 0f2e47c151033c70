"""What this project's client does on the wire, and what it makes of answers, under the httpx that is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
from search import Search

from repro.cell import upstream

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


def outcome_of(server: upstream.Upstream, key: str) -> Any:
    """What a search answers, or the name of the error that it raises."""
    with Search(f"{server.url}/v1", key) as search:
        try:
            return search.films("firefly")
        except httpx.HTTPError as error:
            return f"raises {type(error).__name__}"


def test_found(httpx_upstream: upstream.Upstream, epoch_snapshot: SnapshotAssertion, planted_secret: str) -> None:
    """A search that finds something: its request as it was on the wire, and its result."""
    httpx_upstream.answer(None, upstream.answering({"films": ["Firefly"]}))
    result = outcome_of(httpx_upstream, planted_secret)
    (request,) = httpx_upstream.requests
    line = f"{request.method} {request.target} {request.version}"
    sent = {"line": line, "host": request.header("Host"), "authorization": request.header("Authorization")}
    assert epoch_snapshot == {"sent": sent, "result": result}


def test_moved(httpx_upstream: upstream.Upstream, epoch_snapshot: SnapshotAssertion, planted_secret: str) -> None:
    """A catalogue that has moved: whether the client goes where it is sent."""
    moved = upstream.response(status=302, reason="Found", headers=(("Location", "/elsewhere"),))
    httpx_upstream.answer(None, lambda exchange: exchange.send(moved))
    httpx_upstream.answer("/elsewhere", upstream.answering({"films": []}))
    assert epoch_snapshot == outcome_of(httpx_upstream, planted_secret)
