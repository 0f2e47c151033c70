"""What the behaviours about old spellings share: clients to use them with, and what the release says about them.

An answer names how the use of an old spelling ends, and the warnings that the release gives on the way. Which
warnings those are is decided here, in `heard`, and nowhere else.
"""

import asyncio
import contextlib
import inspect
import sys
import warnings
from unittest import mock

import pytest

from repro.cell import capabilities, outcomes
from repro.cell.clients import aclose, run
from repro.cell.library import httpx

#: What a release warns with about its API, or with a class of its own below one of these.
CATEGORIES = (DeprecationWarning, PendingDeprecationWarning, FutureWarning, UserWarning)

#: The modules that give a warning for somebody else: `deprecated` warns in the name of what it decorates.
MACHINERY = {"warnings", "typing_extensions"}


@contextlib.contextmanager
def heard(behaviour):
    """The warnings of the release about its own API, as they come: a set of `Category: message`.

    Such a warning is given in Python, by a call of `warnings.warn` in the release itself, or by the decorator
    `deprecated` on what the behaviour calls. The module that a warning is attributed to says less: the release names
    its caller there, or does not. Left out is therefore what Python warns of, in C or in a module of its own, for that
    depends on the Python; what a dependency warns of; and what a collected object says about its end.

    Args:
        behaviour: The name of the module that the behaviour is in.
    """
    found = set()
    warn = warnings.warn

    def listen(message, category=None, stacklevel=1, source=None, **options):
        frame = sys._getframe(1)
        while frame.f_globals["__name__"] in MACHINERY:
            frame = frame.f_back
        package = frame.f_globals["__name__"].partition(".")[0]
        kind = type(message) if isinstance(message, Warning) else category or UserWarning
        own = package in {httpx.__name__, behaviour} and frame.f_code.co_name != "__del__"
        if own and issubclass(kind, CATEGORIES):
            found.add(f"{kind.__name__}: {message}")
        warn(message, category, stacklevel + 1, source, **options)

    with mock.patch.object(warnings, "warn", listen):
        yield found


def ended(call):
    """How the use of a spelling ends: a response as its status code, an error as a phrase, all else as `works`.

    A call that answers False says that the spelling is accepted, and that it means something else.
    """

    def used():
        result = call()
        if hasattr(result, "status_code"):
            return result
        return "means something else" if result is False else "works"

    try:
        return outcomes.of(used)
    except AssertionError as error:  # some releases check what they are given with an assertion
        return outcomes.phrase(error)


@pytest.fixture
def spelling(observe, request):
    """Uses an old spelling, and observes how that ends and what the release warns of."""

    def use(call):
        with heard(request.module.__name__) as warned:
            ends = ended(call)
        observe({"ends": ends, "warns": sorted(warned)})

    return use


@pytest.fixture
def async_spelling(spelling):
    """Uses an old spelling with an asynchronous client; as `spelling`.

    It takes an asynchronous function of the client, and the client's options.
    """

    def use(call, **options):
        async def main():
            client = capabilities.async_client()(**options)
            try:
                return await call(client)
            finally:
                # How closing ends is not the question here.
                await outcomes.of_async(lambda: aclose(client))

        spelling(lambda: run(main))

    return use


class Awaited:
    """An asynchronous client in the words of a synchronous one: what a method answers is awaited."""

    def __init__(self, client, runner):
        self._client = client
        self._runner = runner

    def __getattr__(self, name):
        """The attribute of the client, a method in the words of a synchronous one."""
        found = getattr(self._client, name)
        return (lambda *given, **named: self._runner.run(awaited(found, *given, **named))) if callable(found) else found

    def close(self):
        """End the client."""
        self._runner.run(aclose(self._client))


async def awaited(call, *given, **named):
    """What a call answers, awaited where it has to be."""
    result = call(*given, **named)
    return await result if inspect.isawaitable(result) else result


@pytest.fixture
def client():
    """Makes clients, synchronous where the release has such ones and else asynchronous, in the same words.

    So a spelling has one line from release to release, also where the only client was an asynchronous one.
    """
    with contextlib.ExitStack() as ends:

        def make(**options):
            kind = capabilities.sync_client()
            made = kind(**options) if kind else Awaited(capabilities.async_client()(**options), runner())
            # How closing ends is not the question here.
            ends.callback(outcomes.of, made.close)
            return made

        def runner():
            return ends.enter_context(asyncio.Runner())

        yield make


@pytest.fixture
def function():
    """Calls a function of the module by its name; awaited where it was asynchronous."""

    def call(name, *given, **named):
        found = getattr(httpx, name)
        if inspect.iscoroutinefunction(found):
            return run(lambda: found(*given, **named))
        return found(*given, **named)

    return call
