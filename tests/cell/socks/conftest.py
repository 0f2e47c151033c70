"""A SOCKS proxy for one behaviour, and a name that no resolver knows."""

import pytest

from repro.cell import redaction
from repro.cell.socks import SocksProxy


@pytest.fixture
def socks():
    """A loopback SOCKS proxy that lets anybody in."""
    with redaction.naming(SocksProxy(), "PROXY") as server:
        yield server


@pytest.fixture
def named(upstream):
    """The URL of the upstream under a name that only a proxy can make something of."""
    return f"http://upstream.invalid:{upstream.port}/"
