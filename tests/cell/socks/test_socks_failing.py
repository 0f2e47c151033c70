"""SOCKS proxies that do not do what they are asked: what is raised, and what it says."""

import pytest

from repro.cell import socks as through
from repro.cell.optional import companion
from repro.cell.socks import FAILED, REFUSED, UNREACHABLE, SocksProxy
from repro.cell.upstream import refusing_port

pytestmark = pytest.mark.needs("SOCKS proxy")

ANSWERS = {"failed": FAILED, "unreachable": UNREACHABLE, "refused": REFUSED}


@pytest.mark.parametrize("answer", ANSWERS)
def test_not_connected(observe, named, answer):
    """A SOCKS proxy that cannot connect, and says why: what is raised, and what it says."""
    with SocksProxy(answer=ANSWERS[answer]) as socks:
        observe(companion.ask(through.failure, socks.place(), named))


def test_not_connected_async(observe, named):
    """A SOCKS proxy that says that its host refuses connections, to an asynchronous client."""
    with SocksProxy(answer=REFUSED) as socks:
        observe(companion.ask(through.async_failure, socks.place(), named))


def test_nobody(observe, named):
    """A SOCKS proxy that does not listen."""
    observe(companion.ask(through.get, f"socks5://127.0.0.1:{refusing_port()}", [named]))


def test_no_socks(observe, named):
    """A proxy that answers SOCKS with HTTP, and one that closes: what is raised, and what it says."""
    greetings = {"HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n", "nothing": b""}
    observe({name: greeted(greeting, named) for name, greeting in greetings.items()})


def greeted(greeting, url):
    """How a request ends whose proxy says this in the place of SOCKS."""
    with SocksProxy(greeting=greeting) as socks:
        return companion.ask(through.failure, socks.place(), url)


def test_silent(observe, named):
    """A SOCKS proxy that says nothing for a while, and short timeouts of every kind."""
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), 0.03)
    with SocksProxy(slow=0.4) as socks:
        observe(companion.ask(through.get, socks.place(), [named], timeouts))
