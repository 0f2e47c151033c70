"""The end of a WebSocket: closed by either side, dropped, broken, left by an error or with messages unread."""

import pytest

from repro.cell import websockets
from repro.cell.optional import companion
from repro.cell.websocket_upstream import CLOSE, TEXT

pytestmark = pytest.mark.needs("WebSocket")


def silent(_peer):
    """Say nothing."""


def closing(peer):
    """Close with a code and a reason."""
    peer.close(1001, "going away")


def test_closed_by_server(observe, both):
    """Reading from a WebSocket that the server closes: with a code and a reason, and without either."""
    endings = {"with a code": closing, "without": lambda peer: peer.send(CLOSE)}
    observe({name: both(script, ("receive",)) for name, script in endings.items()})


def test_closed_by_server_heard(observe, heard):
    """What a server that closes the WebSocket hears of the client."""
    observe(heard(closing, ("receive",)))


def test_closed_by_client(observe, heard):
    """What the server hears of a client that leaves, that closes with a code and a reason, and that does so twice."""
    calls = {"leaving": [], "closing": [("close", 4000, "bye")], "twice": [("close", 4000, "bye"), ("close", 4001)]}
    observe({name: heard(silent, *each) for name, each in calls.items()})


def test_sending_after_the_end(observe, both):
    """Sending after the client has closed the WebSocket, and after the server has."""
    observe(
        {
            "client": both(silent, ("close",), ("send_text", "hello")),
            "server": both(closing, ("receive",), ("send_text", "hello")),
        }
    )


def test_reading_after_the_end(observe, both):
    """Reading, with a timeout, once more after the server has closed the WebSocket."""
    observe(both(closing, ("receive",), ("receive", 0.01)))


def test_dropped(observe, both):
    """Reading from a WebSocket whose connection the server closes without a word about it."""
    observe(both(lambda peer: peer.drop(), ("receive",)))


def test_broken(observe, both):
    """Reading what is no frame, and a text that is no UTF-8."""
    scripts = {"no frame": lambda peer: peer.send(3), "no UTF-8": lambda peer: peer.send(TEXT, b"\xff")}
    observe({name: both(script, ("receive",)) for name, script in scripts.items()})


def test_left_by_an_error(observe, both):
    """An error of the caller's own that leaves a WebSocket: what is raised outside."""
    observe(both(silent, leave="mine"))


def test_left_full(observe, upstream, serve):
    """Leaving a WebSocket with room for one message while two have come and nobody reads."""

    def script(peer):
        peer.send(TEXT, b"one")
        peer.send(TEXT, b"two")

    serve(script)
    observe(companion.ask(websockets.leave_full, upstream.url))
