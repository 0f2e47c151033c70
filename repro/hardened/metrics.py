"""What can be seen of the service from outside: Prometheus metrics at `/metrics`. `alerts.yml` watches them.

| metric | labels | counts or measures |
|---|---|---|
| `service_requests_total` | method, route, status | requests answered |
| `upstream_attempts_total` | reason | requests sent to upstream: `first`, or why the one before was not enough |
| `upstream_seconds` | method | time of each attempt, as a histogram |
| `upstream_connections` | | connections to upstream that this process has open now |
| `guard_decisions_total` | decision | writes: `first`, `duplicate`, `unguarded`, `refused` |

Retries per request are the attempts whose reason is not `first`, by those whose reason is.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Iterator

# In seconds; up to what an attempt may take. A quantile is no finer than the bucket it falls into.
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)


class Metrics:
    """The metrics of one application, in a registry of its own.

    Args:
        base_url: Where upstream is.
    """

    def __init__(self, base_url: str) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "service_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self._attempts = Counter(
            "upstream_attempts", "Requests sent to upstream, by why they were.", ["reason"], registry=self.registry
        )
        self._seconds = Histogram(
            "upstream_seconds", "Time of one attempt.", ["method"], buckets=BUCKETS, registry=self.registry
        )
        self._decisions = Counter(
            "guard_decisions", "What the guard said of a write.", ["decision"], registry=self.registry
        )
        connections = Gauge("upstream_connections", "Connections to upstream open now.", registry=self.registry)
        parts = urlsplit(base_url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connections.set_function(lambda: connections_to(port))

    def init_app(self, app: Flask) -> None:
        """Count the requests of an application, and serve the metrics at `/metrics`."""
        app.after_request(self._count)
        app.add_url_rule("/metrics", "metrics", self._serve)

    def attempt(self, reason: str) -> None:
        """Count an attempt: `first`, or why the one before it was not enough."""
        self._attempts.labels(reason).inc()

    def decision(self, decision: str) -> None:
        """Count what became of the question to the guard."""
        self._decisions.labels(decision).inc()

    @contextlib.contextmanager
    def measured(self, method: str) -> Iterator[None]:
        """Measure the time of one attempt, however it ends."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._seconds.labels(method).observe(time.perf_counter() - began)

    def _count(self, response: Response) -> Response:
        # The rule and never the path: what callers type must not make new series.
        route = request.url_rule.rule if request.url_rule else "none"
        self._requests.labels(request.method, route, str(response.status_code)).inc()
        return response

    def _serve(self) -> Response:
        return Response(generate_latest(self.registry), content_type=CONTENT_TYPE_LATEST)


def connections_to(port: int) -> int:
    """How many sockets of this process are connected to that port, anywhere; asked of the system, on Linux and macOS.

    httpx has no public way to count the connections of a client, and its private ones moved with every rewrite.
    """
    found = 0
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - names are wanted, and not paths
        # A descriptor may be closed, or be no socket, by the time it is looked at.
        with contextlib.suppress(OSError):
            looked_at = socket.socket(fileno=int(name))
            try:
                inet = looked_at.family in {socket.AF_INET, socket.AF_INET6}
                found += inet and looked_at.getpeername()[1] == port
            finally:
                looked_at.detach()  # it is somebody else's to close
    return found
