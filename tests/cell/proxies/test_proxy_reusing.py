"""How many connections to a proxy requests share, and what becomes of them when the client is closed."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import plain_client

pytestmark = pytest.mark.needs("proxy in the sync client")


def connections(proxy, urls):
    """How these requests end, over how many connections, and how many of those are open before and after the end."""
    client = plain_client(proxy=proxy.url)
    answers = [outcomes.of(lambda url=url: client.get(url)) for url in urls]
    held = proxy.held_open()
    client.close()
    return {
        "answers": answers,
        "connections": len(proxy.connections),
        "held open": held,
        "held open once closed": proxy.held_open(),
    }


def test_forwarded_in_turn(observe, proxy, upstream):
    """Two requests to one origin and one to another, forwarded."""
    urls = [upstream.url, upstream.url, f"http://localhost:{upstream.port}"]
    observe(outcomes.of(lambda: connections(proxy, urls)))


@pytest.mark.needs("sync client without an event loop")
def test_tunnelled_in_turn(observe, proxy, secure):
    """Two requests to one origin, through a tunnel."""
    observe(outcomes.of(lambda: connections(proxy, [f"https://localhost:{secure.port}/"] * 2)))
