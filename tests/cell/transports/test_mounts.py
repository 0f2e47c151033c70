"""Mounted transports: which URL goes to which, and what becomes of them when the client closes."""

import pytest

from repro.cell.applications import PLACE, answer, mocked, over
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("mock transport", "mounts")

URLS = (
    "http://example.org/",
    "https://example.org/",
    "http://www.example.org/",
    "http://myexample.org/",
    "http://example.org:8080/",
    "http://other.invalid/",
)


def named(name):
    """A transport that answers with its name."""
    return httpx.MockTransport(lambda request: httpx.Response(200, content=name.encode()))


def client_with(mounts):
    """A client with transports at some patterns, and another for all else."""
    return mocked(lambda request: httpx.Response(200, content=b"default"), mounts=mounts)


def went(client):
    """The URLs that go to a mounted transport."""
    return [url for url in URLS if client.get(url).text != "default"]


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("all://", id="all"),
        pytest.param("http://", id="scheme"),
        pytest.param("all://example.org", id="host"),
        pytest.param("https://example.org", id="scheme_and_host"),
        pytest.param("all://example.org:8080", id="port"),
        pytest.param("all://example.org:80", id="port_of_scheme"),
        pytest.param("all://*.example.org", id="subdomains"),
        pytest.param("all://*example.org", id="domain_and_subdomains"),
        pytest.param("all://*", id="any_host"),
        pytest.param("all://EXAMPLE.org", id="upper_case"),
        pytest.param("http", id="bare_scheme"),
        pytest.param("example.org", id="bare_host"),
        pytest.param("http://example.org/path", id="path"),
        pytest.param("all://10.0.0.0/33", id="impossible_range"),
    ],
)
def test_mount(observe, pattern):
    """The URLs that go to a transport which is mounted at a pattern."""
    observe(answer(lambda: went(client_with({pattern: named("mounted")}))))


def test_mount_order(observe):
    """Which of several mounted transports a URL goes to, in whatever order they are given."""
    patterns = ["all://", "http://", "all://*.example.org", "all://*example.org", "http://example.org:8080"]
    found = [
        {url: client.get(url).text for url in URLS}
        for client in (
            client_with({pattern: named(pattern) for pattern in order}) for order in (patterns, patterns[::-1])
        )
    ]
    observe(found[0] if found[0] == found[1] else "the order decides")


def test_mount_none(observe):
    """A URL at whose pattern None is mounted, below a pattern with a transport."""
    client = client_with({"all://": named("mounted"), "all://example.org": None})
    observe({url: client.get(url).text for url in URLS[-2:] + URLS[:1]})


def test_mount_close(observe):
    """Which transports are closed when the client is."""
    closed = []
    transports = {name: named(name) for name in ("own", "first", "second")}
    for name, transport in transports.items():
        transport.close = lambda name=name: closed.append(name)
    client = over(transports["own"], mounts={"http://": transports["first"], "https://": transports["second"]})
    client.get(PLACE)
    client.close()
    observe(sorted(closed))


def test_mount_shared_close(observe):
    """How often a transport is closed that is mounted twice, when the client is."""
    closed = []
    transport = named("mounted")
    transport.close = lambda: closed.append("closed")
    client = client_with({"http://": transport, "https://": transport})
    client.get(PLACE)
    client.close()
    observe(len(closed))


def test_mount_block(observe):
    """What is called of the client's own and of a mounted transport, where the client is used as a block."""
    calls = []

    def transport(name):
        class Told(httpx.MockTransport):
            def __enter__(self):
                calls.append(f"{name} entered")
                return self

            def __exit__(self, *error):
                calls.append(f"{name} left")

            def close(self):
                calls.append(f"{name} closed")

        return Told(lambda request: httpx.Response(200))

    with over(transport("own"), mounts={"http://": transport("mounted")}) as client:
        client.get(PLACE)
    observe(calls)


def test_mount_none_close():
    """A client at one of whose patterns None is mounted closes its own transport, and leaves a block."""
    closed = []
    own = named("own")
    own.close = lambda: closed.append("own")
    over(own, mounts={"all://example.org": None}).close()
    with client_with({"all://example.org": None}):
        pass
    assert closed == ["own"]
