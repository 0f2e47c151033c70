"""Whether a redirect is followed, and what says so."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import plain, plain_client
from repro.cell.following import following_client, not_following
from repro.cell.library import httpx
from repro.cell.values import told

pytestmark = pytest.mark.needs("sync client")


def test_by_default(observe, upstream, redirect):
    """The status that a caller who says nothing gets where upstream redirects, by method."""
    redirect(upstream, "/from", "/to")
    with plain_client() as client:
        observe(
            {
                name.upper(): outcomes.of(lambda name=name: getattr(client, name)(upstream.url + "/from"))
                for name in ("get", "options", "head", "post")
            }
        )


@pytest.mark.needs("top-level functions")
def test_by_default_of_function(observe, upstream, redirect):
    """The status that the top-level function answers where upstream redirects."""
    redirect(upstream, "/from", "/to")
    observe(outcomes.of(lambda: httpx.get(upstream.url + "/from", **plain({}))))


SPELLINGS = [
    {"allow_redirects": True},
    {"allow_redirects": False},
    {"follow_redirects": True},
    {"follow_redirects": False},
    {"follow_redirects": None},
]


def called(argument):
    """An argument of a call as it is written."""
    ((name, value),) = argument.items()
    return f"{name}={value}"


def test_spelling_of_request(observe, upstream, redirect):
    """The status that a caller gets where upstream redirects, by what the request is told."""
    redirect(upstream, "/from", "/to")
    with plain_client() as client:
        observe(
            {
                called(argument): outcomes.of(lambda argument=argument: client.get(upstream.url + "/from", **argument))
                for argument in SPELLINGS
            }
        )


def test_spelling_of_client(observe, upstream, redirect):
    """The status that a caller gets where upstream redirects, by what the client is told."""
    redirect(upstream, "/from", "/to")

    def get(argument):
        with plain_client(**argument) as client:
            return client.get(upstream.url + "/from")

    arguments = [{"allow_redirects": True}, {"follow_redirects": True}]
    observe({called(argument): outcomes.of(lambda argument=argument: get(argument)) for argument in arguments})


def test_attribute_of_client(observe, upstream, redirect):
    """The status that a caller gets where upstream redirects, by what `allow_redirects` of the client was set to."""
    redirect(upstream, "/from", "/to")

    def get(value):
        with plain_client() as client:
            client.allow_redirects = value
            return client.get(upstream.url + "/from")

    observe({str(value): outcomes.of(lambda value=value: get(value)) for value in (True, False)})


def test_spelling_of_send(observe, upstream, redirect):
    """The status that `client.send` answers where upstream redirects, by what it is told."""
    redirect(upstream, "/from", "/to")

    def send(argument):
        with plain_client() as client:
            return client.send(client.build_request("GET", upstream.url + "/from"), **argument)

    arguments = [{"allow_redirects": True}, {"follow_redirects": True}]
    observe({called(argument): outcomes.of(lambda argument=argument: send(argument)) for argument in arguments})


def test_attribute(observe):
    """What a client says about following redirects, and about how many."""
    with plain_client() as client:
        observe({name: told(lambda name=name: getattr(client, name)) for name in ("follow_redirects", "max_redirects")})


@pytest.mark.needs("timeout argument")
def test_not_followed(observe, upstream, redirect):
    """What an answer says that was redirected and not followed."""
    redirect(upstream, "/from", "/to?a=1")
    with plain_client() as client:
        response = client.get(upstream.url + "/from", **not_following())
        observe(
            {
                "status": response.status_code,
                "history": told(lambda: [each.status_code for each in response.history]),
                "url": told(lambda: response.url),
                "next_request": told(lambda: request_line(response.next_request)),
                "next()": told(lambda: response.next().status_code),
                "call_next()": told(lambda: response.call_next().status_code),
            }
        )


def request_line(request):
    """A request that was not sent as a phrase; None where there is none."""
    return request and f"{request.method} {request.url}"


@pytest.mark.needs("timeout argument")
def test_next_of_followed(observe, upstream, redirect):
    """What an answer says about a next request where there was no redirect."""
    with plain_client() as client:
        response = client.get(upstream.url + "/to")
        observe(
            {
                "next_request": told(lambda: request_line(response.next_request)),
                "next()": told(lambda: response.next()),  # noqa: PLW0108 - the release may have no such method
                "call_next()": told(lambda: response.call_next()),  # noqa: PLW0108 - as above
            }
        )


@pytest.mark.needs("timeout argument")
def test_history(observe, upstream, redirect):
    """What an answer says after two redirects: its own URL and request, and the answers before it."""
    redirect(upstream, "/from", "/by", 301)
    redirect(upstream, "/by", "/to", 307)
    with following_client() as client:
        response = client.get(upstream.url + "/from")
        observe(
            {
                "url": told(lambda: response.url),
                "request": told(lambda: request_line(response.request)),
                "history": told(lambda: [f"{each.status_code} {each.url}" for each in response.history]),
                "history of the last": told(lambda: [each.status_code for each in response.history[1].history]),
            }
        )


@pytest.mark.needs("timeout argument")
def test_bodies_of_history(observe, upstream, redirect):
    """Whether the body of a redirect that was followed can be read afterwards."""
    redirect(upstream, "/from", "/to")
    with following_client() as client:
        response = client.get(upstream.url + "/from")
        observe(told(lambda: [each.text for each in response.history]))
