"""Parameters of a request, asked of the asynchronous client, because there were releases that had no other."""

import pytest

from repro.cell.asking import async_seen

pytestmark = pytest.mark.needs("async client", "base_url argument")


def test_async_with_query(observe, upstream):
    """What an asynchronous request asks for whose URL has the query `a=1` and whose parameters are `b=2`."""
    observe(
        async_seen(
            upstream,
            lambda client: client.get(upstream.url + "/?a=1", params={"b": "2"}),
            lambda request: request.target,
        )
    )
