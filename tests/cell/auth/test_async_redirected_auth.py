"""What of a user's secret survives a redirect that the asynchronous client follows.

The asynchronous client has its own answer, because there were releases that had no other.
"""

import pytest

from repro.cell import outcomes
from repro.cell.asking import following
from repro.cell.clients import aclose, async_client, run
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("async client", "authentication")


def test_async_redirected_request(observe, upstream, user):
    """The `auth` of an asynchronous request, where a redirect leads to the same origin and to another host."""

    async def main(url):
        client = async_client()
        ended = await outcomes.of_async(lambda: client.get(url, auth=user.pair, **following()))
        await aclose(client)
        return ended

    found = {}
    for place, url in {
        "the same origin": upstream.url,
        "another host": upstream.url.replace("127.0.0.1", "localhost"),
    }.items():
        upstream.answer("/", answering(status=302, reason="Found", headers=(("Location", url + "/end"),)))
        assert run(lambda: main(upstream.url)) == 200
        found[place] = user.sent_by(upstream.requests_for("/end")[-1])
    observe(found)
