"""One client, and several threads, tasks or event loops that use it."""

import asyncio
import threading

import pytest
from flask import Flask

from repro.cell import outcomes
from repro.cell.clients import Call, aclose, in_thread, plain_async_client, plain_client, run, status
from repro.cell.upstream import answering, holding

PLACES = [f"/{number}" for number in range(1, 5)]


def hold(upstream, paths):
    """Answer each path only when its event is set."""
    released = {path: threading.Event() for path in paths}
    for path, event in released.items():
        upstream.answer(path, holding(event, answering({"ok": True})))
    return released


@pytest.mark.needs("sync client")
def test_threads_at_once(observe, upstream):
    """Four threads send a request each with one client, while those before are still unanswered."""
    released = hold(upstream, PLACES)
    client = plain_client()
    calls = {}
    for path in PLACES:
        calls[path] = Call(lambda path=path: client.get(upstream.url + path))
        calls[path].reach(lambda path=path: upstream.requests_for(path))
    answers = []
    for path in PLACES:
        released[path].set()
        answers.append(calls[path].ended())
    closing = outcomes.of(client.close)
    observe({"answers": answers, "closing": closing, "connections opened": len(upstream.connections)})


@pytest.mark.needs("sync client")
def test_threads_in_turn(observe, upstream):
    """Four threads send a request each with one client, one after the other."""
    with plain_client() as client:
        answers = [in_thread(lambda: outcomes.of(lambda: client.get(upstream.url))) for _ in PLACES]
        observe({"answers": answers, "connections opened": len(upstream.connections)})


@pytest.mark.needs("sync client")
def test_views_in_turn(observe, upstream):
    """Two views of a Flask application with one client between them, asked in turn, in a thread for each request."""
    client = plain_client()
    app = Flask(__name__)
    for name in ("series", "films"):
        app.add_url_rule(f"/{name}", name, lambda name=name: str(status(client.get(f"{upstream.url}/{name}"))))
    asked = [in_thread(lambda path=path: app.test_client().get(path)) for path in ("/series", "/films") * 2]
    closing = outcomes.of(client.close)
    observe(
        {
            "answers": [(answer.status_code, answer.text) for answer in asked],
            "closing": closing,
            "connections opened": len(upstream.connections),
        }
    )


@pytest.mark.needs("async client")
def test_async_tasks_at_once(observe, upstream):
    """Four tasks send a request each with one client, while those before are still unanswered."""
    released = hold(upstream, PLACES)

    async def main():
        client = plain_async_client()
        tasks = {}
        for path in PLACES:
            tasks[path] = asyncio.create_task(outcomes.of_async(lambda path=path: client.get(upstream.url + path)))
            await asyncio.to_thread(upstream.wait_for, lambda path=path: upstream.requests_for(path))
        answers = []
        for path in PLACES:
            released[path].set()
            answers.append(await tasks[path])
        await aclose(client)
        return answers

    observe({"answers": run(main), "connections opened": len(upstream.connections)})


@pytest.mark.needs("async client")
def test_async_event_loops_in_turn(observe, upstream):
    """An asynchronous client that is used in one event loop and then in another."""
    client = plain_async_client()

    async def send():
        return await outcomes.of_async(lambda: client.get(upstream.url))

    async def send_and_close():
        answer = await send()
        return answer, await outcomes.of_async(lambda: aclose(client))

    first = run(send)
    second, end = run(send_and_close)
    observe({"answers": [first, second], "closing": end, "connections opened": len(upstream.connections)})


PATIENT = {"connect": 5, "read": 5, "write": 5, "pool": 1}


@pytest.mark.needs("async client", "connection limits")
def test_async_limit_of_one(observe, upstream):
    """Two tasks with one client that may open one connection; the second waits up to a second for it."""
    released = hold(upstream, ["/held"])

    async def main():
        client = plain_async_client(max_connections=1, timeouts=PATIENT)
        first = asyncio.create_task(outcomes.of_async(lambda: client.get(upstream.url + "/held")))
        await asyncio.to_thread(upstream.wait_for, lambda: upstream.requests)
        second = asyncio.create_task(outcomes.of_async(lambda: client.get(upstream.url)))
        # It comes to the limit, where it waits, without waiting for anything before.
        for _ in range(20):
            await asyncio.sleep(0)
        released["/held"].set()
        answers = [await first, await second]
        await aclose(client)
        return answers

    observe({"answers": run(main), "connections opened": len(upstream.connections)})
