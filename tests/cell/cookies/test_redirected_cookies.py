"""Cookies on the way of a redirect that is followed: set by it, and given to what is redirected."""

import pytest

from repro.cell.asking import answer, following
from repro.cell.clients import plain_client

pytestmark = pytest.mark.needs("sync client")
jar = pytest.mark.needs("cookies")


@pytest.fixture
def after(upstream, setting, sent):
    """A function: the cookies that arrive where a redirect leads to, on the same host and on another.

    It takes what sends, given a URL and the arguments with which redirects are followed, and the cookies that the
    redirect sets.
    """

    def arrived(send, *cookies):
        targets = {"the same host": upstream.url, "another host": upstream.url.replace("127.0.0.1", "localhost")}
        found = {}
        for place, url in targets.items():
            start = setting("/start", *cookies, status=302, reason="Found", headers=(("Location", f"{url}/end"),))
            found[place] = sent(lambda s=start: send(s, following()))
            assert found[place].startswith("raises ") or upstream.requests[-1].target == "/end"
        return found

    return arrived


@jar
def test_set_by_redirect(observe, after, values):
    """A cookie that a redirect sets."""

    def send(url, options):
        with plain_client() as client:
            return client.get(url, **options)

    observe(after(send, f"session={values['A']}; Path=/"))


@jar
def test_of_client(observe, after, values):
    """A cookie of the client, given without a domain."""

    def send(url, options):
        with plain_client(cookies={"session": values["A"]}) as client:
            return client.get(url, **options)

    observe(after(send))


@jar
def test_of_request(observe, after, client, values):
    """A cookie of the request."""
    observe(after(lambda url, options: client.get(url, cookies={"session": values["A"]}, **options)))


def test_in_header(observe, after, client, values):
    """A cookie in a header of the request."""
    headers = {"Cookie": f"session={values['A']}"}
    observe(after(lambda url, options: client.get(url, headers=headers, **options)))


def test_in_header_of_client(observe, after, values):
    """A cookie in a header of the client."""

    def send(url, options):
        with plain_client(headers={"Cookie": f"session={values['A']}"}) as client:
            return client.get(url, **options)

    observe(after(send))


@jar
def test_replaced_by_redirect(observe, after, values):
    """A cookie of the client, and one of the same name that a redirect sets."""

    def send(url, options):
        with plain_client(cookies={"session": values["CLIENT"]}) as client:
            return client.get(url, **options)

    observe(after(send, f"session={values['REDIRECT']}; Path=/"))


@jar
def test_of_responses(observe, client, setting, values):
    """The cookies of the last response and of the redirect before it."""
    url = setting("/start", f"a={values['A']}; Path=/", status=302, reason="Found", headers=(("Location", "/end"),))
    setting("/end", f"b={values['B']}; Path=/")

    def names():
        response = client.get(url, **following())
        return {"last": list(response.cookies), "redirect": [list(each.cookies) for each in response.history]}

    observe(answer(names))
