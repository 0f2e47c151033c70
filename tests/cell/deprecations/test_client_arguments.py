"""Old arguments of a client, and old names of its methods."""

import importlib
from unittest import mock

import pytest

from repro.cell import capabilities
from repro.cell.enclosure import AUTHORITY
from repro.cell.library import httpx

SERVER = AUTHORITY.with_name("server.pem")
APPLICATION = "http://application.invalid/"


def wsgi(environ, start_response):
    """A WSGI application that answers everything."""
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


async def asgi(scope, receive, send):
    """An ASGI application that answers everything."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def application_transport():
    """What sends a request to an application in the place of the network, by the name that the release has for it.

    For the kind of client that `client` makes. None where the release has no such thing.
    """
    kind, application = ("WSGI", wsgi) if capabilities.sync_client() else ("ASGI", asgi)
    if hasattr(httpx, f"{kind}Transport"):
        return getattr(httpx, f"{kind}Transport")(app=application)
    if hasattr(httpx, f"{kind}Dispatch"):
        return getattr(httpx, f"{kind}Dispatch")(app=application)
    try:
        place = importlib.import_module(f"{httpx.__name__}.dispatch.{kind.lower()}")
    except ImportError:
        return None
    return getattr(place, f"{kind}Dispatch")(app=application)


def limits():
    """Connection limits that limit nothing, of the class that the release has for them; None where it has none."""
    kind = getattr(httpx, "Limits", None) or getattr(httpx, "PoolLimits", None)
    return kind() if kind else None


def asyncio_backend():
    """How asyncio is named to a client: with an object of a class of its own, or later with a word."""
    return httpx.AsyncioBackend() if hasattr(httpx, "AsyncioBackend") else "asyncio"


def test_client_dispatch(client, spelling):
    """A client that is given what sends its requests as `dispatch=`."""
    transport = application_transport()
    spelling(lambda: client(dispatch=transport).get(APPLICATION))


def test_wsgi_dispatch(spelling):
    """The class `WSGIDispatch`."""
    spelling(lambda: httpx.WSGIDispatch(app=wsgi))


def test_asgi_dispatch(spelling):
    """The class `ASGIDispatch`."""
    spelling(lambda: httpx.ASGIDispatch(app=asgi))


@pytest.mark.needs("sync client")
def test_client_app(client, spelling):
    """A client of a WSGI application, given as `app=`."""
    spelling(lambda: client(app=wsgi).get(APPLICATION))


@pytest.mark.needs("async client")
def test_async_client_app(async_spelling):
    """An asynchronous client of an ASGI application, given as `app=`."""
    async_spelling(lambda client: client.get(APPLICATION), app=asgi)


def test_client_raise_app_exceptions(client, spelling):
    """A client that is told whether errors of an application reach it, with `raise_app_exceptions=`."""
    spelling(lambda: client(raise_app_exceptions=True))


def test_client_pool_limits(client, spelling, upstream):
    """A client with connection limits, as `pool_limits=`."""
    spelling(lambda: client(pool_limits=limits()).get(upstream.url))


@pytest.mark.needs("async client")
def test_async_client_pool_limits(async_spelling, upstream):
    """An asynchronous client with connection limits, as `pool_limits=`."""
    async_spelling(lambda client: client.get(upstream.url), pool_limits=limits())


def test_client_http_versions(client, spelling, upstream):
    """A client that is told its versions of HTTP, as `http_versions=`."""
    spelling(lambda: client(http_versions=["HTTP/1.1"]).get(upstream.url))


def test_client_backend(client, spelling, upstream):
    """A client that is told its event loop, as `backend=`."""
    spelling(lambda: client(backend=asyncio_backend()).get(upstream.url))


def test_client_other_backend(client, spelling):
    """A client that is given a backend of another event loop than asyncio; it is made, and sends nothing."""
    backend = mock.MagicMock()
    del backend.loop  # by which some releases know a backend of asyncio's
    spelling(lambda: client(backend=backend))


@pytest.mark.needs("async client")
def test_async_client_backend_by_name(async_spelling, upstream):
    """An asynchronous client that is told its event loop by its name, as `backend="asyncio"`."""
    async_spelling(lambda client: client.get(upstream.url), backend="asyncio")


@pytest.mark.needs("async client")
def test_async_client_backend(async_spelling, upstream):
    """An asynchronous client that is told its event loop, as `backend=`."""
    async_spelling(lambda client: client.get(upstream.url), backend=asyncio_backend())


def test_client_uds(client, spelling):
    """A client of a Unix domain socket, given as `uds=`."""
    spelling(lambda: client(uds="/nowhere"))


@pytest.mark.needs("async client")
def test_async_client_uds(async_spelling):
    """An asynchronous client of a Unix domain socket, given as `uds=`."""

    async def nothing(client):
        """Ask nothing: the argument is the question."""

    async_spelling(nothing, uds="/nowhere")


def test_client_verify_path(client, spelling, upstream):
    """A client that is told the path of its certificate authorities, as `verify=`."""
    spelling(lambda: client(verify=str(AUTHORITY)).get(upstream.url))


def test_client_cert(client, spelling, upstream):
    """A client with a client certificate, as `cert=`."""
    spelling(lambda: client(cert=str(SERVER)).get(upstream.url))


def test_ssl_context_http2(spelling):
    """The function `create_ssl_context`, told of HTTP/2 with `http2=`."""
    spelling(lambda: httpx.create_ssl_context(http2=True))


def test_ssl_context_cert_first(spelling):
    """The function `create_ssl_context`, with the client certificate as its first argument."""
    # A certificate that is taken for one to trust is in the place of the authorities; this one is no authority.
    spelling(lambda: bool(httpx.create_ssl_context(str(SERVER)).get_ca_certs()))


def test_transport_backend(spelling):
    """The class `HTTPTransport`, told its event loop with `backend=`."""
    spelling(lambda: httpx.HTTPTransport(backend="sync"))


def test_client_params_update(client, spelling):
    """The default query of a client, changed in place with `update`."""
    spelling(lambda: client().params.update({"a": "1"}))


@pytest.mark.needs("async client")
def test_async_client_close(async_spelling):
    """Closing an asynchronous client with `close`."""
    async_spelling(lambda client: client.close())
