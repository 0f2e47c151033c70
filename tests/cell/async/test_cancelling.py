"""A request whose task is cancelled, and what the client is worth afterwards.

The client may open one connection. Each answer says how the cancelled task ended, what the client still has open to the
server then, and how the next request with the same client ends: whether the place in the pool is free. That there is
none is said as `no place`, for which class says it is another question.
"""

import threading

import pytest

from repro.cell import bodies, outcomes, tls
from repro.cell.clients import aclose, aread, streamed
from repro.cell.event_loops import until
from repro.cell.upstream import answering, descriptors, holding, pending_port, response

pytestmark = pytest.mark.needs("connection limits")

#: A pool that is waited for no longer than this has no place that will become free.
FULL = {"connect": 5, "read": 5, "write": 5, "pool": 0.05}
#: One that is waited for until a request of another task is over; where no place comes of that, it is over soon.
PATIENT = {**FULL, "pool": 0.5}

BODY = b"0123456789"


@pytest.fixture
def client(loop):
    """A function that makes a client that may open one connection, and does not wait for it."""
    return lambda: loop.client(max_connections=1, timeouts=FULL)


def placed(answer):
    """An answer, or that the pool had no place for its request."""
    return "no place" if "PoolTimeout" in str(answer) else answer


@pytest.fixture
def worth(loop, upstream, left_open):
    """A function: what a client is worth after a task, and how that ended; the client is closed then.

    What it holds open is counted at upstream, or by another function.
    """

    async def after(client, task, count=upstream.held_open):
        answer = await task.ended()
        # asyncio closes a socket a turn of its loop after it was told to.
        await loop.turn()
        held = left_open(count)
        following = await outcomes.of_async(lambda: client.get(upstream.url))
        await outcomes.of_async(lambda: aclose(client))
        return {"task": answer, "held open": held, "next request": placed(following)}

    return after


def half_answer(upstream, path):
    """Answer a path with a head and half of the body when an event is set, and with the rest never."""
    begin = threading.Event()

    def half(exchange):
        exchange.send(response(BODY[:5], length=len(BODY)))
        exchange.client_left()
        exchange.upstream.end(exchange.connection, "client")

    upstream.answer(path, holding(begin, half))
    return begin


def hold(upstream, path):
    """Answer a path only when the event is set."""
    released = threading.Event()
    upstream.answer(path, holding(released, answering({"ok": True})))
    return released


def never(upstream, path):
    """Answer a path never, until the client leaves."""

    def answer(exchange):
        exchange.client_left()
        exchange.upstream.end(exchange.connection, "client")

    upstream.answer(path, answer)


def test_cancelled_for_pool(loop, worth, observe, upstream):
    """Cancelling a request that waits for the only connection of the pool, which is given back after that."""
    released = hold(upstream, "/held")

    async def main():
        sender = loop.client(max_connections=1, timeouts=PATIENT)
        first = loop.begin(lambda: sender.get(upstream.url + "/held"))
        await until(loop, lambda: upstream.requests, first)
        second = loop.begin(lambda: sender.get(upstream.url))
        await loop.turn()
        second.cancel()
        answer = await second.ended()
        released.set()
        return {"task": answer, "request before": await first.ended(), **(await worth(sender, second))}

    observe(loop.run(main))


def test_cancelled_between(loop, observe, upstream):
    """Cancelling the first of two requests that wait for the only connection of the pool, before it is given back."""
    released = hold(upstream, "/held")

    async def main():
        sender = loop.client(max_connections=1, timeouts=PATIENT)
        first = loop.begin(lambda: sender.get(upstream.url + "/held"))
        await until(loop, lambda: upstream.requests, first)
        second, third = [loop.begin(lambda: sender.get(upstream.url)) for _ in range(2)]
        await loop.turn()
        second.cancel()
        await loop.turn()
        released.set()
        answers = [placed(await task.ended()) for task in (first, second, third)]
        await outcomes.of_async(lambda: aclose(sender))
        return answers

    observe(loop.run(main))


def test_cancelled_before_another(loop, observe, upstream):
    """A request that waits for the only connection of the pool, when the request that has it is cancelled."""
    never(upstream, "/never")

    async def main():
        sender = loop.client(max_connections=1, timeouts=PATIENT)
        first = loop.begin(lambda: sender.get(upstream.url + "/never"))
        await until(loop, lambda: upstream.requests, first)
        second = loop.begin(lambda: sender.get(upstream.url))
        await loop.turn()
        first.cancel()
        answers = [await first.ended(), placed(await second.ended())]
        await outcomes.of_async(lambda: aclose(sender))
        return answers

    observe(loop.run(main))


