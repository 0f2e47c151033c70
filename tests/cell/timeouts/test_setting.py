"""Where a timeout is set: what a client has by default, and what a request says against its client."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose, plain_async_client, plain_client, run, timeouts
from repro.cell.library import httpx
from repro.cell.upstream import answering, outlasting, silent

pytestmark = pytest.mark.needs("timeout argument")

SHORT = {"connect": 5.0, "read": 0.1, "write": 5.0, "pool": 5.0}
LONG = {"connect": 5.0, "read": 5.0, "write": 5.0, "pool": 5.0}

#: How long the server waits before it answers: longer than the short timeout, and shorter than the others.
SLOW = 0.5


def kinds(value):
    """The timeouts that a client holds, by kind; those that it has no word for are left out."""
    found = {kind: getattr(value, kind, getattr(value, f"{kind}_timeout", "")) for kind in LONG}
    return {kind: seconds for kind, seconds in found.items() if seconds != ""}


@pytest.mark.needs("sync client")
def test_default(observe):
    """The timeouts of a client that is given none, as its `timeout` says them."""
    with plain_client() as client:
        observe(outcomes.of(lambda: kinds(client.timeout)))


@pytest.mark.needs("async client")
def test_async_default(observe):
    """The timeouts of an asynchronous client that is given none, as its `timeout` says them."""

    async def main():
        client = plain_async_client()
        found = outcomes.of(lambda: kinds(client.timeout))
        await aclose(client)
        return found

    observe(run(main))


@pytest.mark.needs("sync client")
def test_none_for_client(observe):
    """The timeouts of a client that is given None, as its `timeout` says them."""
    with plain_client(timeout=None) as client:
        observe(outcomes.of(lambda: kinds(client.timeout)))


@pytest.mark.needs("sync client")
def test_shorter_for_request(observe, upstream):
    """A request with a shorter timeout than its client, to a server that does not answer."""
    upstream.answer("/", silent)
    with plain_client(timeouts=LONG) as client:
        observe(outcomes.of(lambda: client.get(upstream.url, timeout=timeouts(**SHORT))))


@pytest.mark.needs("sync client")
def test_longer_for_request(observe, upstream):
    """A request with a longer timeout than its client, to a server that is slow."""
    upstream.answer("/", outlasting(SLOW, answering({"ok": True})))
    with plain_client(timeouts=SHORT) as client:
        observe(outcomes.of(lambda: client.get(upstream.url, timeout=timeouts(**LONG))))


@pytest.mark.needs("sync client")
def test_none_for_request(observe, upstream):
    """A request with None as its timeout, to a server that is slower than the client's timeout."""
    upstream.answer("/", outlasting(SLOW, answering({"ok": True})))
    with plain_client(timeouts=SHORT) as client:
        observe(outcomes.of(lambda: client.get(upstream.url, timeout=None)))


@pytest.mark.needs("async client")
def test_async_none_for_request(observe, upstream):
    """An asynchronous request with None as its timeout, to a server that is slower than the client's timeout."""
    upstream.answer("/", outlasting(SLOW, answering({"ok": True})))

    async def main():
        client = plain_async_client(timeouts=SHORT)
        answer = await outcomes.of_async(lambda: client.get(upstream.url, timeout=None))
        await aclose(client)
        return answer

    observe(run(main))


@pytest.mark.needs("top-level functions")
def test_spellings(observe):
    """Which ways of writing a timeout of four kinds the release takes."""
    observe(
        {
            "Timeout(5, connect=1)": spelling(lambda: httpx.Timeout(5, connect=1)),
            "Timeout(5, connect_timeout=1)": spelling(lambda: httpx.Timeout(5, connect_timeout=1)),
            "Timeout(timeout=5)": spelling(lambda: httpx.Timeout(timeout=5)),
            "Timeout(connect=1)": spelling(lambda: httpx.Timeout(connect=1)),
            "Timeout()": spelling(httpx.Timeout),
            "Timeout((1, 2, 3, 4))": spelling(lambda: httpx.Timeout((1, 2, 3, 4))),
            "Timeout((1, 2, 3))": spelling(lambda: httpx.Timeout((1, 2, 3))),
            "TimeoutConfig(5, connect_timeout=1)": spelling(lambda: httpx.TimeoutConfig(5, connect_timeout=1)),
        }
    )


def spelling(make):
    """What comes of a spelling: the timeouts by kind."""
    try:
        made = make()
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation, an assertion too
        return outcomes.phrase(error)
    return "an exception" if isinstance(made, Exception) else kinds(made)
