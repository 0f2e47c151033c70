"""Credentials for a SOCKS proxy: what it is given, and what comes of the wrong ones."""

import pytest

from repro.cell import redaction
from repro.cell import socks as through
from repro.cell.optional import companion
from repro.cell.socks import SocksProxy

pytestmark = pytest.mark.needs("SOCKS proxy")


@pytest.fixture
def closed():
    """A SOCKS proxy that wants credentials."""
    with redaction.naming(SocksProxy("user:pass@word"), "PROXY") as server:
        yield server


def test_credentials(observe, closed, named):
    """Credentials in the URL of a SOCKS proxy, escaped as a URL wants it, and what the proxy is given."""
    answer = companion.ask(through.get, closed.place(who="user:pass%40word"), [named])
    observe({"answer": answer, "as wanted": closed.asked[-1].credentials == "user:pass@word"})


def test_credentials_offered(observe, socks, named):
    """Credentials in the URL of a SOCKS proxy that wants none: what is offered, and how it ends."""
    answer = companion.ask(through.get, socks.place(who="user:word"), [named])
    observe({"answer": answer, "offered": socks.asked[-1].ways})


@pytest.mark.parametrize("who", ["", "user:word", "user"], ids=["none", "wrong", "half"])
def test_credentials_refused(observe, closed, named, who):
    """A SOCKS proxy that wants other credentials than it is given: what is raised, and what it says."""
    observe(companion.ask(through.failure, closed.place(who=who), named))
