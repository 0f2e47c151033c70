"""What the behaviours about multipart forms share: a client at a server, and a form as the server saw it."""

import re

import pytest

from repro.cell import bodies


@pytest.fixture
def send(client, upstream):
    """Send a POST with a form; answers what the server saw of it, the boundary that was made up called BOUNDARY."""
    return lambda **arguments: _named(bodies.sent(client, upstream, **arguments))


@pytest.fixture
def send_parts(send):
    """Send a POST with a form; answers its parts: header lines, an empty line and the body of each, as one text."""

    def parts(**arguments):
        observed = send(**arguments)
        if isinstance(observed, str):
            return observed
        _, *middle, _ = re.split("(?:\r\n)?--BOUNDARY(?:--)?\r\n", observed["body"]) or ["", ""]
        return middle

    return parts


@pytest.fixture
def send_part(send_parts):
    """Send a POST with a form of one part; answers that part, as `send_parts` does."""

    def part(**arguments):
        parts = send_parts(**arguments)
        return parts[0] if isinstance(parts, list) and len(parts) == 1 else parts

    return part


def _named(observed):
    """What the server saw, with its made-up boundary called BOUNDARY; a made-up one is another every time."""
    made_up = isinstance(observed, dict) and re.search("boundary=([0-9a-f]{32})$", observed["Content-Type"])
    return {name: text.replace(made_up[1], "BOUNDARY") for name, text in observed.items()} if made_up else observed
