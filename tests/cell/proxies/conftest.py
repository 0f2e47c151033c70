"""A proxy for one behaviour, an upstream that speaks TLS behind it, and which way a request took."""

import pytest

from repro.cell import outcomes, redaction
from repro.cell.proxy import Proxy
from repro.cell.upstream import Upstream, server_context


@pytest.fixture
def proxy():
    """A loopback proxy; its port is called PROXY in observations."""
    with Proxy() as server:
        redaction.normalise(str(server.port), "PROXY")
        yield server


@pytest.fixture
def secure():
    """An upstream that speaks TLS; its port is called SECURE in observations."""
    with Upstream(server_context()) as server:
        redaction.normalise(str(server.port), "SECURE")
        yield server


@pytest.fixture
def way(proxy):
    """A function that makes a call and says which way its requests took.

    `forwarded`, `tunnelled` or `direct` where it was answered with 200; else how the call ended, and behind what the
    proxy had been asked for until then.
    """

    def took(call):
        before = len(proxy.requests)
        answer = outcomes.of(call)
        asked = ["tunnelled" if seen.method == "CONNECT" else "forwarded" for seen in proxy.requests[before:]]
        if answer == 200:
            return ", ".join(asked) or "direct"
        return ", ".join([*asked, str(answer)])

    return took
