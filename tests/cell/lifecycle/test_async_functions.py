"""The functions of the module, called inside a running event loop."""

import inspect

import pytest

from repro.cell import outcomes
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("async client")


def test_async_function_get(collect, loop, observe, upstream):
    """Calling the function `httpx.get` inside a running event loop, and whether its answer has to be awaited."""
    awaited, kept = inspect.iscoroutinefunction(httpx.get), []

    async def get():
        kept.append(await httpx.get(upstream.url) if awaited else httpx.get(upstream.url))
        return kept[0]

    answer = outcomes.of(lambda: loop(get()))
    collect([])  # a coroutine that nobody awaited gives its warning when it is collected: here, not in a later test
    observe({"awaited": awaited, "answer": answer, "connections held open": upstream.held_open()})
