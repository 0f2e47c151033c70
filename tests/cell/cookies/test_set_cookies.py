"""Cookies that a response sets: which of them the next requests send, and where to."""

import pytest

from repro.cell.asking import answer
from repro.cell.clients import plain_client
from repro.cell.upstream import Upstream

pytestmark = pytest.mark.needs("sync client", "cookies")

PAST = "Thu, 01 Jan 1970 00:00:00 GMT"
FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT"


def test_next_request(observe, client, setting, values, sent):
    """The request after a response that set a cookie."""
    url = setting("/", f"session={values['A']}")
    client.get(url)
    observe(sent(lambda: client.get(url)))


def test_several(observe, client, setting, values, sent):
    """Three cookies that one response set, in no order of their names."""
    url = setting("/", f"b={values['B']}", f"c={values['C']}", f"a={values['A']}")
    client.get(url)
    observe(sent(lambda: client.get(url)))


def test_paths(observe, upstream, client, values, kept, sent):
    """Where cookies that /a/b has set are sent: one without a path, one for /, and one for /a/b/c."""
    kept(f"default={values['A']}", f"root={values['B']}; Path=/", f"deep={values['C']}; Path=/a/b/c", at="/a/b")
    paths = ("/", "/ab", "/a/c", "/a/b/c", "/a/b/cd")
    observe({path: sent(lambda p=path: client.get(upstream.url + p)) for path in paths})


def test_domain(observe, values, kept):
    """Which cookies from 127.0.0.1 are sent back, by the domain that they say they are for."""
    domains = {"own": "127.0.0.1", "name": "localhost", "other": "example.org", "parent": "0.0.1", "empty": ""}
    observe(kept(*(f"{kind}={values[kind.upper()]}; Domain={domain}" for kind, domain in domains.items())))


def test_host(observe, upstream, client, setting, values, sent):
    """Where a cookie from 127.0.0.1 is sent: the same host, another port of it, another name of the machine."""
    url = setting("/", f"session={values['A']}")
    client.get(url)
    with Upstream() as other:
        observe(
            {
                "the same port": sent(lambda: client.get(url)),
                "another port": sent(lambda: client.get(other.url), at=other),
                "another host": sent(lambda: client.get(url.replace("127.0.0.1", "localhost"))),
            }
        )


def test_host_without_dot(observe, setting, values, sent):
    """Whether a cookie from localhost is sent back, without a domain and with its own."""

    def send(domain):
        url = setting("/", f"session={values['A']}{domain}").replace("127.0.0.1", "localhost")
        with plain_client() as client:
            client.get(url)
            return client.get(url)

    observe({"no domain": sent(lambda: send("")), "its own": sent(lambda: send("; Domain=localhost"))})


def test_expiry(observe, values, kept):
    """Which cookies are sent back, by their expiry."""
    expiries = {
        "zero": "Max-Age=0",
        "negative": "Max-Age=-1",
        "hour": "Max-Age=3600",
        "word": "Max-Age=soon",
        "past": f"Expires={PAST}",
        "future": f"Expires={FUTURE}",
        "both": f"Max-Age=3600; Expires={PAST}",
    }
    observe(kept(*(f"{kind}={values[kind.upper()]}; {expiry}" for kind, expiry in expiries.items())))


def test_deletion(observe, values, kept):
    """Which cookies are sent back of those that were set and are then set again, expired."""
    observe(
        kept(
            *(f"{name}={values[name.upper()]}; Path=/" for name in ("max_age", "expires", "other_path", "again")),
            "max_age=; Path=/; Max-Age=0",
            f"expires=; Path=/; Expires={PAST}",
            "other_path=; Path=/a; Max-Age=0",
            "again=; Path=/; Max-Age=0",
            f"again={values['SECOND']}; Path=/",
        )
    )


def test_attributes(observe, values, kept):
    """Which cookies that came over plain HTTP are sent back, by their attributes."""
    attributes = {
        "secure": "Secure",
        "http_only": "HttpOnly",
        "same_site": "SameSite=None",
        "version": "Version=1",
        "unknown": "Unknown",
    }
    observe(kept(*(f"{kind}={values[kind.upper()]}; {attribute}" for kind, attribute in attributes.items())))


def test_values(observe, kept):
    """What is sent back of values that are no single word."""
    observe(kept('a="quoted"', 'b="quoted; and split"', "c=two words", "d=e=f", "g=h,i", "j=", "k=%C3%A9"))


def test_value_outside_ascii(observe, kept):
    """What is sent back of a letter outside ASCII, which the server wrote in UTF-8."""
    observe(kept("theme=" + "é".encode().decode("latin-1")))


def test_names(observe, kept):
    """What is sent back of cookies whose name is unusual, or that have none."""
    observe(kept("alone", "=nameless", "two words=1", "__Host-theme=1", "path=1"))


def test_response(observe, client, setting, values):
    """The cookies of a response itself, and of the next one, which sets none."""
    first = client.get(setting("/", f"session={values['A']}", f"theme={values['B']}"))
    second = client.get(setting("/"))
    observe({"first": answer(lambda: list(first.cookies)), "second": answer(lambda: list(second.cookies))})
