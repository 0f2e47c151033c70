"""Statuses as they come over the wire, ordinary and odd."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import plain_client
from repro.cell.upstream import response, sending
from repro.cell.values import told

pytestmark = pytest.mark.needs("sync client")

#: The end of an answer, which is the same for all.
REST = b"\r\nContent-Length: 2\r\n\r\nok"


def raw(*pieces):
    """Answer with exactly these bytes, and leave the connection open."""
    return lambda exchange: exchange.send(b"".join(pieces))


def said(answer):
    """Status and body of an answer."""
    text = getattr(answer, "text", None)
    return f"{int(answer.status_code)} {text if isinstance(text, str) else answer.body.decode()!r}"


#: The end of a head, after which the connection ends.
CLOSE = b"\r\nConnection: close\r\n\r\n"

LINES = {
    "usual": b"HTTP/1.1 200 OK",
    "own": b"HTTP/1.1 404 No Such Thing",
    "empty": b"HTTP/1.1 200 ",
    "missing": b"HTTP/1.1 200",
    "of an unknown status": b"HTTP/1.1 299 Odd",
    "Latin-1": b"HTTP/1.1 200 Tr\xe8s bien",
    "UTF-8": "HTTP/1.1 200 Très bien".encode(),
}


def test_reason(observe, upstream):
    """The reason phrase of an answer, by the line that it begins with."""
    found = {}
    with plain_client() as client:
        for name, line in LINES.items():
            upstream.answer("/a", raw(line, REST))
            found[name] = told(lambda: client.get(upstream.url + "/a").reason_phrase)
    observe(found)


@pytest.mark.parametrize(
    "statuses",
    [
        pytest.param(["299", "399", "600", "999"], id="unknown"),
        pytest.param(["1000", "099", "42", "abc"], id="malformed"),
    ],
)
def test_odd_status(observe, upstream, statuses):
    """The status of an answer that has an odd one, and is over with its connection."""
    found = {}
    with plain_client() as client:
        for status in statuses:
            upstream.answer("/a", sending(f"HTTP/1.1 {status} Odd\r\nConnection: close".encode() + REST))
            found[status] = outcomes.of(lambda: client.get(upstream.url + "/a"))
    observe(found)


INTERIM = {"100": [100], "103": [103], "100, 103, 103": [100, 103, 103]}


def test_interim(observe, upstream):
    """The status and the body of an answer that comes after interim ones, by their statuses."""
    found = {}
    for name, statuses in INTERIM.items():
        before = [b"HTTP/1.1 %d Interim\r\nX-Interim: yes\r\n\r\n" % status for status in statuses]
        upstream.answer("/a", raw(*before, response("ok")))
        with plain_client() as client:
            found[name] = told(lambda client=client: said(client.get(upstream.url + "/a")))
    observe(found)


@pytest.mark.parametrize("sent", [pytest.param(b"", id="none"), pytest.param(b"ok", id="one")])
def test_without_body(observe, upstream, sent):
    """An answer that announces a body where its status allows none, without it and with it; and the next request."""
    found = {}
    for status in (204, 304):
        head = b"HTTP/1.1 %d Odd\r\nContent-Length: 2\r\n\r\n" % status
        # Where nothing follows, the connection ends, so that a client which waits for a body has something to see.
        upstream.answer("/a", raw(head, sent) if sent else sending(head.replace(b"\r\n\r\n", CLOSE)))
        with plain_client() as client:
            found[str(status)] = [
                told(lambda client=client: said(client.get(upstream.url + "/a"))),
                outcomes.of(lambda client=client: client.get(upstream.url + "/b")),
            ]
    observe(found)


def test_switching(observe, upstream):
    """The status of an answer that switches to a protocol that nobody asked for."""
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: own\r\nConnection: upgrade\r\n\r\n"
    upstream.answer("/a", sending(switching))
    with plain_client() as client:
        observe(outcomes.of(lambda: client.get(upstream.url + "/a")))
