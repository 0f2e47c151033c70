"""The exceptions of a release themselves: which there are, where they live, and what they survive."""

import pickle

import pytest

from repro.cell import outcomes
from repro.cell.clients import sync_client
from repro.cell.library import httpx
from repro.cell.upstream import answering, refusing_port


def test_hierarchy(observe):
    """Every exception that a release has a public name for, and what it is directly below."""
    public = {
        name: cls for name, cls in vars(httpx).items() if isinstance(cls, type) and issubclass(cls, BaseException)
    }
    observe({name: ", ".join(base.__name__ for base in public[name].__bases__) for name in sorted(public)})


def refused():
    """The error of a refused connection."""
    try:
        with sync_client() as client:
            client.get(f"http://127.0.0.1:{refusing_port()}/")
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the subject
        return error
    raise AssertionError("a refused connection raises")


def not_found(upstream):
    """The error of an answer 404."""
    upstream.answer("/", answering(status=404, reason="Not Found"))
    with sync_client() as client:
        response = client.get(upstream.url)
    try:
        response.raise_for_status()
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the subject
        return error
    raise AssertionError("a 404 raises")


def kept(error):
    """What comes back of an error that is sent to another process: its class, and whether its words are the same."""
    again = pickle.loads(pickle.dumps(error))
    return f"{outcomes.named(again)}, {'the same' if str(again) == str(error) else 'other'} words"


@pytest.mark.needs("sync client")
def test_module(observe, upstream):
    """The modules that the classes of two errors say they are from, as a log or a pickle has them."""
    errors = {"refused": refused(), "not found": not_found(upstream)}
    # A fork is the same module under another name.
    observe({name: type(error).__module__.replace(httpx.__name__, "httpx") for name, error in errors.items()})


@pytest.mark.needs("sync client")
def test_pickled(observe, upstream):
    """Two errors that cross to another process, as a pool of worker processes sends them."""
    error = not_found(upstream)
    observe({"refused": outcomes.of(lambda: kept(refused())), "not found": outcomes.of(lambda: kept(error))})
