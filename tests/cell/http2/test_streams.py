"""A stream that the server does not bring to its end, or that is larger than its window."""

import signal

import pytest

from repro.cell import failures, outcomes
from repro.cell.capabilities import takes
from repro.cell.clients import streamed, timeouts

pytestmark = pytest.mark.needs("HTTP/2 in the sync client", "request sent before its answer is read")

#: How long a client waits for an answer that does not come, in seconds.
PATIENT = 0.5

#: How much CPU a client may use up for one request, in seconds; some 5 ms are enough.
BUSY = 0.15

#: Larger than the window that a stream begins with, which is 65,535 bytes.
LARGE = 100_000


def asked(server, maker, *, closed=False):
    """How a request for `/path` ends, how the next one for another path does, and how many connections that takes.

    Where the server has closed the connection, that has arrived before the next request.
    """
    client = maker(timeout=timeouts(connect=5, read=PATIENT, write=5, pool=5))
    first = interrupted(lambda: failures.of(lambda: client.get(server.url + "/path")))
    if closed:
        server.reached(end=True)
    second = interrupted(lambda: outcomes.of(lambda: client.get(server.url)))
    return {"request": first, "next request": second, "connections": len(server.connections)}


def interrupted(call):
    """What a call answers, or that it does not end.

    A client that reads on after the end of a connection never waits, so none of its timeouts helps. It is found by the
    CPU that it uses up, which is the same however busy the machine is.
    """

    class Interrupt(BaseException):
        pass

    def interrupt(*_):
        raise Interrupt

    before = signal.signal(signal.SIGPROF, interrupt)
    signal.setitimer(signal.ITIMER_PROF, BUSY)
    try:
        return call()
    except Interrupt:
        return "does not end"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def beginning(conversation, stream):
    """Send the head of an answer, and half of its body."""
    conversation.state.send_headers(stream, [(":status", "200"), ("content-length", "10")])
    conversation.state.send_data(stream, b"01234")


def test_reset(observe, http2_sync_client, http2_upstream):
    """A stream that the server resets instead of answering, with INTERNAL_ERROR."""
    http2_upstream.reply("/path", lambda conversation, stream: conversation.state.reset_stream(stream, 2))
    observe(asked(http2_upstream, http2_sync_client))


def test_reset_within_body(observe, http2_sync_client, http2_upstream):
    """A stream that the server resets after half of the body."""

    def reply(conversation, stream):
        beginning(conversation, stream)
        conversation.state.reset_stream(stream, 2)

    http2_upstream.reply("/path", reply)
    observe(asked(http2_upstream, http2_sync_client))


def test_short_body(observe, http2_sync_client, http2_upstream):
    """A stream that the server ends in order after half of the body that it announced."""

    def reply(conversation, stream):
        conversation.state.send_headers(stream, [(":status", "200"), ("content-length", "10")])
        conversation.state.send_data(stream, b"01234", end_stream=True)

    http2_upstream.reply("/path", reply)
    observe(asked(http2_upstream, http2_sync_client))


def test_closed_before_answering(observe, http2_sync_client, http2_upstream):
    """A connection that the server closes instead of answering."""
    http2_upstream.reply("/path", lambda conversation, stream: conversation.finish())
    observe(asked(http2_upstream, http2_sync_client, closed=True))


def test_closed_within_body(observe, http2_sync_client, http2_upstream):
    """A connection that the server closes after half of the body."""

    def reply(conversation, stream):
        beginning(conversation, stream)
        conversation.write(conversation.state.data_to_send())
        conversation.finish()

    http2_upstream.reply("/path", reply)
    observe(asked(http2_upstream, http2_sync_client, closed=True))


def test_goaway_without_request(observe, http2_sync_client, http2_upstream):
    """A GOAWAY instead of the answer, which says that the request was not processed; a new connection is answered."""

    def reply(conversation, stream):
        if conversation.connection.number == 1:
            conversation.refuse(0)
        else:
            conversation.answer(stream)

    http2_upstream.reply("/path", reply)
    observe(asked(http2_upstream, http2_sync_client))


def test_goaway_with_request(observe, http2_sync_client, http2_upstream):
    """A GOAWAY before the answer, which says that the request is the last one to be answered."""

    def reply(conversation, stream):
        last = stream.to_bytes(4, "big") + bytes(4)
        conversation.write(len(last).to_bytes(3, "big") + b"\x07\x00" + bytes(4) + last)
        conversation.answer(stream)

    http2_upstream.reply("/path", reply)
    observe(asked(http2_upstream, http2_sync_client))


def test_large_download(observe, http2_sync_client, http2_upstream):
    """A body that is larger than the window of its stream."""
    http2_upstream.reply("/path", lambda conversation, stream: conversation.answer(stream, b"0" * LARGE))
    client = http2_sync_client()
    observe(outcomes.of(lambda: len(client.get(http2_upstream.url + "/path").content)))


def test_large_upload(observe, http2_sync_client, http2_upstream):
    """A request with a body that is larger than the window of its stream."""
    client = http2_sync_client().client
    argument = "content" if takes(client.post, "content") else "data"
    answer = outcomes.of(lambda: client.post(http2_upstream.url, **{argument: b"0" * LARGE}))
    observe({"answer": answer, "bytes": [len(request.body) for request in http2_upstream.requests]})


def test_left_early(observe, http2_sync_client, http2_upstream):
    """A stream that the client closes before it has read the body, and the request after it."""
    http2_upstream.reply("/path", lambda conversation, stream: conversation.answer(stream, b"0" * LARGE))
    client = http2_sync_client(timeout=timeouts(connect=5, read=PATIENT, write=5, pool=5))
    closing = outcomes.of(lambda: streamed(client.client, http2_upstream.url + "/path").close())
    resets = http2_upstream.names().count("RST_STREAM")
    second = outcomes.of(lambda: client.get(http2_upstream.url))
    observe(
        {
            "closing": closing,
            "resets sent": resets,
            "next request": second,
            "connections": len(http2_upstream.connections),
        }
    )
