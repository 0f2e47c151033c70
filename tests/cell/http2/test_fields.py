"""What HTTP/2 carries beside a body: the fields of a request, and what comes with a response."""

import pytest

from repro.cell import outcomes
from repro.cell.capabilities import takes

pytestmark = pytest.mark.needs("HTTP/2 in the sync client", "request sent before its answer is read")


def test_fields_of_request(observe, http2_sync_client, http2_upstream):
    """The names of the fields of a GET, in their order."""
    http2_sync_client().get(http2_upstream.url)
    observe([name for name, _ in http2_upstream.requests[0].headers])


def test_fields_of_caller(observe, http2_sync_client, http2_upstream):
    """What arrives of fields that the caller sets, some of which HTTP/2 does not allow."""
    fields = {
        "X-Upper": "value",
        "Host": "other.example",
        "Connection": "keep-alive",
        "Keep-Alive": "timeout=5",
        "Upgrade": "other",
        "TE": "trailers",
        "Transfer-Encoding": "chunked",
    }
    client = http2_sync_client().client
    found = {}
    for name, value in fields.items():
        before = len(http2_upstream.requests)
        outcome = outcomes.of(lambda name=name, value=value: client.get(http2_upstream.url, headers={name: value}))
        if len(http2_upstream.requests) == before:
            found[name] = outcome
        else:
            request = http2_upstream.requests[-1]
            arrived = {n: v for n, v in request.headers if v == value}
            found[name] = ", ".join(f"{n}: {v}" for n, v in arrived.items()) or "left out"
    observe(found)


def test_length_of_request(observe, http2_sync_client, http2_upstream):
    """What says how long the body of a POST is, for bytes and for a generator."""
    client = http2_sync_client().client
    argument = "content" if takes(client.post, "content") else "data"
    bodies = {"bytes": b"body", "generator": (piece for piece in (b"bo", b"dy"))}
    found = {}
    for name, body in bodies.items():
        answer = outcomes.of(lambda body=body: client.post(http2_upstream.url, **{argument: body}))
        said = {n: v for n, v in http2_upstream.requests[-1].headers if n in ("content-length", "transfer-encoding")}
        found[name] = {"answer": answer, **said}
    observe(found)


def test_interim_answer(observe, http2_sync_client, http2_upstream):
    """An answer 103 before the answer proper."""

    def reply(conversation, stream):
        conversation.state.send_headers(stream, [(":status", "103"), ("link", "</style.css>")])
        conversation.answer(stream)

    http2_upstream.reply("/path", reply)
    client = http2_sync_client()
    observe(outcomes.of(lambda: client.get(http2_upstream.url + "/path")))


def test_trailers(observe, http2_sync_client, http2_upstream):
    """Fields after the body."""

    def reply(conversation, stream):
        conversation.state.send_headers(stream, [(":status", "200")])
        conversation.state.send_data(stream, b"body")
        conversation.state.send_headers(stream, [("x-after", "value")], end_stream=True)

    def body():
        response = client.get(http2_upstream.url + "/path")
        return {"body": response.text, "in the headers": "x-after" in response.headers}

    http2_upstream.reply("/path", reply)
    client = http2_sync_client()
    observe(outcomes.of(body))


def test_response_says(observe, http2_sync_client, http2_upstream):
    """What a response over HTTP/2 says of its protocol, its reason and its further properties."""
    client = http2_sync_client()
    response = client.get(http2_upstream.url)
    observe(
        {
            "http_version": outcomes.of(lambda: response.http_version),
            "reason_phrase": outcomes.of(lambda: response.reason_phrase),
            "extensions": outcomes.of(lambda: sorted(response.extensions)),
        }
    )


def test_stream_id(observe, http2_sync_client, http2_upstream):
    """The numbers of the streams of three requests, as their responses say them."""
    client = http2_sync_client()
    responses = [client.get(http2_upstream.url) for _ in range(3)]
    observe(outcomes.of(lambda: [response.extensions["stream_id"] for response in responses]))


def test_settings_of_client(observe, http2_sync_client, http2_upstream):
    """The settings that a client says at the beginning of a connection, or that hold by default."""
    said = {}

    def reply(conversation, stream):
        settings = conversation.state.remote_settings
        said.update({code.name: value for code, value in settings.items() if hasattr(code, "name")})
        conversation.answer(stream)

    http2_upstream.reply("/path", reply)
    http2_sync_client().get(http2_upstream.url + "/path")
    observe(said)
