"""Credentials for a proxy: where they are taken from, and who sees them."""

import pytest

from repro.cell import outcomes, redaction
from repro.cell.clients import plain_client
from repro.cell.library import httpx
from repro.cell.proxy import credentials

pytestmark = pytest.mark.needs("proxy in the sync client")


def brought(seen, username, password):
    """What a request brought for the proxy, in words and without a secret."""
    words = {None: "nothing", f"{username}:{password}": "as given", f"{username}:": "the user, without a password"}
    return words.get(credentials(seen), "something else")


@pytest.mark.needs("sync client without an event loop")
def test_in_url(observe, proxy, upstream, secure):
    """Who sees credentials that are in the URL of the proxy."""
    secret = redaction.plant()

    def ask():
        with plain_client(proxy=proxy.with_credentials("user", secret)) as client:
            client.get(upstream.url)
            ended = outcomes.of(lambda: client.get(f"https://localhost:{secure.port}/"))
        return {
            "request to forward": brought(proxy.requests[0], "user", secret),
            "request for a tunnel": brought(proxy.requests[1], "user", secret),
            "request through the tunnel": brought(secure.requests[0], "user", secret) if secure.requests else ended,
        }

    observe(outcomes.of(ask))


def sent(proxy, url, **options):
    """The request that a proxy was sent for a GET of this URL."""
    with plain_client(**options) as client:
        client.get(url)
    return proxy.requests[0]


def test_escaped(observe, proxy, upstream):
    """Credentials that are escaped in the URL of the proxy."""
    secret = redaction.plant()
    given = proxy.with_credentials("us%40er", f"{secret}%3A%2F")
    words = {f"us@er:{secret}:/": "unescaped", f"us%40er:{secret}%3A%2F": "as written"}

    def ask():
        return words.get(credentials(sent(proxy, upstream.url, proxy=given)), "something else")

    observe(outcomes.of(ask))


def test_user_only(observe, proxy, upstream):
    """A user without a password in the URL of the proxy."""
    given = proxy.url.replace("://", "://user@")
    observe(outcomes.of(lambda: brought(sent(proxy, upstream.url, proxy=given), "user", "-")))


def test_auth_argument(observe, proxy, upstream):
    """Credentials that a proxy is given as `auth`."""
    secret = redaction.plant()

    def ask():
        given = httpx.Proxy(proxy.url, auth=("user", secret))
        return brought(sent(proxy, upstream.url, proxy=given), "user", secret)

    observe(outcomes.of(ask))


def test_in_environment(observe, proxy, upstream, monkeypatch):
    """Credentials in the URL of a proxy that the environment names."""
    secret = redaction.plant()
    monkeypatch.setenv("HTTP_PROXY", proxy.with_credentials("user", secret))
    observe(outcomes.of(lambda: brought(sent(proxy, upstream.url), "user", secret)))


def test_shown(observe, proxy):
    """Whether the form of a proxy that a log would show has its password in it."""
    secret = redaction.plant()

    def shows(show):
        return secret in show(httpx.Proxy(proxy.with_credentials("user", secret)))

    observe({"repr": outcomes.of(lambda: shows(repr)), "its URL": outcomes.of(lambda: shows(lambda it: str(it.url)))})
