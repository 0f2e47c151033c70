"""One client that is used in one event loop and then in another, and what becomes of the first one's connection."""

from repro.cell import outcomes
from repro.cell.clients import aclose


def test_loops_in_turn(loop, observe, upstream, left_open):
    """A client that sends a request in one event loop, and one in another of the same kind, where it is closed.

    How many connections it opens is not asked. Some releases measure with the clock of trio for how long a connection
    was idle, and that clock begins anywhere in each of its loops.
    """
    client = loop.client()

    async def send():
        return await outcomes.of_async(lambda: client.get(upstream.url))

    async def send_and_close():
        return await send(), await outcomes.of_async(lambda: aclose(client)) or "no error"

    first = loop.run(send)
    between = left_open(upstream.held_open)
    second, closing = type(loop)().run(send_and_close)
    observe(
        {
            "answers": [first, second],
            "closing": closing,
            "held open between": between,
            "held open at last": left_open(upstream.held_open),
        }
    )
