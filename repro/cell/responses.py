"""Responses that were never sent, made as the release makes them."""

from __future__ import annotations

from typing import Any

from repro.cell import capabilities
from repro.cell.library import httpx


def response(status: Any, **options: Any) -> Any:
    """A response with this status; it belongs to a request for a URL on example.org, where responses belong to one."""
    if capabilities.takes(httpx.Response, "request"):
        options["request"] = httpx.Request("GET", "http://example.org/a")
    return httpx.Response(status, **options)
