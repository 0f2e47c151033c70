"""Options of a command: the request that each makes."""

import pytest

from repro.cell import redaction
from repro.cell.bodies import seen as body
from repro.cell.proxy import Proxy

pytestmark = pytest.mark.needs("command line client")


def test_methods(observe, seen):
    """The method of a request, by what is given with it."""
    each = {"-m": ["-m", "put"], "-c": ["-c", "x"], "-j": ["-j", "{}"]}
    observe({name: seen(*arguments).method for name, arguments in each.items()})


def test_bodies(observe, seen):
    """The body of a request: text, a form with a name twice, JSON, and JSON that is null."""
    each = {
        "text": ["-c", "hello"],
        "form": ["-d", "a", "b", "-d", "a", "c d"],
        "JSON": ["-j", "[1]"],
        "JSON null": ["-j", "null"],
    }
    observe({name: body(seen(*arguments)) for name, arguments in each.items()})


def test_json_broken(observe, last_words, upstream):
    """A body that is to be JSON, and is not: how the command ends, and what it says at last."""
    observe(last_words(upstream.url, "-j", "{"))


def test_files(observe, seen, folder):
    """A file in a form: whether the upstream sees its name and its content."""
    (folder / "name.txt").write_text("content")
    content = seen("-f", "field", "name.txt").body
    observe([part in content for part in (b'name="field"', b'filename="name.txt"', b"content")])


def test_params(observe, seen):
    """Parameters of a request, beside those that are in the URL."""
    observe(seen("-p", "a", "1", "-p", "a", "2", "--params", "b", "c").target)


def test_headers(observe, seen):
    """Headers and cookies of a request, some of them twice."""
    request = seen("-h", "X-A", "1", "-h", "X-A", "2", "--cookies", "a", "b", "--cookies", "c", "d")
    observe([[name, len(value)] for name, value in request.headers if name in ("X-A", "Cookie")])


def test_auth(observe, seen, printed, upstream):
    """Credentials of a request, and whether `--verbose` prints the header that carries them."""
    secret = redaction.plant()
    said = printed(upstream.url, "--auth", "user", secret, "--verbose")
    (sent,) = [value for name, value in upstream.requests[-1].headers if name == "Authorization"]
    observe({"scheme": sent.partition(" ")[0], "printed": any(sent in line for line in said)})


@pytest.mark.parametrize("option", ["--proxy", "--proxies"])
def test_proxy(observe, exit_code, upstream, option):
    """A proxy given by this option: the exit code, and how many requests the proxy saw."""
    with Proxy() as proxy:
        observe([exit_code(upstream.url, option, proxy.url), len(proxy.requests)])
