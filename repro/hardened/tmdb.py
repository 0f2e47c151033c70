"""TMDb, over one client that lives as long as the application.

What moved between releases of httpx is spelled here in the way that is right on both sides:

- Timeouts are given as a tuple of four. The keywords were `connect_timeout=` and so on up to 0.13, and are `connect=`
  from 0.14 on; the tuple is read by all.
- Requests name the whole URL. With `base_url`, releases before 0.14 let the path of a request replace that of the base,
  so `/3` was lost; later ones join the two. A whole URL leaves nothing to join.
- `max_redirects=0` instead of `follow_redirects=False`, which was `allow_redirects=False` before 0.20. Redirects would
  take the API key along: releases before 0.20 follow them by default, and only `Authorization` is taken off on the way.
- Statuses are compared here. `raise_for_status()` lets 3xx pass in some releases and not in others.
"""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import httpx

from repro.hardened.attempts import FAILURES, reason_of, retrying

if TYPE_CHECKING:
    from repro.hardened.metrics import Metrics
    from repro.hardened.settings import Settings

# What a request raises when it certainly was not sent. Before 0.14 a connection that is refused says no more than that
# the network failed, in a class that other failures have as well: then nobody knows, and it is not one of these.
NEVER_SENT = tuple(
    getattr(httpx, name) for name in ("ConnectTimeout", "PoolTimeout", "ConnectError") if hasattr(httpx, name)
)


class UpstreamError(Exception):
    """Upstream failed, or answered with what is no answer.

    Attributes:
        reason: `timeout`, `connection`, `status 503` (or another), `redirect` or `malformed`.
        not_done: Whether it is certain that upstream has not done what was asked.
    """

    def __init__(self, reason: str, *, not_done: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.not_done = not_done


class Tmdb:
    """The client; threads share it.

    Args:
        settings: Where TMDb is, the key for it, timeouts, retries.
        metrics: Counts attempts and measures them.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._retrying = retrying(settings, metrics)
        self._client = httpx.Client(
            headers={"x-api-key": settings.api_key},
            timeout=(settings.connect, settings.read, settings.write, settings.pool),
            max_redirects=0,
            # A client that lives on would send one caller's cookies with the next caller's request.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    def close(self) -> None:
        """Close the client, with its connections."""
        self._client.close()

    def search(self, query: str) -> list[dict[str, Any]]:
        """The television series that TMDb finds, as its rows.

        Raises:
            UpstreamError: It failed, in every attempt.
        """
        response = self._request("GET", "/search/tv", params={"query": query, "page": 1})
        try:
            rows: list[dict[str, Any]] = response.json()["results"]
        except (ValueError, LookupError, TypeError) as error:
            raise UpstreamError("malformed") from error
        return rows

    def add_to_watchlist(self, show: int) -> None:
        """Add a series to the watchlist: a write, so it is sent once, whatever becomes of it.

        Raises:
            UpstreamError: It failed; `not_done` says whether that is known for certain.
        """
        entry = {"media_type": "tv", "media_id": show, "watchlist": True}
        self._request("POST", f"/account/{self._settings.account}/watchlist", json=entry)

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer to a request; only GET is tried again."""

        def send() -> httpx.Response:
            with self._metrics.measured(method):
                return self._client.request(method, self._settings.base_url + path, **options)

        try:
            if method == "GET":
                response = self._retrying(send)
            else:
                self._metrics.attempt("first")
                response = send()
        except httpx.TooManyRedirects as error:
            raise UpstreamError("redirect") from error
        except FAILURES as error:
            raise UpstreamError(reason_of(error), not_done=isinstance(error, NEVER_SENT)) from error
        status = response.status_code
        if 300 <= status < 400:
            raise UpstreamError("redirect")
        if not 200 <= status < 300:
            raise UpstreamError(f"status {status}", not_done=400 <= status < 500)
        return response
