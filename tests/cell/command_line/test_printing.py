"""What a command prints: of the answer, of the request, of the connection; and its help."""

import re

import pytest

from repro.cell import command_line
from repro.cell.optional import companion
from repro.cell.upstream import Upstream, answering, server_context

pytestmark = pytest.mark.needs("command line client")


@pytest.fixture(scope="module")
def manual(folder):
    """The lines of `--help`."""
    return companion.ask(command_line.run, str(folder), "--help")["printed"]


def test_help(observe, manual):
    """The options that `--help` tells of."""
    options = (re.match(r" ?(-[-\w]+(?:, | / )?(?:-[-\w]+)?)", line) for line in manual)
    observe([found[1] for found in options if found])


def test_help_title(observe, manual):
    """What stands above the options in `--help`."""
    observe([line.strip() for line in manual[:6] if line])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("text/plain", "hello\n  [bold]world", id="text"),
        pytest.param("application/json", '{"name":"Zoë","list":[1,2]}', id="JSON"),
        pytest.param("application/json", '{"name', id="broken_JSON"),
        pytest.param("application/octet-stream", b"\x00\x01\xff", id="binary"),
    ],
)
def test_answer(observe, printed, upstream, kind, body):
    """What is printed of an answer, by what it holds."""
    upstream.answer("/", answering(body, headers=(("Content-Type", kind),)))
    observe(printed(upstream.url))


def test_no_type(observe, printed, upstream):
    """What is printed of an answer that does not say what it holds."""
    upstream.answer("/", lambda exchange: exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"))
    observe(printed(upstream.url))


def test_verbose(observe, printed, upstream):
    """What is printed with `--verbose`, but for the headers."""
    observe([line for line in printed(upstream.url, "-v") if line and ": " not in line])


def test_verbose_http2(observe, printed, upstream):
    """The request as it is printed with `--verbose` and `--http2`, where the server speaks HTTP/1.1 only."""
    observe([line for line in printed(upstream.url, "-v", "--http2") if line.startswith(("GET", "Host", "host"))])


def test_verbose_tls(observe, printed):
    """What is printed with `--verbose` of a connection with TLS: how its lines begin."""
    with Upstream(server_context()) as secure:
        lines = printed(secure.url, "--verbose")
    observe([line.partition(":")[0].partition(" using ")[0] for line in lines if line.startswith("* S")])


def test_download(observe, command, upstream, folder):
    """A download: the exit code, what is in the file, and whether anything of it is printed."""
    upstream.answer("/", answering("content"))
    done = command(upstream.url, "--download", "file")
    said = "\n".join(done["printed"])
    observe([done["exit"], (folder / "file").read_text(), "content\n" in said, "Downloading file" in said])


def test_download_name(observe, printed, upstream):
    """How a download names a file whose name looks like markup."""
    upstream.answer("/", answering("content"))
    said = "\n".join(printed(upstream.url, "--download", "[b]name"))
    observe(re.findall(r"Downloading (\S*)", said)[:1])
