"""Opening a WebSocket: the handshake on the wire, where it leads to, and what becomes of one that is refused."""

import base64

import pytest

from repro.cell import tls, websockets
from repro.cell.clients import plain, plain_async_client, plain_client, run
from repro.cell.library import httpx
from repro.cell.optional import companion
from repro.cell.upstream import Upstream, answering, refusing_port, sending
from repro.cell.websocket_upstream import CLOSE, TEXT, Peer, frame

pytestmark = pytest.mark.needs("WebSocket")

#: Header lines that every request has.
ANY = {"host", "accept", "accept-encoding", "user-agent"}


def silent(_peer):
    """Say nothing."""


def greeting(peer):
    """Say hello, and close."""
    peer.send(TEXT, b"hello")
    peer.close(1000)


def test_handshake(observe, upstream, converse):
    """The request that opens a WebSocket: its first line, and the header lines that no other request has."""
    converse(silent)
    request = upstream.requests[-1]
    lines = [(name, value) for name, value in request.headers if name.lower() not in ANY]
    key = len(base64.b64decode(request.header("Sec-WebSocket-Key")))
    said = [f"{name}: {f'{key} bytes' if name.lower() == 'sec-websocket-key' else value}" for name, value in lines]
    observe([f"{request.method} {request.target} {request.version}", *said])


def test_handshake_arguments(observe, upstream, converse):
    """What a query, a header, a cookie and credentials that are given with a WebSocket make of its handshake."""
    given = {"params": {"a": "b"}, "headers": {"X-A": "b"}, "cookies": {"c": "d"}, "auth": ("user", "words")}
    converse(silent, **given)
    request = upstream.requests[-1]
    observe([request.target, *(request.header(name) for name in ("X-A", "Cookie", "Authorization"))])


def test_schemes(observe, upstream, serve):
    """WebSockets at a URL with http and with ws, at one that is relative to the client's, and by the function."""
    serve(greeting)
    urls = [upstream.url, upstream.url.replace("http", "ws"), "/"]
    opened = companion.ask(websockets.opened, urls, {"base_url": upstream.url.replace("http", "ws")})
    by_function = companion.ask(websockets.by_function, upstream.url)
    observe(dict(zip(("http", "ws", "relative", "function"), [*opened, by_function], strict=True)))


def test_schemes_secure(observe):
    """WebSockets at a URL with https and with wss, whose server the client has no reason to refuse."""
    with Upstream(tls.server()) as server:
        server.answer("/", Peer().answer(greeting), Peer().answer(greeting))
        place = f"localhost:{server.port}/"
        opened = companion.ask(websockets.opened, ["https://" + place, "wss://" + place], {}, True)
        observe(dict(zip(("https", "wss"), opened, strict=True)))


def test_subprotocols(observe, upstream, serve):
    """Two subprotocols that are offered: on the wire, and the one of a session where the server chose one, and none."""
    answers = []
    for headers in ((("Sec-WebSocket-Protocol", "b"),), ()):
        upstream.answer("/", Peer().answer(silent, *headers))
        answers.append(companion.ask(websockets.agreed, upstream.url, ["a", "b"]))
    offered = upstream.requests[-1].header("Sec-WebSocket-Protocol")
    observe({"offered": offered, "chosen": answers[0], "not chosen": answers[1]})


def test_refused(observe, upstream):
    """What the error of a refused WebSocket has of the answer in its place: its status, a header, its body."""
    said = {}
    for status in (200, 403):
        upstream.answer("/", answering("no", status=status, headers=(("X-Why", "because"),)))
        said[str(status)] = companion.ask(websockets.refused, upstream.url)
    observe(said)


def test_errors(observe, upstream, serve):
    """What catches the errors of a WebSocket that is refused, that is closed, and whose message is of another kind."""
    upstream.answer("/refused", answering(status=403))
    serve(lambda peer: peer.close(1000), "/closed")
    serve(greeting, "/kind")
    asked = {"refused": (), "closed": [("receive",)], "kind": [("receive_bytes",)]}
    observe({name: companion.ask(websockets.caught, f"{upstream.url}/{name}", calls) for name, calls in asked.items()})


def test_redirected(observe, upstream, serve):
    """A WebSocket that is redirected: unasked, and by a client that follows."""
    upstream.answer("/from", answering(status=302, reason="Found", headers=(("Location", "/"),)))
    serve(greeting)
    asked = {"unasked": {}, "following": {"follow_redirects": True}}
    observe(
        {
            name: companion.ask(websockets.opened, [upstream.url + "/from"], options)[0]
            for name, options in asked.items()
        }
    )


def test_wrong_key(observe, upstream):
    """A handshake that the server answers with the wrong key, and with none, and a first message behind it."""
    said = {}
    for name, line in {"wrong": "Sec-WebSocket-Accept: d3Jvbmc=\r\n", "none": ""}.items():
        head = f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{line}\r\n"
        upstream.answer("/", sending(head.encode() + frame(TEXT, b"hello") + frame(CLOSE)))
        said[name] = companion.ask(websockets.opened, [upstream.url])[0]
    observe(said)


def test_nobody(observe):
    """Opening a WebSocket where nobody listens."""
    observe(companion.ask(websockets.opened, [f"ws://127.0.0.1:{refusing_port()}"])[0])


def test_first_bytes(observe, both):
    """A message that comes in the same bytes as the end of the handshake."""
    observe(both(silent, ("receive_text",), first=frame(TEXT, b"hello")))


def test_without_wsproto(observe, upstream):
    """What a client, an asynchronous one and the function say where the package wsproto is missing."""

    def sync():
        with plain_client() as client, client.websocket(upstream.url):
            pass

    def function():
        with httpx.websocket(upstream.url, **plain({})):
            pass

    async def asynchronous():
        async with plain_async_client() as client, client.websocket(upstream.url):
            pass

    asked = {"client": sync, "async client": lambda: run(asynchronous), "function": function}
    observe({name: said(call) for name, call in asked.items()})


def said(call):
    """What a call raises, and what that says."""
    with pytest.raises(ImportError) as raised:
        call()
    return f"{type(raised.value).__name__}: {raised.value}"
