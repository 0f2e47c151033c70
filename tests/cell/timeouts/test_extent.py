"""What each kind of timeout extends to, and what it does not."""

import contextlib
import threading

import pytest

from repro.cell import capabilities, outcomes
from repro.cell.capabilities import takes
from repro.cell.clients import plain_client, timeouts
from repro.cell.clock import later
from repro.cell.library import httpx
from repro.cell.strangers import Mute
from repro.cell.upstream import PATIENCE, answering, outlasting

pytestmark = pytest.mark.needs("sync client", "timeout argument")

LONG = {"connect": 5.0, "read": 5.0, "write": 5.0, "pool": 5.0}
SHORT = 0.1

#: How long the server has patience with a client whose timeout does not come. A timeout that comes is over long before.
LONGER = 1.0


@pytest.mark.parametrize("kind", ["connect", "read"])
def test_handshake(observe, kind):
    """Whether a handshake of TLS that is not answered ends with the timeout of this kind, when that alone is short."""
    with Mute() as server, plain_client(timeouts={**LONG, kind: SHORT}) as client:
        observe(outcomes.of(lambda: client.get(f"https://localhost:{server.port}/")))


def test_read_in_pieces(observe, upstream):
    """A body of four pieces that takes three hours, with a read timeout of half a second for each.

    The hours pass on the clock that the client reads, and a piece is sent when the one before it was read.
    """
    wanted = threading.Semaphore(1)
    upstream.answer("/", lambda exchange: on_demand(exchange, wanted))

    def read():
        found = b""
        with contextlib.ExitStack() as clock, opened(client, upstream.url) as response:
            for piece in raw(response):
                found += piece
                clock.enter_context(later(3600))
                wanted.release()
        return found.decode()

    with plain_client(timeouts={**LONG, "read": LONGER / 2}) as client:
        observe(outcomes.of(read))
    wanted.release(4)


def on_demand(exchange, wanted):
    """Send a body in four pieces, each when it is wanted."""
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n")
    for piece in (b"012", b"345", b"678", b"9ab"):
        assert wanted.acquire(timeout=PATIENCE)
        exchange.send(piece)


def opened(client, url):
    """A response in a block, its body not read yet."""
    if hasattr(client, "stream"):
        return client.stream("GET", url)
    return contextlib.closing(client.get(url, stream=True))


def raw(response):
    """The body of a response piece by piece, as it arrives."""
    return (response.iter_raw if hasattr(response, "iter_raw") else response.raw)()


def test_redirect(observe, upstream):
    """Whether the timeout of a request holds for the request that a redirect leads to."""
    upstream.answer("/", answering(status=302, reason="Found", headers=(("Location", "/slow"),)))
    upstream.answer("/slow", outlasting(LONGER, answering({"ok": True})))
    following = {"follow_redirects": True} if takes(capabilities.sync_client().get, "follow_redirects") else {}
    with plain_client(timeouts=LONG) as client:
        short = timeouts(**{**LONG, "read": SHORT})
        observe(outcomes.of(lambda: client.get(upstream.url, timeout=short, **following)))


def test_back_to_default(observe, upstream):
    """A request with `USE_CLIENT_DEFAULT` as its timeout, to a server that does not answer in the client's."""
    upstream.answer("/", outlasting(LONGER, answering({"ok": True})))
    with plain_client(timeouts={**LONG, "read": SHORT}) as client:
        observe(outcomes.of(lambda: client.get(upstream.url, timeout=httpx.USE_CLIENT_DEFAULT)))


def test_one_kind_for_request(observe, upstream):
    """A request whose timeout says five seconds for connecting and None for the rest; the client's read is short."""
    upstream.answer("/", outlasting(LONGER / 2, answering({"ok": True})))
    with plain_client(timeouts={**LONG, "read": SHORT}) as client:
        observe(outcomes.of(lambda: client.get(upstream.url, timeout=timeouts(connect=5))))


def test_function(observe, upstream):
    """The timeout of a call without a client, to a server that does not answer in time."""
    upstream.answer("/", outlasting(LONGER, answering({"ok": True})))
    observe(outcomes.of(lambda: httpx.get(upstream.url, timeout=timeouts(**{**LONG, "read": SHORT}))))


def test_streaming_function(observe, upstream):
    """The timeout of a streaming call without a client, to a server that does not answer in time."""
    upstream.answer("/", outlasting(LONGER, answering({"ok": True})))

    def ask():
        with httpx.stream("GET", upstream.url, timeout=timeouts(**{**LONG, "read": SHORT})) as response:
            return response.status_code

    observe(outcomes.of(ask))


def test_request_by_hand(observe, upstream):
    """A request that the caller made without the client, to a server that does not answer in the client's timeout."""
    upstream.answer("/", outlasting(LONGER / 2, answering({"ok": True})))
    with plain_client(timeouts={**LONG, "read": SHORT}) as client:
        observe(outcomes.of(lambda: client.send(httpx.Request("GET", upstream.url))))
