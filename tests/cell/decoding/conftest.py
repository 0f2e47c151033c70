"""What the behaviours about decoding share: a client, and a response with a body and headers of choice."""

import pytest

from repro.cell.upstream import answering


@pytest.fixture
def get(client, upstream):
    """A function that answers the response to a GET, which is these bytes with these header lines."""

    def response(body, kind="text/plain", **headers):
        lines = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        upstream.answer("/", answering(body, headers=(("Content-Type", kind), *lines)))
        return client.get(upstream.url)

    return response
