"""How a command ends: its exit code, and what it says where something is wrong."""

import pytest

from repro.cell.tls import server
from repro.cell.upstream import Upstream, answering, outlasting, refusing_port

pytestmark = pytest.mark.needs("command line client")


@pytest.fixture
def ending(command):
    """A function that runs the command line, and answers its exit code and the first word that it printed."""

    def run(*arguments):
        done = command(*arguments)
        return [done["exit"], done["printed"][0].partition(":")[0].partition(" ")[0]]

    return run


def test_exit_codes(observe, exit_code, upstream):
    """The exit code of a command, by the status of the answer."""
    statuses = (200, 301, 404)
    for status in statuses:
        upstream.answer(f"/{status}", answering(status=status, headers=(("Location", "/200"),)))
    observe({str(status): exit_code(f"{upstream.url}/{status}") for status in statuses})


def test_unanswered(observe, ending, upstream):
    """A command whose request is not answered: nobody listens, the timeout is over, the URL has another scheme."""
    upstream.answer("/", outlasting(10.0, answering()))
    asked = {
        "refused": [f"http://127.0.0.1:{refusing_port()}/"],
        "late": [upstream.url, "--timeout", "0.03"],
        "scheme": ["ftp://127.0.0.1/"],
    }
    observe({name: ending(*arguments) for name, arguments in asked.items()})


def test_no_url(observe, ending):
    """A command with a URL that is none: how it ends, and the first word that it prints."""
    observe(ending("http://[::1"))


def test_usage(observe, last_words):
    """A command without a URL, and one with an option that is not known: how it ends, and what it says at last."""
    observe({"nothing": last_words(), "unknown": last_words("http://127.0.0.1", "--unknown")})


def test_no_scheme(observe, ending):
    """A command whose URL has no scheme, and names a port where nobody listens: how it ends, and its first word."""
    observe(ending(f"127.0.0.1:{refusing_port()}"))


def test_redirects(observe, command, upstream):
    """A command that is redirected, with `--follow-redirects` and without it."""
    upstream.answer("/", answering("there", status=302, reason="Found", headers=(("Location", "/else"),)))
    upstream.answer("/else", answering("here"))
    observe({"followed": command(upstream.url, "--follow-redirects"), "not followed": command(upstream.url)})


@pytest.mark.parametrize("option", ["--no-verify", "--verify"])
def test_verifying(observe, ending, option):
    """A command to a server that nobody vouches for, with this option: how it ends, and the first word it prints."""
    with Upstream(server("self_signed")) as upstream:
        observe(ending(upstream.url, option))
