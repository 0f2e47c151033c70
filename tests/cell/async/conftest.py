"""What the behaviours of the asynchronous client share: the event loops that it runs on, and what is left of it."""

import gc

import pytest

from repro.cell.event_loops import Asyncio, Trio

_ASYNCIO = pytest.param(Asyncio, id="asyncio", marks=pytest.mark.needs("async client"))
_TRIO = pytest.param(Trio, id="trio", marks=pytest.mark.needs("trio"))


@pytest.fixture(params=[_ASYNCIO, _TRIO])
def loop(request):
    """The event loop of asyncio, and that of trio."""
    return request.param()


@pytest.fixture
def trio_loop():
    """The event loop of trio; what is asked of it is asked of asyncio's in another area."""
    return Trio()


@pytest.fixture
def left_open():
    """A function that counts what is open once garbage is collected; it takes the function that counts.

    What a release drops without closing it is closed when it is collected, and when that is depends on the Python.
    """
    gc.freeze()

    def collected(count):
        gc.collect()
        return count()

    return collected
