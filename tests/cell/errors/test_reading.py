"""What a caller gets who was answered, and cannot use the answer: the error, who catches it, what it says."""

import gzip

import pytest

from repro.cell import failures
from repro.cell.clients import plain_client, streamed, timeouts
from repro.cell.upstream import answering, silent

pytestmark = pytest.mark.needs("sync client")


@pytest.mark.parametrize("status", [302, 404])
def test_raise_for_status(observe, upstream, status):
    """`raise_for_status` on an answer that is no success."""
    upstream.answer("/", answering(status=status, reason="Reason"))
    with plain_client() as client:
        response = client.get(upstream.url)
        observe(failures.of(lambda: response.raise_for_status()))  # noqa: PLW0108 - not every release has it


def redirecting(exchange):
    """Redirect to the same path with one more letter."""
    place = ("Location", exchange.request.target + "a")
    answering(status=302, reason="Found", headers=(place,))(exchange)


def followed(**options):
    """A client that follows redirects, under either spelling."""
    try:
        return plain_client(follow_redirects=True, **options)
    except TypeError:
        return plain_client(**options)


def test_too_many_redirects(observe, upstream):
    """Redirects without end, of which a client follows two."""
    upstream.answer(None, redirecting)
    observe(failures.of(lambda: followed(max_redirects=2).get(upstream.url)))


def test_redirect_in_a_circle(observe, upstream):
    """A redirect to itself, fifty times over, which is more than any release that has a limit follows."""
    circle = answering(status=302, reason="Found", headers=(("Location", "/"),))
    upstream.answer("/", *[circle] * 50, answering(b"enough"))
    observe(failures.of(lambda: followed().get(upstream.url)))


@pytest.mark.needs("timeout argument")
def test_read_timeout(observe, upstream):
    """What the error of an answer that did not come in time says, and what is on it."""
    upstream.answer("/", silent)
    with plain_client() as client:
        found = failures.of(lambda: client.get(upstream.url, timeout=timeouts(connect=5, read=0.05, write=5, pool=5)))
    observe(found)


def test_decoding(observe, upstream):
    """A body that is not in the coding that its header says, which is gzip."""
    upstream.answer("/", answering(b"not compressed", headers=(("Content-Encoding", "gzip"),)))
    with plain_client() as client:
        observe(failures.of(lambda: client.get(upstream.url)))


def test_decoding_cut_short(observe, upstream):
    """A body whose compressed form ends early, and whose length says nothing of it."""
    whole = "0123456789" * 10
    upstream.answer("/", answering(gzip.compress(whole.encode())[:-10], headers=(("Content-Encoding", "gzip"),)))

    def read():
        text = client.get(upstream.url).text
        return ("all of it" if text == whole else "a part of it") if isinstance(text, str) else text

    with plain_client() as client:
        observe(failures.of(read))


def raw(response):
    """The body of a response piece by piece, as it arrives."""
    return (response.iter_raw if hasattr(response, "iter_raw") else response.raw)()


@pytest.fixture
def stream(upstream):
    """A response whose body was not read yet."""
    upstream.answer("/", answering(b"body"))
    with plain_client() as client:
        response = streamed(client, upstream.url)
        yield response
        response.close()


@pytest.mark.needs("streamed response")
def test_stream_consumed(observe, stream):
    """Reading a stream a second time."""

    def twice():
        list(raw(stream))
        return b"".join(raw(stream)).decode()

    observe(failures.of(twice))


@pytest.mark.needs("streamed response")
def test_stream_closed(observe, stream):
    """Reading a stream after its response was closed."""
    stream.close()
    observe(failures.of(lambda: b"".join(raw(stream)).decode()))


@pytest.mark.needs("streamed response")
def test_not_read(observe, stream):
    """The content of a response whose body was not read."""
    observe(failures.of(lambda: stream.content))
