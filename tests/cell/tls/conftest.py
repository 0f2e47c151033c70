"""Upstreams that speak TLS, and what a client makes of them."""

import contextlib

import pytest

from repro.cell import redaction, tls
from repro.cell.clients import sync_client
from repro.cell.upstream import Upstream


@pytest.fixture
def serving():
    """A function that starts an upstream with a TLS context, and answers its base URL on localhost."""
    with contextlib.ExitStack() as servers:

        def start(context, host="localhost"):
            server = servers.enter_context(redaction.naming(Upstream(context), "PORT"))
            return f"https://{host}:{server.port}"

        yield start


@pytest.fixture
def secure(serving):
    """The base URL of an upstream that a client has no reason to refuse."""
    return serving(tls.server())


@pytest.fixture
def verdict():
    """A function that makes a client with these options and asks a URL: what it makes of the server."""

    def ask(url, **options):
        with sync_client(**options) as client:
            return client.get(url)

    return lambda url, **options: tls.verdict(lambda: ask(url, **options))
