"""How long an idle HTTP/2 connection is kept for the next request; the time passes on the clock the client reads."""

import contextlib

import pytest

from repro.cell import outcomes
from repro.cell.clock import later

pytestmark = pytest.mark.needs("HTTP/2")


def kept(server, client, idle):
    """Whether the next request uses the connection again after it was idle so many seconds, until it does not."""
    found = {}
    client.get(server.url)
    with contextlib.ExitStack() as clock:
        for name, seconds in idle.items():
            before = len(server.connections)
            clock.enter_context(later(seconds))
            client.idle()
            outcome = outcomes.of(lambda: client.get(server.url))
            found[name] = outcome if outcome != 200 else "kept" if len(server.connections) == before else "replaced"
            if found[name] != "kept":
                break
    return found


def test_expiry_by_default(observe, http2_client, http2_upstream):
    """Whether an idle connection is used again after 4 seconds, 6 seconds and an hour."""
    idle = {"4 s": 4, "6 s": 6, "1 h": 3600}
    observe(kept(http2_upstream, http2_client(), idle))


@pytest.mark.needs("keepalive_expiry option")
def test_expiry_of_a_minute(observe, http2_client, http2_upstream):
    """Whether a client told to keep idle connections for 60 seconds uses one again after 58 and after 62."""
    idle = {"58 s": 58, "62 s": 62}
    observe(kept(http2_upstream, http2_client(keepalive_expiry=60), idle))
