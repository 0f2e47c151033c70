"""Server-sent events: a response that is read event by event."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import plain_client
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("sync client", "streamed response")

EVENTS = "id: 1\nevent: first\ndata: one\ndata: more\n\n: a comment\n\nretry: 5\ndata: two\n\n"


@pytest.fixture
def read(upstream):
    """A function that reads the events of the server, and answers them as texts, or how that ends."""
    upstream.answer("/", answering(EVENTS, headers=(("Content-Type", "text/event-stream"),)))

    def events(**options):
        with plain_client() as client, client.sse(upstream.url, **options) as source:
            return [f"{event.event} {event.id} {event.retry} {event.data!r}" for event in source]

    return lambda **options: outcomes.of(lambda: events(**options))


def test_events(observe, read):
    """The events of a server: name, number, seconds until the next try, and data."""
    observe(read())


def test_events_bounded(observe, read):
    """Events of which one is larger than the caller wants them to be."""
    observe(read(max_event_size=20))


def test_events_of_another_type(observe, upstream, read):
    """Events where the server says that the body is something else."""
    upstream.answer("/", answering(EVENTS))
    observe(read())
