"""The headers of a request, asked of the asynchronous client, because there were releases that had no other."""

import pytest

from repro.cell.asking import async_answer

pytestmark = pytest.mark.needs("async client")


def test_async_host_with_default_port(observe):
    """The Host of an asynchronous request to port 80 of a URL that says so."""

    async def host(client):
        return client.build_request("GET", "http://example.org:80/").headers["host"]

    observe(async_answer(host))
