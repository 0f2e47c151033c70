"""Many tasks that share one client."""

import threading

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose
from repro.cell.event_loops import Asyncio, until
from repro.cell.upstream import answering, holding

PLACES = [f"/{number}" for number in range(1, 6)]

#: A place in the pool is waited for until another task is done; where none comes of that, no longer than this.
PATIENT = {"connect": 5, "read": 5, "write": 5, "pool": 0.5}


def hold(upstream, paths):
    """Answer each path with itself, and only when its event is set."""
    released = {path: threading.Event() for path in paths}
    for path, event in released.items():
        upstream.answer(path, holding(event, answering(path)))
    return released


@pytest.mark.needs("first requests at once")
def test_tasks_answers(loop, upstream):
    """Tasks with one client that are answered in the opposite order get an answer each, and each its own."""
    released = hold(upstream, PLACES)

    async def text(client, path):
        return (await client.get(upstream.url + path)).text

    async def main():
        client = loop.client()
        tasks = {path: loop.begin(lambda path=path: text(client, path)) for path in PLACES}
        await until(loop, lambda: len(upstream.requests) == len(PLACES), *tasks.values())
        answers = {}
        for path in reversed(PLACES):
            released[path].set()
            answers[path] = await tasks[path].ended()
        await aclose(client)
        return answers

    assert loop.run(main) == {path: path for path in PLACES}


@pytest.mark.needs("first requests at once")
def test_tasks_again(loop, observe, upstream):
    """How many connections three tasks open with one client, and how many more three other tasks after them."""
    paths = PLACES[:3]

    async def wave(client):
        before = len(upstream.requests)
        released = hold(upstream, paths)
        tasks = [loop.begin(lambda path=path: client.get(upstream.url + path)) for path in paths]
        await until(loop, lambda: len(upstream.requests) == before + len(paths), *tasks)
        for event in released.values():
            event.set()
        assert [await task.ended() for task in tasks] == [200] * len(paths)
        return len(upstream.connections)

    async def main():
        client = loop.client()
        first = await wave(client)
        second = await wave(client) - first
        await aclose(client)
        return {"first": first, "more": second}

    observe(loop.run(main))


@pytest.mark.needs("first requests at once", "connection limits")
def test_tasks_limited(loop, observe, upstream):
    """How many of five tasks are answered with a client that may open two connections, and how many it opens."""
    released = hold(upstream, PLACES[:2])

    async def main():
        client = loop.client(max_connections=2, timeouts=PATIENT)
        tasks = [loop.begin(lambda path=path: client.get(upstream.url + path)) for path in PLACES]
        await until(loop, lambda: len(upstream.requests) == 2, *tasks)
        for event in released.values():
            event.set()
        answers = [await task.ended() for task in tasks]
        await outcomes.of_async(lambda: aclose(client))
        return {"answered": answers.count(200), "connections opened": len(upstream.connections)}

    observe(loop.run(main))


@pytest.mark.needs("async client", "connection limits")
def test_tasks_in_order(observe, upstream):
    """In which order the server sees the requests of three tasks whose client may open one connection.

    Asked of asyncio: trio wakes tasks in an order of its own, and in another one each time.
    """
    loop, paths = Asyncio(), PLACES[:3]
    released = hold(upstream, paths[:1])

    async def main():
        client = loop.client(max_connections=1, timeouts=PATIENT)
        tasks = []
        for path in paths:
            tasks.append(loop.begin(lambda path=path: client.get(upstream.url + path)))
            # It has the connection, or comes to wait for it, before there is another one.
            await until(loop, lambda: upstream.requests, tasks[0])
        released[paths[0]].set()
        for task in tasks:
            await task.ended()
        await outcomes.of_async(lambda: aclose(client))
        return [request.target for request in upstream.requests]

    observe(loop.run(main))
