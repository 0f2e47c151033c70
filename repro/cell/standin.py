"""The stand-in for TMDb as a process of its own: `python -m repro.cell.standin '[{"every": 50, "do": "fail"}]'`.

It prints its port as one line of JSON, and then each request as one more, before it is answered. Its argument is a
fault profile: what it does instead of answering, by the number of the request. It ends when its standard input does.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from repro.cell.serving import end_with_input, say
from repro.cell.upstream import Upstream, answering, closing, resetting

if TYPE_CHECKING:
    from repro.cell.upstream import Answer, Exchange

#: What it answers to every search, whatever is asked for.
FOUND = {"page": 1, "results": [{"id": 1437, "name": "Firefly"}, {"id": 98, "name": "Élite"}], "total_pages": 1}

_ANSWER = answering(FOUND)
_FAULTS: dict[str, Answer] = {
    "fail": answering({"status_message": "busy"}, status=503, reason="Service Unavailable"),
    "reset": resetting,
    "close": closing,
}


class Standin:
    """Answers, or does what the profile says.

    Args:
        profile: Each fault as `{"every": N, "for": M, "do": NAME}`: of every N requests the last M (1 where it is left
            out) meet it. `fail` answers 503, `reset` and `close` end the connection, `slow` answers after `seconds`.
    """

    def __init__(self, profile: list[dict[str, Any]]) -> None:
        self._profile = profile
        self._count = 0
        self._one_at_a_time = threading.Lock()

    def __call__(self, exchange: Exchange) -> None:
        """Say what was asked, and answer it."""
        with self._one_at_a_time:
            self._count += 1
            number = self._count
            request = exchange.request
            say(
                {
                    "connection": request.connection,
                    "request": f"{request.method} {request.target}",
                    "headers": request.headers,
                }
            )
        for fault in self._profile:
            if (number - 1) % fault["every"] >= fault["every"] - fault.get("for", 1):
                time.sleep(fault.get("seconds", 0))
                _FAULTS.get(fault["do"], _ANSWER)(exchange)
                return
        _ANSWER(exchange)


def main(profile: str) -> None:
    """Answer until standard input ends."""
    with Upstream() as upstream:
        upstream.answer(None, Standin(json.loads(profile)))
        say({"port": upstream.port})
        end_with_input()


if __name__ == "__main__":
    main(sys.argv[1])
