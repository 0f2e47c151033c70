"""Mounted transports of an asynchronous client: which URL goes to which, and what becomes of them in a block."""

import pytest

from repro.cell.applications import answer, async_over
from repro.cell.clients import run
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("async client", "mock transport", "mounts")


def test_async_mounts(observe):
    """Where an asynchronous client with two patterns, one of them for the default, sends, and what its block does."""
    steps = []

    class Named(getattr(httpx, "AsyncBaseTransport", object)):
        def __init__(self, name):
            self.name = name

        async def handle_async_request(self, request):
            steps.append(f"{self.name} takes {request.url.host}")
            return httpx.Response(200)

        async def __aenter__(self):
            steps.append(f"{self.name} enters")
            return self

        async def __aexit__(self, *error):
            steps.append(f"{self.name} leaves")

        async def aclose(self):
            steps.append(f"{self.name} closes")

    async def main():
        mounts = {"all://mounted.invalid": Named("mounted"), "all://not.invalid": None}
        async with async_over(Named("default"), mounts=mounts) as client:
            for host in ("mounted.invalid", "not.invalid", "other.invalid"):
                await client.get(f"http://{host}/")
        await async_over(Named("another"), mounts={"all://a.invalid": None}).aclose()

    observe({"ended": answer(lambda: run(main)), "steps": steps})
