"""The functions of the module, which make and close a client of their own."""

import pytest

from repro.cell import outcomes
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("sync client")


def test_function_get(observe, upstream):
    """Sending a request with the function `httpx.get`, without a client."""
    answer = outcomes.of(lambda: httpx.get(upstream.url))
    observe({"answer": answer, "connections held open": upstream.held_open()})
