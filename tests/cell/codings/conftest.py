"""What the behaviours about optional codings share: a body in parts, and what is read of it with their libraries."""

import gzip

import pytest

from repro.cell import codings
from repro.cell.downloads import chunked
from repro.cell.optional import companion
from repro.cell.upstream import answering


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


@pytest.fixture
def forms(read):
    """A function that answers what is read of a body in a coding: whole, in parts, by its name in capitals, in gzip."""

    def answer(coding, body):
        parts = (body[place : place + 1] for place in range(len(body)))
        return {
            "whole": read(coding, body),
            "in parts": read(coding, *parts),
            "in capitals": read(coding.upper(), body),
            "in gzip": read(f"{coding}, gzip", gzip.compress(body, mtime=0)),
        }

    return answer


@pytest.fixture
def empty(read, upstream):
    """A function that answers what is read of an empty body that says it is in a coding."""

    def answer(coding):
        upstream.answer("/length", answering(headers=(("Content-Encoding", coding),)))
        length = upstream.url + "/length"
        return {
            "no length": companion.ask(codings.read, length),
            "no chunk": read(coding),
            "HEAD": companion.ask(codings.read, length, "HEAD"),
        }

    return answer


@pytest.fixture
def at_once(ask):
    """A function that answers how much of a body in a coding is decoded at once, as far as it matters."""
    return lambda coding, body: "a MiB at most" if ask(codings.largest, coding, body) <= 1 << 20 else "more than a MiB"
