"""What of a user's secret survives a redirect: to the same origin, to another port, and to another host."""

import pytest

from repro.cell.asking import following
from repro.cell.clients import plain_client
from repro.cell.upstream import Upstream, answering

pytestmark = pytest.mark.needs("sync client", "authentication")


@pytest.fixture
def after(upstream, sent):
    """A function: what the Authorization of a request says where a redirect has led it, by how far away that is.

    It takes what sends, given a URL and the arguments with which redirects are followed.
    """
    with Upstream() as other:

        def arrived(send, what=sent):
            targets = {
                "the same origin": (upstream, upstream.url),
                "another port": (other, other.url),
                "another host": (upstream, upstream.url.replace("127.0.0.1", "localhost")),
            }
            found = {}
            for place, (server, url) in targets.items():
                upstream.answer("/", answering(status=302, reason="Found", headers=(("Location", url + "/end"),)))
                found[place] = what(lambda: send(upstream.url, following()), server)
                assert server.requests[-1].target == "/end"
            return found

        yield arrived


def test_redirected_request(observe, after, client, user):
    """The `auth` of a request."""
    observe(after(lambda url, options: client.get(url, auth=user.pair, **options)))


def test_redirected_client(observe, after, user):
    """The `auth` of a client."""
    with plain_client(auth=user.pair) as client:
        observe(after(lambda url, options: client.get(url, **options)))


def test_redirected_header(observe, after, client, user):
    """An Authorization in a header of a request."""
    headers = {"Authorization": f"Token {user.password}"}
    observe(after(lambda url, options: client.get(url, headers=headers, **options)))


def test_redirected_header_of_client(observe, after, user):
    """An Authorization in a header of a client."""
    with plain_client(headers={"Authorization": f"Token {user.password}"}) as client:
        observe(after(lambda url, options: client.get(url, **options)))


def test_redirected_url(observe, after, client, user):
    """A user and a password in the URL."""
    userinfo = f"//{user.name}:{user.password}@"
    observe(after(lambda url, options: client.get(url.replace("//", userinfo), **options)))


def test_redirected_key(observe, after, client, user):
    """A key in a header of the caller's own."""
    headers = {"X-Key": user.password}

    def what(call, server):
        call()
        return "sent" if server.requests[-1].header("X-Key") else "not sent"

    observe(after(lambda url, options: client.get(url, headers=headers, **options), what))


def test_redirected_to_url(observe, upstream, client, user, sent):
    """A redirect to a URL that has a user and a password of its own, with an `auth` of the request and without."""
    target = upstream.url.replace("//", "//url:@") + "/end"
    upstream.answer("/", answering(status=302, reason="Found", headers=(("Location", target),)))
    observe(
        {
            "without": sent(lambda: client.get(upstream.url, **following())),
            "with": sent(lambda: client.get(upstream.url, auth=user.pair, **following())),
        }
    )
