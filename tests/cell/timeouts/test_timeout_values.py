"""What may be written for a timeout, and what comes of it: on `Timeout`, on a client, on a request."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import plain_client
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("timeout argument")

KINDS = ("connect", "read", "write", "pool")


def kinds(value):
    """The timeouts that an object holds, in the order connect, read, write, pool; one word where all are the same."""
    if isinstance(value, Exception):
        return "an exception"
    found = [getattr(value, kind, getattr(value, f"{kind}_timeout", "missing")) for kind in KINDS]
    found = [seconds for seconds in found if seconds != "missing"]
    if all(seconds == found[0] for seconds in found):
        return f"all {found[0]}"
    return ", ".join(str(seconds) for seconds in found)


def written(ways):
    """What comes of each way of writing a timeout."""
    return {text: outcomes.of(lambda make=make: asserted(make)) for text, make in ways.items()}


def asserted(make):
    """What comes of one; an assertion of the release's is an answer like any other."""
    try:
        return kinds(make())
    except AssertionError as error:
        return outcomes.phrase(error)


@pytest.mark.needs("top-level functions")
def test_numbers(observe):
    """One number for all four kinds, and what else stands in its place."""
    observe(
        written(
            {
                "Timeout(5)": lambda: httpx.Timeout(5),
                "Timeout(0)": lambda: httpx.Timeout(0),
                "Timeout(-1)": lambda: httpx.Timeout(-1),
                "Timeout(None)": lambda: httpx.Timeout(None),
                "Timeout('5')": lambda: httpx.Timeout("5"),
                "Timeout(5, 1)": lambda: httpx.Timeout(5, 1),
            }
        )
    )


@pytest.mark.needs("top-level functions")
def test_tuples(observe):
    """A tuple in the place of the number, of each length."""
    observe(
        written(
            {
                "Timeout((1,))": lambda: httpx.Timeout((1,)),
                "Timeout((1, 2))": lambda: httpx.Timeout((1, 2)),
                "Timeout((1, 2, None, None))": lambda: httpx.Timeout((1, 2, None, None)),
                "Timeout((1, 2, 3, 4, 5))": lambda: httpx.Timeout((1, 2, 3, 4, 5)),
                "Timeout([1, 2, 3, 4])": lambda: httpx.Timeout([1, 2, 3, 4]),
                "Timeout((1, 2, 3, 4), pool=5)": lambda: httpx.Timeout((1, 2, 3, 4), pool=5),
            }
        )
    )


@pytest.mark.needs("top-level functions")
def test_keywords(observe):
    """Kinds by their names, alone and beside the number for the others."""
    observe(
        written(
            {
                "all four": lambda: httpx.Timeout(connect=1, read=2, write=3, pool=4),
                "three of four": lambda: httpx.Timeout(connect=1, read=2, write=3),
                "5, read=None": lambda: httpx.Timeout(5, read=None),
                "None, read=2": lambda: httpx.Timeout(None, read=2),
                "timeout=5, read=2": lambda: httpx.Timeout(timeout=5, read=2),
                "5, read_timeout=2": lambda: httpx.Timeout(5, read_timeout=2),
            }
        )
    )


@pytest.mark.needs("top-level functions")
def test_copies(observe):
    """A `Timeout` of another one, with and without a kind of its own."""

    def other():
        return httpx.Timeout((1, 2, 3, 4))

    observe(
        written(
            {
                "Timeout(other)": lambda: httpx.Timeout(other()),
                "Timeout(other, read=9)": lambda: httpx.Timeout(other(), read=9),
                "Timeout(**other.as_dict())": lambda: httpx.Timeout(**other().as_dict()),
            }
        )
    )


@pytest.mark.needs("top-level functions")
def test_equality(observe):
    """What a `Timeout` is equal to."""

    def equal(left, right):
        return outcomes.of(lambda: left() == right())

    observe(
        {
            "one of the same number": equal(lambda: httpx.Timeout(5), lambda: httpx.Timeout(5)),
            "one of another number": equal(lambda: httpx.Timeout(5), lambda: httpx.Timeout(6)),
            "one of the same kinds": equal(lambda: httpx.Timeout(5), lambda: httpx.Timeout((5, 5, 5, 5))),
            "the number": equal(lambda: httpx.Timeout(5), lambda: 5),
        }
    )


@pytest.mark.needs("top-level functions")
def test_hash(observe):
    """Whether a `Timeout` may be the key of a dictionary."""
    observe(outcomes.of(lambda: len({httpx.Timeout(5): "five"})))


@pytest.mark.needs("top-level functions")
def test_repr(observe):
    """How a `Timeout` is written in a log."""
    observe(
        {
            "Timeout(5)": outcomes.of(lambda: repr(httpx.Timeout(5))),
            "Timeout(None)": outcomes.of(lambda: repr(httpx.Timeout(None))),
            "Timeout((1, 2, 3, 4))": outcomes.of(lambda: repr(httpx.Timeout((1, 2, 3, 4)))),
        }
    )


@pytest.mark.needs("top-level functions")
def test_attributes(observe):
    """What a `Timeout` shows of itself."""

    def shown():
        timeout = httpx.Timeout(5)
        if isinstance(timeout, Exception):
            return "an exception"
        return sorted(name for name in dir(timeout) if not name.startswith("_"))

    observe(outcomes.of(shown))


@pytest.mark.needs("sync client")
def test_of_client(observe):
    """What a client makes of the value of its `timeout`, as its own `timeout` says it."""

    def held(value):
        with plain_client(timeout=value) as client:
            return client.timeout

    observe(
        written(
            {
                "5": lambda: held(5),
                "(1, 2)": lambda: held((1, 2)),
                "(1, 2, 3, 4)": lambda: held((1, 2, 3, 4)),
                "{'read': 2}": lambda: held({"read": 2}),
                "Timeout(5, read=2)": lambda: held(httpx.Timeout(5, read=2)),
            }
        )
    )


@pytest.mark.needs("sync client")
def test_of_client_later(observe):
    """What a client makes of a value that its `timeout` is given after it was made."""

    def held(value):
        with plain_client() as client:
            client.timeout = value
            return client.timeout

    observe(written({"3": lambda: held(3), "None": lambda: held(None), "(1, 2, 3, 4)": lambda: held((1, 2, 3, 4))}))


@pytest.mark.needs("sync client")
def test_of_request(observe):
    """The timeouts of a request of a client with five seconds, as the request carries them to the transport."""

    def carried(**options):
        with plain_client(timeout=5) as client:
            extensions = client.build_request("GET", "http://127.0.0.1/", **options).extensions
            return ", ".join(str(extensions["timeout"].get(kind, "missing")) for kind in KINDS)

    observe(
        {
            "nothing": outcomes.of(carried),
            "timeout=1": outcomes.of(lambda: carried(timeout=1)),
            "timeout=None": outcomes.of(lambda: carried(timeout=None)),
            "timeout=Timeout(None, read=2)": outcomes.of(lambda: carried(timeout=httpx.Timeout(None, read=2))),
            "timeout=USE_CLIENT_DEFAULT": outcomes.of(lambda: carried(timeout=httpx.USE_CLIENT_DEFAULT)),
        }
    )
