"""What the behaviours of headers share: a client, and the header lines that upstream sees of one request."""

import re

import pytest

from repro.cell.asking import seen


@pytest.fixture
def names(upstream):
    """A function: the names of the header lines of a request, in order and in lower case, or how it ended."""
    return lambda call: seen(upstream, call, lambda request: [name.lower() for name, _ in request.headers])


@pytest.fixture
def lines(upstream):
    """A function: the lines of some headers of a request, in order, or how it ended.

    It takes the call that sends, and the names of the headers. They are in lower case here as well: how a release
    writes them is asked for once.
    """

    def found(call, *wanted):
        return seen(
            upstream,
            call,
            lambda request: [
                # A user agent that the release has by itself names its version, and would begin an epoch with each.
                re.sub(r"^(user-agent: python-\w+)/\S+", r"\1/VERSION", f"{name.lower()}: {value}")
                for name, value in request.headers
                if name.lower() in wanted
            ],
        )

    return found