def test_cancelled_connecting(loop, client, worth, observe, upstream):
    """Cancelling a request while it connects to a server that does not answer."""

    async def main():
        sender = client()
        before = descriptors()
        task = loop.begin(lambda: sender.get(f"http://127.0.0.1:{port}/"))
        await loop.turn()
        task.cancel()
        # A connection that is not made has no other end to count it by.
        return await worth(sender, task, lambda: descriptors() - before)

    with pending_port() as port:
        observe(loop.run(main))


def test_cancelled_handshake(loop, client, worth, observe):
    """Cancelling a request in the middle of the handshake of TLS."""

    async def main():
        sender = client()
        task = loop.begin(lambda: sender.get(server.url))
        await until(loop, lambda: server.hellos, task)
        task.cancel()
        return await worth(sender, task, server.held_open)

    with tls.Greeter(patience=5) as server:
        observe(loop.run(main))


def test_cancelled_headers(loop, client, worth, observe, upstream):
    """Cancelling a request while it waits for its answer."""
    never(upstream, "/never")

    async def main():
        sender = client()
        task = loop.begin(lambda: sender.get(upstream.url + "/never"))
        await until(loop, lambda: upstream.requests, task)
        task.cancel()
        return await worth(sender, task)

    observe(loop.run(main))


def test_cancelled_by_time_limit(loop, client, worth, upstream, left_open):
    """A time limit of the event loop that is over while a request waits for its answer does what cancelling it does."""
    never(upstream, "/never")

    def ending(how):
        # What is left of the loop before is closed by now.
        assert left_open(upstream.held_open) == 0
        seen = len(upstream.requests)

        async def main():
            sender = client()
            task = loop.begin(lambda: sender.get(upstream.url + "/never"))
            await until(loop, lambda: len(upstream.requests) > seen, task)
            how(task)
            return await worth(sender, task)

        return loop.run(main)

    assert ending(lambda task: task.expire()) == ending(lambda task: task.cancel())


def test_cancelled_in_body(loop, client, worth, observe, upstream):
    """Cancelling a request that has the head of its answer and half of the body."""
    begin = half_answer(upstream, "/half")

    async def main():
        sender = client()
        task = loop.begin(lambda: sender.get(upstream.url + "/half"))
        await until(loop, lambda: upstream.requests, task)
        begin.set()
        # The loop stands still until the half is there, and reads all of it then.
        assert upstream.reached()
        await loop.turn()
        task.cancel()
        return await worth(sender, task)

    observe(loop.run(main))


def test_cancelled_in_stream(loop, client, worth, observe, upstream):
    """Cancelling the reading of a streamed response, half of whose body is there."""
    begin = half_answer(upstream, "/half")
    begin.set()

    async def main():
        sender = client()
        reply = await streamed(sender, upstream.url + "/half")
        task = loop.begin(lambda: aread(reply))
        await loop.turn()
        task.cancel()
        return await worth(sender, task)

    observe(loop.run(main))


def test_cancelled_in_stream_block(loop, client, worth, observe, upstream):
    """Cancelling a task inside the block of a stream, half of whose body is there."""
    begin = half_answer(upstream, "/half")
    begin.set()

    entered = []

    async def read(sender):
        async with sender.stream("GET", upstream.url + "/half") as reply:
            entered.append(True)
            await aread(reply)

    async def main():
        sender = client()
        task = loop.begin(lambda: read(sender))
        await until(loop, lambda: entered, task)
        task.cancel()
        return await worth(sender, task)

    observe(loop.run(main))


@pytest.mark.needs("request sent before its answer is read")
def test_cancelled_in_upload(loop, client, worth, observe, upstream):
    """Cancelling a request whose body is made piece by piece, while the next piece is waited for."""
    waiting = []

    async def pieces():
        yield b"one"
        waiting.append(True)
        await loop.forever()

    async def main():
        sender = client()
        task = loop.begin(lambda: sender.post(upstream.url, **bodies.raw(pieces())))
        await until(loop, lambda: waiting, task)
        task.cancel()
        return await worth(sender, task)

    observe(loop.run(main))
