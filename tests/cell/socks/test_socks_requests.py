"""Requests through a SOCKS proxy: what it is asked, who resolves the name, and on how many connections."""

import pytest

from repro.cell import socks as through
from repro.cell.optional import companion
from repro.cell.upstream import Upstream, server_context

pytestmark = pytest.mark.needs("SOCKS proxy")


def test_schemes(observe):
    """Proxies of each scheme of SOCKS, by whether a client can be made with them."""
    schemes = ("socks5", "socks5h", "SOCKS5", "socks4", "socks4a", "socks")
    observe({scheme: companion.ask(through.making, f"{scheme}://127.0.0.1:1") for scheme in schemes})


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_resolving(observe, socks, upstream, named, scheme):
    """A request to a name that only the proxy resolves, and to an address: what the proxy is asked for."""
    answers = [companion.ask(through.get, socks.place(scheme), [url]) for url in (named, upstream.url)]
    observe({"answers": answers, "asked for": [f"{asked.kind} {asked.host}" for asked in socks.asked]})


def test_reaching(observe, socks, upstream, named):
    """What reaches the upstream of a request through a SOCKS proxy."""
    companion.ask(through.get, socks.place(), [named + "path?query"])
    (request,) = upstream.requests
    observe([request.target, [name for name, _ in request.headers]])


def test_connections(observe, socks, upstream, named):
    """How many connections two requests to one host need, and two to another."""
    other = upstream.url
    companion.ask(through.get, socks.place(), [named, named, other, other])
    observe(len(socks.connections))


def test_tls(observe, socks):
    """A request to a server that speaks TLS, through a SOCKS proxy."""
    with Upstream(server_context()) as secure:
        observe(companion.ask(through.get_trusting, socks.place(), secure.url))


def test_async(observe, socks, named):
    """A request of an asynchronous client through a SOCKS proxy."""
    observe(companion.ask(through.async_get, socks.place(), named))


@pytest.mark.parametrize("variable", ["ALL_PROXY", "HTTP_PROXY"])
def test_environment(observe, socks, named, variable):
    """A SOCKS proxy that an environment variable names."""
    observe([companion.ask(through.by_environment, variable, socks.place(), named), len(socks.asked)])
