"""The guard that is a service: OnceOnly, through its SDK; for processes on several machines.

Pass one to `create_app(guard=...)`. It is imported by nobody else here, so the SDK is wanted only where it is used.

Seen of `onceonly-sdk` 3.0.5 under httpx 0.25.0 to 0.28.1, and what is done about each here:

- By default it fails open by itself: whatever goes wrong counts as claimed. It is told not to, so that the choice is
  made in one place, and shows in the metrics.
- It can be told to try again after a timeout; the second try then finds the claim of the first, and reports a duplicate
  that nobody does. It is told not to.
- An answer that is no JSON reads as a duplicate. The status that the service gave is looked for.
- A client of one's own without its base URL fails, open and in silence. It makes its own.
- Its `timeout` is all four of httpx's in one.

The service cannot forget a key before its time, so a write that certainly was not done blocks its key until then.
"""

from __future__ import annotations

import httpx
from onceonly import OnceOnly, OnceOnlyError

from repro.hardened.guards import GuardUnavailable


class OnceOnlyGuard:
    """A guard behind OnceOnly's API.

    Args:
        api_key: The key for the service.
        base_url: Where the service is, with its path.
        timeout: Seconds to wait for it.
        ttl: Seconds for which a key is remembered.
    """

    def __init__(self, api_key: str, base_url: str, timeout: float, ttl: int) -> None:
        self._ttl = ttl
        self._service = OnceOnly(api_key, base_url=base_url, timeout=timeout, fail_open=False, max_retries_429=0)

    def claim(self, key: str) -> bool:
        """Claim a key; as `Guard.claim`."""
        try:
            answer = self._service.check_lock(key, ttl=self._ttl)
        except (OnceOnlyError, httpx.HTTPError) as error:
            raise GuardUnavailable(type(error).__name__) from error
        if answer.status_code != 409 and answer.raw.get("status") not in ("locked", "duplicate"):
            raise GuardUnavailable("the answer does not say whether the key is claimed")
        return bool(answer.locked)

    def release(self, key: str) -> None:
        """Do nothing: the service has no way to forget a key before its time."""

    def close(self) -> None:
        """Close the client that the SDK made."""
        self._service.close()
