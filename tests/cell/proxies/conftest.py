"""A proxy for one behaviour, and which way a request took."""

import pytest

from repro.cell import outcomes, redaction
from repro.cell.proxy import Proxy


@pytest.fixture
def proxy():
    """A loopback proxy; its port is called PROXY in observations."""
    with redaction.naming(Proxy(), "PROXY") as server:
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
