"""Old arguments of a request."""

import io

import pytest

from repro.cell.enclosure import AUTHORITY
from repro.cell.upstream import answering

SERVER = AUTHORITY.with_name("server.pem")


@pytest.fixture
def moved(upstream):
    """The URL of what has moved, to the root of the upstream."""
    upstream.answer("/moved", answering(status=302, reason="Found", headers=(("Location", "/"),)))
    return f"{upstream.url}/moved"


def test_request_cert(client, spelling, upstream):
    """A request with a client certificate of its own, as `cert=`."""
    spelling(lambda: client().get(upstream.url, cert=str(SERVER)))


def test_request_verify(client, spelling, upstream):
    """A request that says itself whether the server is verified, with `verify=`."""
    spelling(lambda: client().get(upstream.url, verify=False))


def test_request_trust_env(client, spelling, upstream):
    """A request that says itself whether the environment is heeded, with `trust_env=`."""
    spelling(lambda: client().get(upstream.url, trust_env=False))


def test_request_stream(client, spelling, upstream):
    """A request whose response is streamed, with `stream=True`."""
    spelling(lambda: client().get(upstream.url, stream=True))


def test_request_proxies(client, spelling, upstream):
    """A request through a proxy of its own, given as `proxies=`."""
    spelling(lambda: client().get("http://origin.invalid/", proxies={"http": upstream.url}))


def test_request_allow_redirects(client, moved, spelling):
    """A request that says whether redirects are followed, with `allow_redirects=`."""
    spelling(lambda: client().get(moved, allow_redirects=True))


def test_request_cookies(client, spelling, upstream):
    """A request with cookies of its own, as `cookies=`."""
    spelling(lambda: client().get(upstream.url, cookies={"a": "1"}))


@pytest.mark.needs("async client")
def test_async_request_cookies(async_spelling, upstream):
    """An asynchronous request with cookies of its own, as `cookies=`."""
    async_spelling(lambda client: client.get(upstream.url, cookies={"a": "1"}))


def test_request_data_bytes(client, spelling, upstream):
    """A request whose body is bytes given as `data=`."""
    spelling(lambda: client().post(upstream.url, data=b"a=1"))


def test_request_data_text(client, spelling, upstream):
    """A request whose body is text given as `data=`."""
    spelling(lambda: client().post(upstream.url, data="a=1"))


def test_request_files_text(client, spelling, upstream):
    """A request with a file that was opened as text."""
    spelling(lambda: client().post(upstream.url, files={"file": io.StringIO("content")}))


def test_delete_json(client, spelling, upstream):
    """A DELETE with a body, given to `delete` as `json=`."""
    spelling(lambda: client().delete(upstream.url, json={"a": 1}))


@pytest.mark.needs("streamed response")
@pytest.mark.parametrize(
    ("argument", "value"),
    [("allow_redirects", True), ("timeout", 5.0), ("cert", None), ("verify", False), ("trust_env", False)],
    ids=["allow_redirects", "timeout", "cert", "verify", "trust_env"],
)
def test_send(argument, client, spelling, upstream, value):
    """A request that was built before, sent with an argument to `send`."""

    def sent():
        made = client()
        return made.send(made.build_request("GET", upstream.url), **{argument: value})

    spelling(sent)


@pytest.mark.needs("top-level functions")
def test_function_stream(function, spelling, upstream):
    """A function of the module whose response is streamed, with `stream=True`."""
    spelling(lambda: function("get", upstream.url, stream=True))


@pytest.mark.needs("top-level functions")
def test_function_allow_redirects(function, moved, spelling):
    """A function of the module that is told whether redirects are followed, with `allow_redirects=`."""
    spelling(lambda: function("get", moved, allow_redirects=True))


@pytest.mark.needs("top-level functions")
def test_function_proxies(function, spelling, upstream):
    """A function of the module that goes through a proxy, given as `proxies=`."""
    spelling(lambda: function("get", "http://origin.invalid/", proxies=upstream.url))


@pytest.mark.needs("top-level functions")
def test_function_cert(function, spelling, upstream):
    """A function of the module with a client certificate, as `cert=`."""
    spelling(lambda: function("get", upstream.url, cert=str(SERVER)))


@pytest.mark.needs("top-level functions")
def test_function_verify_path(function, spelling, upstream):
    """A function of the module that is told the path of its certificate authorities, as `verify=`."""
    spelling(lambda: function("get", upstream.url, verify=str(AUTHORITY)))


@pytest.mark.needs("top-level functions")
def test_function_cookies(function, spelling, upstream):
    """A function of the module with cookies, as `cookies=`."""
    spelling(lambda: function("get", upstream.url, cookies={"a": "1"}))
