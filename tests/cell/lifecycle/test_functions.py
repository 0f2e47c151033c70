"""The functions of the module, which make and close a client of their own."""

import pytest

from repro.cell import outcomes
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("sync client")


def test_function_get(observe, upstream):
    """Sending a request with the function `httpx.get`, without a client, and keeping the response."""
    kept = []

    def get():
        kept.append(httpx.get(upstream.url))
        return kept[0]

    answer = outcomes.of(get)
    observe({"answer": answer, "connections held open": upstream.held_open()})
