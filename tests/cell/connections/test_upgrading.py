"""Connections whose protocol the server switches when the client asks for it."""

import importlib
import importlib.util

import pytest

from repro.cell import outcomes
from repro.cell.clients import plain_client

pytestmark = pytest.mark.needs("sync client", "streamed response", "timeout argument")

#: How often a client may ask its parser for what comes next, where that is up to the client, before it is taken to
#: ask for ever; once is enough for one that knows what to do.
TURNS = 20


class AsksForEverError(Exception):
    """A client asks its parser for ever."""


@pytest.fixture
def bounded(monkeypatch):
    """End a client that asks its parser for ever; nothing else would, as it waits for nothing."""
    if importlib.util.find_spec("h11") is None:
        return
    connection = importlib.import_module("h11").Connection
    ask = connection.next_event
    paused = []

    def next_event(self):
        event = ask(self)
        if repr(event) == "PAUSED":
            paused.append(event)
        if len(paused) > TURNS:
            raise AsksForEverError
        return event

    monkeypatch.setattr(connection, "next_event", next_event)


def switching(exchange):
    """Switch to a protocol in which the server says once what the client says."""
    exchange.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n")
    exchange.send(exchange.connection.sock.recv(64))
    exchange.close()


@pytest.mark.usefixtures("bounded")
def test_upgraded(observe, upstream):
    """Speaking to the server over a connection whose protocol it has switched, through `network_stream`."""
    upstream.answer("/", switching)

    def speak():
        headers = {"Connection": "upgrade", "Upgrade": "echo"}
        with plain_client(timeout=5.0) as client, client.stream("GET", upstream.url, headers=headers) as response:
            stream = response.extensions["network_stream"]
            stream.write(b"hello")
            return f"{response.status_code}, then {stream.read(64).decode()!r}"

    ended = outcomes.of(speak)
    observe("the client asks its parser for ever" if "AsksForEver" in str(ended) else ended)


def test_websocket(observe, upstream):
    """Opening a WebSocket, without the package that httpx2 needs to speak it."""

    def speak():
        with plain_client() as client, client.websocket(upstream.url) as socket:
            return socket

    observe(outcomes.of(speak))
