"""What closing raises where the connection broke while the body of a response was on its way."""

import threading

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose, plain_async_client, run, streamed, turns, until
from repro.cell.upstream import PATIENCE, response

pytestmark = pytest.mark.needs("async client")


@pytest.fixture
def broken(upstream):
    """A function that closes something once its connection is reset, with half of a response read: what that raises.

    It takes what chooses what is closed, of the client and the response.
    """
    end = threading.Event()

    def half(exchange):
        exchange.send(response(b"01234", length=10))
        end.wait(PATIENCE)
        exchange.reset()

    upstream.answer("/", half)

    def close(choose):
        async def main():
            client = plain_async_client()
            answer = await streamed(client, upstream.url)
            end.set()
            # A socket that a reset has arrived at is connected to nobody.
            until(lambda: not upstream.held_open())
            await turns()
            ended = await outcomes.of_async(lambda: aclose(choose(client, answer)))
            await outcomes.of_async(lambda: aclose(client))
            return ended

        return run(main)

    return close


def test_closing_broken_response(observe, broken):
    """Closing an asynchronous response whose connection was reset while its body was on its way."""
    observe(broken(lambda _client, answer: answer))


def test_closing_broken_client(observe, broken):
    """Closing an asynchronous client with a response whose connection was reset while its body was on its way."""
    observe(broken(lambda client, _answer: client))
