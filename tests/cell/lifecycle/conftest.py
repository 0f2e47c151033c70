"""What the lifecycle behaviours share: an event loop entered in steps, and the collection of a client."""

import asyncio
import gc
import re
import warnings

import pytest


@pytest.fixture
def loop():
    """Runs one coroutine after the other in one event loop, and answers what each answers.

    asyncio closes a socket one turn of its loop after it was told to, so each step ends with a turn for that, and
    between two steps the connections can be counted.
    """
    with asyncio.Runner() as runner:

        def step(coroutine):
            try:
                return runner.run(coroutine)
            finally:
                runner.run(asyncio.sleep(0))

        yield step


@pytest.fixture
def collect():
    """A function that lets the last reference to some objects go, and says which warnings that gave.

    It takes the list that holds the only references to them. What a test before this one left behind is frozen, so
    that it is not collected, and not warned of, in the place of these objects.
    """

    def let_go(kept):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            kept.clear()
            gc.collect()
        return sorted({_phrase(warning) for warning in caught})

    gc.freeze()
    return let_go


def _phrase(warning):
    """A warning as its category and the class that it is about."""
    if issubclass(warning.category, ResourceWarning):
        # Python's own. How many of them there are, and whether they name the socket, its transport or its loop,
        # depends on the Python.
        return "ResourceWarning"
    message = str(warning.message)
    about = re.search(r"<(?:\w+\.)*(\w+) ", message) or re.match(r"(\w+)", message)
    return f"{warning.category.__name__} about {about[1]}"
