"""What the behaviours about bodies share: a client at a server, and a function that sends with it."""

import pytest

from repro.cell import bodies


@pytest.fixture
def send(client, upstream):
    """Send a request with a body, a POST if nothing else is said; answers what the server saw of it."""
    return lambda method="POST", **arguments: bodies.sent(client, upstream, method, **arguments)


@pytest.fixture
def send_each(client, upstream):
    """Send each of some bodies, by name, as one argument; answers the body that the server saw, by the same names."""
    return lambda argument, values: {
        name: bodies.sent_body(client, upstream, **{argument: value}) for name, value in values.items()
    }


@pytest.fixture
def hasty(upstream):
    """Send a POST with a body that may fail while it is sent, with a client of its own; answers as `send`."""

    def sent(**arguments):
        with bodies.hasty_client() as sender:
            return bodies.sent(sender, upstream, **arguments)

    return sent
