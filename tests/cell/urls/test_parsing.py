"""What a URL says about its parts."""

import pytest

from repro.cell.library import httpx
from repro.cell.values import told

WHOLE = "https://jo%40email.org:a%20secret@example.org:8080/a%20b?search=c%20d#e%20f"


def part(url, name):
    """One attribute of a URL, or what came of asking for it."""
    return told(lambda: getattr(httpx.URL(url), name))


def test_parts(observe):
    """The attributes of a URL that has every part, with an escape in most of them."""
    names = ("scheme", "username", "password", "host", "port", "path", "query", "fragment")
    observe({name: part(WHOLE, name) for name in names})


NAMES = {
    "host_and_user": ["authority", "netloc", "userinfo", "raw_host", "origin"],
    "path_and_query": ["full_path", "raw_path", "params", "target"],
    "scheme": ["is_ssl", "raw_scheme"],
    "kind": ["is_absolute_url", "is_relative_url", "raw"],
}


@pytest.mark.parametrize("names", [pytest.param(names, id=name) for name, names in NAMES.items()])
def test_names(observe, names):
    """Attributes of a URL that not every release has."""
    observe({name: part(WHOLE, name) for name in names})


def test_missing_parts(observe):
    """The attributes of a URL that has only a scheme and a host."""
    names = ("username", "password", "port", "path", "query", "fragment")
    observe({name: part("https://example.org", name) for name in names})


def test_userinfo(observe):
    """User name and password, of what stands before the host."""
    texts = ("jo", "jo:", ":pass", "jo:pa:ss", "jo:p%3Ass", "jo@email.org:pass", "jö:päss")
    observe(
        {
            text: [part(f"https://{text}@example.org/", "username"), part(f"https://{text}@example.org/", "password")]
            for text in texts
        }
    )


def test_port(observe):
    """The port and the text of a URL, with and without its scheme's default port."""
    urls = (
        "http://example.org/",
        "http://example.org:80/",
        "https://example.org:443/",
        "http://example.org:443/",
        "http://example.org:/",
        "ftp://example.org/",
    )
    observe({url: [part(url, "port"), told(lambda url=url: str(httpx.URL(url)))] for url in urls})


def test_host(observe):
    """The host, of several ways of writing one."""
    hosts = ("EXAMPLE.org", "example.org.", "exa_mple.org", "ex%61mple.org", "127.0.0.1", "127.1", "300.1.1.1")
    observe({host: part(f"http://{host}/", "host") for host in hosts})


def test_host_ipv6(observe):
    """The host and the text of a URL with an IPv6 address."""
    urls = ("http://[::1]/", "http://[::1]:8080/", "http://[::FFFF:1.2.3.4]/", "http://[::1", "http://[nonsense]/")
    observe({url: [part(url, "host"), told(lambda url=url: str(httpx.URL(url)))] for url in urls})


HOSTS = {
    "unicode": "中国.icom.museum",
    "punycode": "xn--fiqs8s.icom.museum",
    "punycode within": "example.xn--fiqs8s",
    "sharp s": "faß.example.org",
    "upper case": "KÖNIG.example.org",
    "symbol": "☃.example.org",
    "bad punycode": "xn--zzzzzzz.org",
}


def test_host_international(observe):
    """The host of a URL, where it is an international one."""
    observe({name: part(f"http://{host}/", "host") for name, host in HOSTS.items()})
