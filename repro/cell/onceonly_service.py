"""A stand-in of OnceOnly: what its `check-lock` answers on the wire, on loopback, with keys that it remembers.

The service itself is hosted, and a cell reaches loopback only. What is spoken here is what the SDK 3.0.5 speaks: a POST
of `{"key", "ttl"}` with a bearer token, answered by `locked` or `duplicate`.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from repro.cell.upstream import Exchange, Upstream, response

if TYPE_CHECKING:
    from repro.cell.upstream import Answer

PATH = "/v1/check-lock"


class OnceOnlyService(Upstream):
    """The stand-in; a context manager as `Upstream` is, and misbehaves by the same `answer`.

    Args:
        api_key: The bearer token that it takes; any other is a 401.

    Attributes:
        keys: The keys that are claimed.
    """

    def __init__(self, api_key: str) -> None:
        super().__init__()
        self._api_key = api_key
        self._claiming = threading.Lock()
        self.keys: set[str] = set()
        self.answer(PATH, self.check_lock)

    def check_lock(self, exchange: Exchange) -> None:
        """Claim the key that was sent, and say so; or that it is claimed."""
        if exchange.request.header("Authorization") != f"Bearer {self._api_key}":
            exchange.send(response({"detail": "Invalid API Key"}, status=401, reason="Unauthorized"))
            return
        exchange.send(self._claimed(exchange))

    def claiming_then(self, then: Answer) -> Answer:
        """Claim the key that was sent as ever, and answer otherwise: with an answer that comes too late, say."""

        def answer(exchange: Exchange) -> None:
            self._claimed(exchange)
            then(exchange)

        return answer

    def _claimed(self, exchange: Exchange) -> bytes:
        wanted = json.loads(exchange.request.body)
        key, ttl = wanted["key"], wanted["ttl"]
        with self._claiming:
            status = "duplicate" if key in self.keys else "locked"
            self.keys.add(key)
        return response({"success": status == "locked", "status": status, "key": key, "ttl": ttl})
