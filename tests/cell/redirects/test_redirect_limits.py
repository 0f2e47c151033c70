"""Redirects without an end, and how many are followed."""

import pytest

from repro.cell import outcomes
from repro.cell.asking import following
from repro.cell.clients import aclose, async_client, plain, run
from repro.cell.following import following_client
from repro.cell.upstream import answering

# A redirect may lead to where nobody answers, and a client that has no timeout waits there for ever.
pytestmark = pytest.mark.needs("sync client", "timeout argument")


def looped(upstream, **options):
    """How a request ends that is redirected from one place to the other and back, and how often upstream was asked."""
    upstream.requests.clear()
    with following_client(**options) as client:
        ended = outcomes.caught(lambda: client.get(upstream.url + "/a"))
    return {"answer": ended, "requests": len(upstream.requests)}


def test_loop(observe, upstream, redirect):
    """Two places that redirect to one another."""
    redirect(upstream, "/a", "/b")
    redirect(upstream, "/b", "/a")
    observe(looped(upstream, max_redirects=3))


def test_limit(observe, upstream, redirect):
    """How a request ends that is redirected once, of a client that follows no redirect, and of one that follows one."""
    redirect(upstream, "/a", "/b")
    observe({f"max_redirects={limit}": looped(upstream, max_redirects=limit) for limit in (0, 1)})


def test_limit_by_default(observe, upstream):
    """Redirects that always lead further, and a client that was told no limit."""
    for number in range(40):
        location = (("Location", f"/{number + 1}"),)
        upstream.answer(f"/{number}", answering(status=302, reason="Found", headers=location))
    with following_client() as client:
        ended = outcomes.of(lambda: client.get(upstream.url + "/0"))
    observe({"answer": ended, "requests": len(upstream.requests)})


def test_same_place(observe, upstream):
    """A redirect to the place that it came from, which then answers: as some sites do to set a cookie."""
    again = answering(status=302, reason="Found", headers=(("Location", "/a"), ("Set-Cookie", "seen=yes")))
    upstream.answer("/a", again, answering("done"))
    with following_client() as client:
        observe(outcomes.of(lambda: client.get(upstream.url + "/a")))


def test_same_place_after_post(observe, upstream):
    """A POST that is redirected to its own place, which answers the GET: as a form does that was sent."""
    again = answering(status=303, reason="See Other", headers=(("Location", "/a"),))
    upstream.answer("/a", again, answering("done"))
    with following_client() as client:
        observe(outcomes.of(lambda: client.post(upstream.url + "/a")))


@pytest.mark.needs("async client")
def test_async_limit(observe, upstream, redirect):
    """How a request of an asynchronous client ends that is redirected twice, where one redirect is followed."""
    redirect(upstream, "/a", "/b")
    redirect(upstream, "/b", "/c")

    async def main():
        client = async_client(**plain({}), max_redirects=1)
        ended = await outcomes.of_async(lambda: client.get(upstream.url + "/a", **following()))
        await aclose(client)
        return ended

    observe(run(main))
