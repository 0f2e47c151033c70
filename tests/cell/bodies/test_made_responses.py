"""Responses that are made, as a test or a transport makes them, and what can be read of them."""

import pytest

from repro.cell import bodies
from repro.cell.responses import response


def read(**content):
    """The content of a response that was made from something, read where it has to be."""

    def ask():
        made = response(200, **content)
        made.read()
        return bodies.text(made.content)

    return bodies.ending(ask)


@pytest.mark.needs("content of a response")
def test_response_made_of(observe):
    """What is read of a response that was made from content, text, HTML or JSON."""
    given = {"content": b"bytes", "text": "text", "html": "<b>", "json": {"a": 1}}
    observe({name: read(**{name: value}) for name, value in given.items()})


@pytest.mark.needs("content of a response")
def test_response_made_of_letters(observe):
    """The text of a response that was made from text as `content`, without reading it first."""
    observe(bodies.ending(lambda: response(200, content="text").text))


@pytest.mark.needs("content of a response")
def test_parts_of_nothing(observe):
    """The parts of a response that was made from no bytes."""
    observe(bodies.ending(lambda: [bodies.text(part) for part in response(200, content=b"").iter_bytes()]))
