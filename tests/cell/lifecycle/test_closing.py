"""Closing a client, and what it may be used for afterwards."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import sync_client

pytestmark = pytest.mark.needs("sync client")


def test_block_closes_connections(upstream):
    """Leaving a `with` block closes the client's connections."""
    with sync_client() as client:
        client.get(upstream.url)
        assert upstream.held_open() == 1
    assert upstream.held_open() == 0


def test_close_twice(observe, upstream):
    """Closing a client a second time."""
    client = sync_client()
    client.get(upstream.url)
    client.close()
    observe(outcomes.of(client.close))


def test_use_after_close(observe, upstream):
    """Sending a request with a client that was closed."""
    client = sync_client()
    client.get(upstream.url)
    client.close()
    observe(outcomes.of(lambda: client.get(upstream.url)))
    client.close()
