"""What the behaviours about streaming share: a client, and a response that is not read yet."""

import pytest

from repro.cell.clients import streamed


@pytest.fixture
def unread(client, upstream):
    """A function that answers a response whose body is not read yet."""
    return lambda path="/": streamed(client, upstream.url + path)
