"""Streams of the asynchronous client, which spoke HTTP/2 when no synchronous one did."""

import asyncio

import pytest

from repro.cell import outcomes
from repro.cell.capabilities import has, takes
from repro.cell.upstream import PATIENCE

pytestmark = pytest.mark.needs("HTTP/2 in the async client")

#: More than one frame holds, which is 16,384 bytes, and less than the window that a stream begins with, 65,535.
MORE = 20_000


def test_async_more_than_a_frame(observe, http2_async_client, http2_upstream):
    """An asynchronous request with a body that is larger than a frame, and smaller than the window of its stream."""
    # Where a body is sent beside reading the answer, what is wrong with it is only said when no answer has come.
    hasty = {} if has("request sent before its answer is read") else {"timeout": 1.0}
    client = http2_async_client(**hasty)
    body = {"content" if takes(client.client.post, "content") else "data": b"0" * MORE}

    async def post():
        return await outcomes.of_async(lambda: client.client.post(http2_upstream.url, **body))

    observe({"answer": client.runner.run(post()), "bytes": [len(seen.body) for seen in http2_upstream.requests]})


def test_async_windows(observe, http2_async_client, http2_upstream):
    """How many bytes a server may send at once in answer to an asynchronous request."""
    windows = []

    def reply(conversation, stream):
        windows.append(conversation.state.local_flow_control_window(stream))
        conversation.answer(stream)

    http2_upstream.reply("/path", reply)
    http2_async_client().get(http2_upstream.url + "/path")
    observe(windows)


def test_async_space_behind_field(observe, http2_async_client, http2_upstream):
    """What an asynchronous client reads of a field with a space behind its value, which HTTP/2 does not allow."""

    def reply(conversation, stream):
        # What a server should not send, h2 has to be told to send.
        conversation.state.config.normalize_outbound_headers = False
        conversation.state.config.validate_outbound_headers = False
        conversation.state.send_headers(stream, [(":status", "200"), ("x-space", "value ")], end_stream=True)

    http2_upstream.reply("/path", reply)
    client = http2_async_client()
    observe(outcomes.of(lambda: client.get(http2_upstream.url + "/path").headers["x-space"]))


def test_async_frames_of_get(observe, http2_async_client, http2_upstream):
    """How many frames of DATA an asynchronous GET sends, which has none to send."""
    http2_async_client().get(http2_upstream.url)
    observe(http2_upstream.names().count("DATA"))


@pytest.fixture
def one_at_a_time():
    """A server that allows one stream at a time on each connection."""
    import h2.settings

    from repro.cell.http2_upstream import Http2Upstream

    with Http2Upstream(settings={h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 1}) as server:
        yield server


@pytest.mark.needs("first requests at once")
def test_one_stream_allowed(observe, http2_async_client, one_at_a_time):
    """Three requests at once of a client that knows that the server allows one stream at a time."""
    client = http2_async_client()
    client.get(one_at_a_time.url)
    observe(client.runner.run(three_at_once(client, one_at_a_time)))


async def three_at_once(client, server):
    """How many of three requests are answered, where the first one is held until the others have come to it."""
    server.hold()
    before = len(server.requests)
    tasks = [asyncio.ensure_future(outcomes.of_async(lambda: client.client.get(server.url))) for _ in range(3)]
    async with asyncio.timeout(PATIENCE):
        while len(server.requests) == before and not any(task.done() for task in tasks):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    for _ in range(200):
        await asyncio.sleep(0)
    server.release()
    async with asyncio.timeout(PATIENCE):
        answers = await asyncio.gather(*tasks)
    return {"answered": answers.count(200), "connections": len(server.connections)}
