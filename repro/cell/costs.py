"""What a release costs, measured in a process of its own.

`python -m repro.cell.costs measure MODULE PLAIN TLS KEPT FRESH` prints one line of JSON. Nothing of the kit is imported
before the release is, so that the time of its import is its own. `python -m repro.cell.costs serve` is what it is
measured against: two servers, one plain and one over TLS that offers HTTP/2 and HTTP/1.1; it prints where they are, and
ends when its standard input does.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

#: How many clients are made, and kept open, to see what one takes.
CLIENTS = 20


def measure(module: str, plain: str, tls: str, kept: int, fresh: int) -> dict[str, Any]:
    """Measure the release in this environment.

    Args:
        module: Its import name.
        plain: The URL of a server without TLS.
        tls: The URL of one over TLS that offers HTTP/2 and HTTP/1.1.
        kept: How many requests are sent over a connection that is kept.
        fresh: How many are sent by a client each, as the reproduction does.

    Returns:
        Seconds as `import`, `client`, and lists of them as `kept`, `fresh`, `tls` and `http2`; bytes as `made` and
        `open`. What the release does not have is None.
    """
    begun = time.perf_counter()
    importlib.import_module(module)
    found: dict[str, Any] = {"import": time.perf_counter() - begun}
    from repro.cell import capabilities, clients

    client = clients.sync_client
    made = _timed(lambda: client().close(), 5)
    found["client"] = min(made)
    before = _resident()
    held = [client() for _ in range(CLIENTS)]
    found["made"] = (_resident() - before) / CLIENTS
    for each in held:
        each.get(plain)
    found["open"] = (_resident() - before) / CLIENTS
    for each in held:
        each.close()
    found["kept"] = _kept(client(), plain, kept)
    found["fresh"] = _timed(lambda: _once(client(), plain), fresh)
    trusts, speaks = (capabilities.has(name) for name in ("verify argument", "HTTP/2 in the sync client"))
    trusting = {"verify": _trust()}
    found["tls"] = _kept(client(**trusting), tls, kept) if trusts else None
    found["http2"] = _kept(client(http2=True, **trusting), tls, kept) if trusts and speaks else None
    return found


def _timed(call: Callable[[], Any], times: int) -> list[float]:
    """How long each of some calls takes, in seconds."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        call()
        found.append(time.perf_counter() - begun)
    return found


def _kept(client: Any, url: str, times: int) -> list[float]:
    """How long requests take over a connection that is kept; the one that opens it does not count."""
    try:
        client.get(url)
        return _timed(lambda: client.get(url), times)
    finally:
        client.close()


def _once(client: Any, url: str) -> None:
    """One request by a client of its own."""
    try:
        client.get(url)
    finally:
        client.close()


def _trust() -> Any:
    """What trusts the certificates of the loopback servers."""
    import ssl

    return ssl.create_default_context(cafile=str(Path(__file__).parent / "certificates" / "authority.pem"))


def _resident() -> int:
    """The memory that this process holds, in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def serve() -> None:
    """Serve until standard input ends."""
    from repro.cell.http2_upstream import Http2Upstream
    from repro.cell.serving import end_with_input, say
    from repro.cell.upstream import Upstream

    with Upstream() as plain, Http2Upstream() as tls:
        # Kept for behaviours to read, and here for nobody: what grows with each request would be measured.
        plain.requests = tls.requests = tls.frames = _Forgetful()
        say({"port": plain.port, "tls": tls.port})
        end_with_input()


class _Forgetful(list[Any]):
    """A list that keeps nothing."""

    def append(self, _item: Any) -> None:
        """Forget it."""

    def __iadd__(self, _items: Any) -> Self:  # type: ignore[misc]
        return self


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1] == "serve":
        serve()
    else:
        _, _, module, plain, tls, kept, fresh = sys.argv
        sys.stdout.write(json.dumps(measure(module, plain, tls, int(kept), int(fresh))) + "\n")
