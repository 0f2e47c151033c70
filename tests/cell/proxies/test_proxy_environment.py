"""The proxies that the environment names, and the hosts that it leaves out."""

import pytest

from repro.cell import outcomes
from repro.cell.applications import wsgi
from repro.cell.clients import plain_client
from repro.cell.library import httpx
from repro.cell.proxy import failing

pytestmark = pytest.mark.needs("proxy in the sync client")


def proxied(server, *urls, **options):
    """Which of these URLs a client asks the proxy for, by URL; how making the client ended where it was not made.

    What becomes of a request is another question: the proxy answers with 502, and without it nothing resolves.
    """
    server.answer(None, failing)
    try:
        client = plain_client(**options)
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        return outcomes.phrase(error)
    answer = {}
    with client:
        for url in urls:
            before = len(server.requests)
            outcomes.of(lambda url=url: client.get(url))
            answer[url] = "proxied" if len(server.requests) > before else "not proxied"
    return answer if len(urls) > 1 else answer[urls[0]]


def test_variables(observe, proxy):
    """Which variable names a proxy for which scheme, in capitals and not."""
    answer = {}
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv(name, proxy.url)
            answer[name] = proxied(proxy, "http://example.test:1/", "https://example.test:1/")
    observe(answer)


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"HTTP_PROXY": "127.0.0.1:{port}"}, id="no_scheme"),
        pytest.param({"HTTP_PROXY": "http://127.0.0.1:{port}", "REQUEST_METHOD": "GET"}, id="within_cgi"),
    ],
)
def test_variable(observe, proxy, monkeypatch, variables):
    """Whether a variable counts that has no scheme, and one that a CGI request's `Proxy` header may have set."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(port=proxy.port))
    observe(proxied(proxy, "http://example.test:1/"))


def test_variable_in_mixed_case(observe, proxy, monkeypatch):
    """Whether a variable counts that is neither in capitals nor in small letters, as Python's own list has it."""
    monkeypatch.setenv("All_Proxy", proxy.url)
    observe(proxied(proxy, "http://example.test:1/"))


def test_not_trusted(observe, proxy, monkeypatch):
    """The environment's proxy, with `trust_env=False`."""
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    observe(proxied(proxy, "http://example.test:1/", trust_env=False))


def test_besides_proxies(observe, proxy, monkeypatch):
    """The environment's proxy, for a host that `proxies` says nothing about."""
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    given = {"one for another host": {"http://another.test": "http://127.0.0.1:1"}, "none": {}}
    observe({name: proxied(proxy, "http://example.test:1/", proxies=proxies) for name, proxies in given.items()})


def test_besides_mounts(observe, proxy, monkeypatch):
    """The environment's proxy, for a host that no transport is mounted for, and for one without a proxy."""
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    observe(proxied(proxy, "http://example.test:1/", "http://another.test:1/", mounts={"http://another.test": None}))


def test_besides_transport(observe, proxy, monkeypatch):
    """The environment's proxy, for a client that was given its transport."""
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    observe(outcomes.of(lambda: proxied(proxy, "http://example.test:1/", transport=httpx.HTTPTransport(verify=False))))


@pytest.mark.needs("WSGI application")
def test_besides_application(observe, proxy, monkeypatch):
    """The environment's proxy, for a client that was given an application in the place of the network."""
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    proxy.answer(None, failing)

    def application(environ, start_response):
        start_response("204 No Content", [])
        return [b""]

    with wsgi(application) as client:
        status = outcomes.of(lambda: client.get("http://example.test:1/"))
    observe({204: "the application", 502: "the proxy"}.get(status, status))


def test_no_proxy_besides_proxy(observe, proxy, monkeypatch):
    """A host that NO_PROXY leaves out, for a client that was given its proxy."""
    monkeypatch.setenv("NO_PROXY", "example.test")
    observe(proxied(proxy, "http://example.test:1/", proxy=proxy.url))


def test_when_read(observe, proxy, monkeypatch):
    """Whether a variable counts that is set after the client was made."""
    proxy.answer(None, failing)
    with plain_client() as client:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        outcomes.of(lambda: client.get("http://example.test:1/"))
    observe("counts" if proxy.requests else "does not count")


#: What NO_PROXY says, and URLs to ask for.
RULES = {
    "names": ("example.test", ["http://example.test:1/", "http://www.example.test:1/", "http://wwwexample.test:1/"]),
    "case": ("Example.TEST", ["http://example.test:1/"]),
    "suffix": (".example.test", ["http://example.test:1/", "http://www.example.test:1/"]),
    "list": ("another.test , example.test", ["http://another.test:1/", "http://example.test:1/"]),
    "port": ("example.test:1", ["http://example.test:1/", "http://example.test:2/"]),
    "star": ("*", ["http://example.test:1/", "http://10.1.2.3:1/"]),
    "address": ("10.1.2.3", ["http://10.1.2.3:1/", "http://110.1.2.3:1/"]),
    "range": ("10.0.0.0/8", ["http://10.1.2.3:1/", "http://11.1.2.3:1/"]),
    "range_of_ipv6": ("fe80::/16", ["http://[fe80::1]:1/", "http://[fe81::1]:1/"]),
    "star_before_dot": ("*.example.test", ["http://example.test:1/", "http://www.example.test:1/"]),
    "ipv6": ("fe80::1", ["http://[fe80::1]:1/", "http://[fe80::2]:1/"]),
    "ipv6_in_brackets": ("[fe80::1]", ["http://[fe80::1]:1/", "http://[fe80::2]:1/"]),
    "localhost": ("localhost", ["http://localhost:1/", "http://www.localhost:1/"]),
    "url": ("http://example.test", ["http://example.test:1/", "http://www.example.test:1/"]),
}


@pytest.mark.parametrize("rule", list(RULES))
def test_no_proxy(observe, proxy, monkeypatch, rule):
    """The hosts that NO_PROXY leaves out, by what it says."""
    said, urls = RULES[rule]
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", said)
    observe(proxied(proxy, *urls))


def test_no_proxy_in_lower_case(observe, proxy, monkeypatch):
    """A host that `no_proxy` leaves out, in lower case."""
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("no_proxy", "example.test")
    observe(proxied(proxy, "http://example.test:1/"))


def test_trust_told(observe):
    """What a client says of its `trust_env`, by default and where it was made with False."""
    observe(
        {
            "default": outcomes.of(lambda: plain_client().trust_env),
            "False": outcomes.of(lambda: plain_client(trust_env=False).trust_env),
        }
    )
