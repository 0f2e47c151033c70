"""Cookies given to the client, to a request, and in a header: which of them are sent, and which stay."""

import warnings
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy

import pytest

from repro.cell.asking import answer
from repro.cell.clients import plain_client
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("sync client", "cookies")


def jar_of(name, value):
    """A jar with one cookie for every host."""
    jar = CookieJar()
    jar.set_cookie(
        Cookie(
            version=0,
            name=name,
            value=value,
            port=None,
            port_specified=False,
            domain="",
            domain_specified=False,
            domain_initial_dot=False,
            path="/",
            path_specified=True,
            secure=False,
            expires=None,
            discard=True,
            comment=None,
            comment_url=None,
            rest={},
        )
    )
    return jar


def forms(name, value):
    """The forms that cookies have, each made when it is called."""
    return {
        "dict": lambda: {name: value},
        "list of pairs": lambda: [(name, value)],
        "tuple of pairs": lambda: ((name, value),),
        "Cookies": lambda: httpx.Cookies({name: value}),
        "CookieJar": lambda: jar_of(name, value),
        "text": lambda: f"{name}={value}",
    }


def test_forms_for_client(observe, upstream, values, sent):
    """The forms in which a client takes cookies."""

    def send(form):
        with plain_client(cookies=form()) as client:
            return client.get(upstream.url)

    observe({kind: sent(lambda f=form: send(f)) for kind, form in forms("session", values["A"]).items()})


def test_forms_for_request(observe, upstream, client, values, sent):
    """The forms in which a request takes cookies."""
    observe(
        {
            kind: sent(lambda f=form: client.get(upstream.url, cookies=f()))
            for kind, form in forms("session", values["A"]).items()
        }
    )


def test_assigned(observe, upstream, client, values, sent):
    """A dict of cookies, assigned to a client that has others."""

    def send():
        client.cookies = {"session": values["A"]}
        client.cookies = {"theme": values["B"]}
        return client.get(upstream.url)

    observe(sent(send))


@pytest.mark.needs("top-level functions")
def test_function(observe, upstream, values, sent):
    """Cookies given to a top-level function."""
    observe(sent(lambda: httpx.get(upstream.url, cookies={"session": values["A"]})))


def test_order(observe, upstream, values, sent):
    """Three cookies of a client, in no order of their names."""

    def send():
        with plain_client(cookies={"b": values["B"], "c": values["C"], "a": values["A"]}) as client:
            return client.get(upstream.url)

    observe(sent(send))


def test_after_request(observe, upstream, client, values, sent):
    """The request after one that was given cookies."""

    def send():
        client.get(upstream.url, cookies={"session": values["A"]})
        return client.get(upstream.url)

    observe(sent(send))


def test_warning_for_request(observe, upstream, client, values):
    """The warnings about cookies that are given to a request."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer(lambda: client.get(upstream.url, cookies={"session": values["A"]}))
    observe(sorted({each.category.__name__ for each in caught if "cookies" in str(each.message)}))


def test_client_and_request(observe, upstream, values, sent):
    """Cookies of the client and of a request: the same name, and other names."""

    def send(given):
        with plain_client(cookies={"session": values["CLIENT"]}) as client:
            return client.get(upstream.url, cookies=given)

    observe(
        {
            "the same name": sent(lambda: send({"session": values["REQUEST"]})),
            "other names": sent(lambda: send({"theme": values["REQUEST"]})),
        }
    )


def test_client_and_header(observe, upstream, values, sent):
    """A cookie of the client, and another in a header of the request."""

    def send():
        with plain_client(cookies={"session": values["CLIENT"]}) as client:
            return client.get(upstream.url, headers={"Cookie": f"theme={values['HEADER']}"})

    observe(sent(send))


def test_request_and_header(observe, upstream, client, values, sent):
    """A cookie of a request, and another in its header."""
    headers = {"Cookie": f"theme={values['HEADER']}"}
    observe(sent(lambda: client.get(upstream.url, cookies={"session": values["REQUEST"]}, headers=headers)))


def test_header_of_client_and_response(observe, setting, values, sent):
    """A cookie in a header of the client, and another that a response has set."""
    url = setting("/", f"session={values['RESPONSE']}")

    def send():
        with plain_client(headers={"Cookie": f"theme={values['HEADER']}"}) as client:
            client.get(url)
            return client.get(url)

    observe(sent(send))


def test_jar_given(observe, setting, values):
    """A jar given to a client: whether the client has that one, and what a response sets arrives in it."""
    url = setting("/", f"session={values['A']}")
    jar = CookieJar()

    def use():
        with plain_client(cookies=jar) as client:
            client.get(url)
            return {"the client's": client.cookies.jar is jar, "filled": [cookie.name for cookie in jar]}

    observe(answer(use))


def test_policy_of_jar(observe, setting, values, sent):
    """A jar given to a client, with a policy that takes no cookie from the server's host."""
    url = setting("/", f"session={values['A']}")

    def send():
        jar = CookieJar(policy=DefaultCookiePolicy(blocked_domains=["127.0.0.1"]))
        with plain_client(cookies=jar) as client:
            client.get(url)
            return client.get(url)

    observe(sent(send))


def test_cookies_given(observe, setting, values):
    """A `Cookies` given to a client: whether the client has that one, and what a response sets arrives in it."""
    url = setting("/", f"session={values['A']}")

    def use():
        cookies = httpx.Cookies()
        with plain_client(cookies=cookies) as client:
            client.get(url)
            return {"the client's": client.cookies is cookies, "filled": list(cookies)}

    observe(answer(use))
