"""The forms in which a client is told about a proxy, and what became of each."""

import warnings

import pytest

from repro.cell import outcomes
from repro.cell.capabilities import application_transport, takes
from repro.cell.capabilities import sync_client as client_class
from repro.cell.clients import plain, plain_client
from repro.cell.library import httpx
from repro.cell.proxy import failing

pytestmark = pytest.mark.needs("proxy in the sync client")


def get(url, **options):
    """One GET with a client of its own; no option is respelled."""
    with client_class()(**plain(options)) as client:
        return client.get(url)


@pytest.mark.parametrize("argument", ["proxies", "proxy"])
def test_argument(observe, proxy, upstream, way, argument):
    """A proxy as text, as a URL and as an object, given under each name that the argument has had."""
    forms = {
        "text": lambda: proxy.url,
        "URL": lambda: httpx.URL(proxy.url),
        "Proxy": lambda: httpx.Proxy(proxy.url),
        "HTTPProxy": lambda: httpx.HTTPProxy(proxy.url),
    }
    observe({name: way(lambda form=form: get(upstream.url, **{argument: form()})) for name, form in forms.items()})


@pytest.mark.parametrize("argument", ["proxies", "proxy"])
def test_function(observe, proxy, upstream, way, argument):
    """A proxy as text, given to a top-level function under each name that the argument has had."""
    observe(way(lambda: httpx.get(upstream.url, **plain({argument: proxy.url}))))


def get_by_key(url, given):
    """One GET with proxies by key: as `proxies`, or where that is gone as transports that are mounted."""
    if takes(client_class(), "proxies"):
        return get(url, proxies=given)
    transports = {key: proxy and httpx.HTTPTransport(**plain({"proxy": proxy})) for key, proxy in given.items()}
    return get(url, mounts=transports)


def test_keys(observe, proxy, upstream, way):
    """Under which keys of a dict a proxy is used for a request to http, on a port that is not the usual one."""
    keys = ["http", "http://", "all", "all://"]
    hosts = ["http://127.0.0.1", f"http://127.0.0.1:{upstream.port}"]
    observe({key: way(lambda key=key: get_by_key(upstream.url, {key: proxy.url})) for key in [*keys, *hosts]})


def test_keys_of_names(observe, proxy):
    """Which hosts the keys of a dict stand for that name one with or without a star."""
    urls = ["http://example.test/", "http://www.example.test/"]
    keys = ["all://example.test", "all://*example.test", "all://*.example.test"]
    proxy.answer(None, failing)

    def proxied(key):
        before = len(proxy.requests)
        for url in urls:
            outcomes.of(lambda url=url: get_by_key(url, {key: proxy.url}))
        return [seen.header("Host") for seen in proxy.requests[before:]]

    observe({key: proxied(key) for key in keys})


@pytest.mark.needs("sync client without an event loop")
def test_keys_for_https(observe, proxy, secure, way):
    """Under which keys of a dict a proxy is used for a request to https."""
    url = f"https://localhost:{secure.port}/"
    keys = ["https", "https://", "all", "all://"]
    observe({key: way(lambda key=key: get_by_key(url, {key: proxy.url})) for key in keys})


def test_none_for_a_host(observe, proxy, upstream, way):
    """A host that a dict names without a proxy, beside a proxy for all."""
    port = upstream.port
    dicts = {
        "all, http://127.0.0.1:PORT": {"all": proxy.url, f"http://127.0.0.1:{port}": None},
        "all://, all://127.0.0.1": {"all://": proxy.url, "all://127.0.0.1": None},
    }
    observe({name: way(lambda given=given: get_by_key(upstream.url, given)) for name, given in dicts.items()})


def test_mounted(observe, proxy, upstream, way):
    """A proxy given to a transport, which the client has for all its requests or mounted for some."""

    def transport():
        return httpx.HTTPTransport(proxy=httpx.Proxy(proxy.url), verify=False)

    observe(
        {
            "transport": way(lambda: get(upstream.url, transport=transport())),
            "mounted for http://": way(lambda: get(upstream.url, mounts={"http://": transport()})),
            "mounted, with none for the host": way(
                lambda: get(upstream.url, mounts={"http://": transport(), "http://127.0.0.1": None})
            ),
            "given as text": way(
                lambda: get(upstream.url, transport=httpx.HTTPTransport(proxy=proxy.url, verify=False))
            ),
        }
    )


@pytest.mark.needs("sync client without an event loop")
def test_modes(observe, proxy, upstream, secure, way):
    """What a proxy is asked for, by the mode that it was given."""

    def in_mode(mode):
        if hasattr(httpx, "HTTPProxyMode"):
            return httpx.HTTPProxy(proxy.url, proxy_mode=httpx.HTTPProxyMode[mode], verify=False)
        return httpx.Proxy(proxy.url, mode=mode)

    def took(url, mode):
        def ask():
            with plain_client(proxy=in_mode(mode)) as client:
                return client.get(url)

        return way(ask)

    https = f"https://localhost:{secure.port}/"
    observe(
        {
            "http": {mode: took(upstream.url, mode) for mode in ("DEFAULT", "FORWARD_ONLY", "TUNNEL_ONLY")},
            "https": {mode: took(https, mode) for mode in ("DEFAULT", "FORWARD_ONLY", "TUNNEL_ONLY")},
        }
    )


def test_warnings(observe, proxy):
    """The deprecation warnings that making a client gives, by the form in which the proxy is given."""
    forms = {
        "proxies as text": {"proxies": proxy.url},
        "proxies by http": {"proxies": {"http": proxy.url}},
        "proxies by http://": {"proxies": {"http://": proxy.url}},
        "proxy as text": {"proxy": proxy.url},
    }
    observe({name: warned(options) for name, options in forms.items()})


def warned(options):
    """The deprecation warnings that making a client gives; what it raises does not count here."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", DeprecationWarning)
        try:
            client_class()(**plain(options)).close()
        except (TypeError, ValueError):
            return "not made"
    # Python itself warns about how some releases make a TLS context, differently from version to version.
    return [f"{w.category.__name__}: {w.message}" for w in caught if not str(w.message).startswith("ssl.")]


@pytest.mark.needs("ASGI application")
def test_transport(observe):
    """A transport in the place of a proxy, alone and by a key: whether a client takes it."""
    transport = application_transport("ASGI")(app=None)
    argument = "proxies" if takes(client_class(), "proxies") else "proxy"
    given = {"alone": transport, "by key": {"all://": transport}}
    observe(
        {
            name: outcomes.of(lambda value=value: client_class()(verify=False, **{argument: value}))
            for name, value in given.items()
        }
    )
