"""Messages of a WebSocket in both directions, in fragments, beyond its limit, and the pings between them."""

import threading

import pytest

from repro.cell import websockets
from repro.cell.optional import companion
from repro.cell.upstream import PATIENCE
from repro.cell.websocket_upstream import BYTES, MORE, PING, PONG, TEXT

pytestmark = pytest.mark.needs("WebSocket")


def silent(_peer):
    """Say nothing."""


def saying(kind, content):
    """A script that says this and no more."""
    return lambda peer: peer.send(kind, content)


def text_and_bytes(peer):
    """Say a text and then bytes."""
    peer.send(TEXT, "grüß".encode())
    peer.send(BYTES, b"\x00\xff")


def test_messages(observe, both):
    """A text and bytes that the server sends."""
    observe(both(text_and_bytes, ("receive_text",), ("receive_bytes",)))


def test_messages_sent(observe, heard):
    """A text and bytes that the client sends, at the server."""
    observe(heard(silent, ("send_text", "grüß"), ("send_bytes", b"\x00\xff")))


def test_json(observe, both):
    """JSON that the server sends as a text, and as bytes."""

    def script(peer):
        peer.send(TEXT, b'{"a": [1]}')
        peer.send(BYTES, b"[2]")

    observe(both(script, ("receive_json",), ("receive_json", PATIENCE, "binary")))


def test_json_sent(observe, heard):
    """JSON that the client sends as a text, and as bytes, at the server."""
    observe(heard(silent, ("send_json", {"a": "ü"}), ("send_json", [2], "binary")))


def test_another_kind(observe, both):
    """Reading bytes where a text comes, and a text where bytes come."""
    observe(both(text_and_bytes, ("receive_bytes",), ("receive_text",)))


def test_nothing_comes(observe, both):
    """Reading with a timeout while the server says nothing."""
    observe(both(silent, ("receive", 0.01)))


def test_fragments(observe, both):
    """A message in three fragments, with a ping between them."""

    def script(peer):
        peer.send(TEXT, b"he", more=True)
        peer.send(MORE, b"l", more=True)
        peer.send(PING, b"x")
        peer.send(MORE, b"lo")

    observe(both(script, ("receive_text",)))


def in_one(peer):
    """Say more than ten bytes at once."""
    peer.send(TEXT, b"hello, hello")


def in_fragments(peer):
    """Say more than ten bytes in fragments of fewer."""
    peer.send(TEXT, b"hello,", more=True)
    peer.send(MORE, b" hello")


SCRIPTS = {"at once": in_one, "in fragments": in_fragments}


def test_too_big(observe, both):
    """Reading a message of more bytes than may be: at once, and in fragments that are each small enough."""
    observe({name: both(script, ("receive_text",), max_message_size_bytes=10) for name, script in SCRIPTS.items()})


def test_too_big_heard(observe, heard):
    """What the server hears of a message of more bytes than may be: at once, and in fragments."""
    observe({name: heard(script, ("receive_text",), max_message_size_bytes=10) for name, script in SCRIPTS.items()})


def test_pinged(observe, heard):
    """What the server hears when it pings the client."""

    def script(peer):
        peer.send(PING, b"x")
        peer.hear()
        peer.send(TEXT, b"hello")

    observe(heard(script, ("receive_text",)))


def test_pinging(observe, both):
    """A ping of the client that the server answers."""

    def script(peer):
        peer.hear()
        peer.send(PONG, b"x")

    observe(both(script, ("ping", b"x")))


def test_unasked_pong(observe, both):
    """Reading the text that follows a pong that the client never asked for."""

    def script(peer):
        peer.send(PONG, b"x")
        peer.send(TEXT, b"hello")

    observe(both(script, ("receive_text",)))


def test_keepalive(observe, both):
    """Reading where the server does not answer the pings that keep the connection alive."""
    observe(both(silent, ("receive",), keepalive_ping_interval_seconds=0.01, keepalive_ping_timeout_seconds=0.02))


def test_keepalive_after_closing(observe, upstream, serve):
    """How the thread that pings the server ends when the caller sends an event that closes the WebSocket."""
    left = threading.Event()

    def script(peer):
        peer.hear()
        left.wait(PATIENCE)

    serve(script)
    ended = companion.ask(websockets.pings_after_closing, upstream.url)
    left.set()
    observe(ended)
