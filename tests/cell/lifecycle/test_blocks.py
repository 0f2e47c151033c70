"""The `with` block: what entering and leaving it does, once and again."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import plain_client, status

pytestmark = pytest.mark.needs("sync client")


def in_block(client, url):
    """Send one request inside a block of its own, and keep nothing of the response but its status."""
    with client as entered:
        return status(entered.get(url))


def test_block_closes_connections(upstream):
    """Leaving a `with` block closes the client's connections."""
    with plain_client() as client:
        client.get(upstream.url)
        assert upstream.held_open() == 1
    assert upstream.held_open() == 0


def test_block_unused(upstream):
    """A `with` block without a request names the client itself and opens no connection."""
    client = plain_client()
    with client as entered:
        assert entered is client
    assert upstream.connections == []


def test_block_with_exception(upstream):
    """An exception inside the block leaves it unchanged, and the client's connections are closed."""
    error = LookupError()

    def block():
        with plain_client() as client:
            client.get(upstream.url)
            raise error

    with pytest.raises(LookupError) as caught:
        block()
    assert caught.value is error
    assert upstream.held_open() == 0


def test_block_with_response(observe, upstream):
    """Leaving a block while a response that was read in it is still kept."""
    with plain_client() as client:
        response = client.get(upstream.url)
    observe({"answer": status(response), "connections held open": upstream.held_open()})


def test_block_again(observe, upstream):
    """Entering a second block with a client whose first block has ended."""
    client = plain_client()
    in_block(client, upstream.url)
    answer = outcomes.of(lambda: in_block(client, upstream.url))
    observe({"second block": answer, "connections held open": upstream.held_open()})


def test_block_nested(observe, upstream):
    """Entering a block with a client inside a block with the same client."""
    client = plain_client()
    with client:
        inner = outcomes.of(lambda: in_block(client, upstream.url))
        outer = outcomes.of(lambda: client.get(upstream.url))
    observe({"inner block": inner, "outer block, then": outer, "connections held open": upstream.held_open()})


def test_block_after_request(observe, upstream):
    """Entering a block with a client that has already sent a request."""
    client = plain_client()
    client.get(upstream.url)
    answer = outcomes.of(lambda: in_block(client, upstream.url))
    held = upstream.held_open()
    client.close()
    observe({"block": answer, "connections held open": held})


def test_block_after_close(observe, upstream):
    """Entering a block with a client that was closed."""
    client = plain_client()
    client.get(upstream.url)
    client.close()
    answer = outcomes.of(lambda: in_block(client, upstream.url))
    observe({"block": answer, "connections held open": upstream.held_open()})
