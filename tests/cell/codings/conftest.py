"""What the behaviours about optional codings share: a body in parts, and what is read of it with their libraries."""

import pytest

from repro.cell import codings
from repro.cell.downloads import chunked
from repro.cell.optional import companion


@pytest.fixture
def ask(upstream):
    """A function that sends a body in these parts and coding, and answers what a function of `codings` says of it."""

    def answer(asked, coding, *parts):
        upstream.answer("/", chunked(*parts, headers=(("Content-Encoding", coding),)))
        return companion.ask(asked, upstream.url)

    return answer


@pytest.fixture
def read(ask):
    """A function that sends a body in a coding and in these parts, and answers what is read of it."""
    return lambda coding, *parts: ask(codings.read, coding, *parts)
