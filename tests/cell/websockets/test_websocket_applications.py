"""WebSockets of an ASGI application, in the place of the network."""

import pytest

from repro.cell import websocket_applications as applications
from repro.cell.optional import companion

pytestmark = pytest.mark.needs("WebSocket")

#: An exchange with an application that says what is said.
ECHO = [("send_text", "hello"), ("receive_text",)]


def speak(name, *calls):
    """What became of the calls of a client, and what an application was told."""
    return companion.ask(applications.speak, name, calls)


def test_asgi(observe):
    """A text that an application sends back."""
    observe(speak("echoing", *ECHO)["client"])


def test_asgi_told(observe):
    """The kinds of messages that an application is told: the scope, the opening, a text, and the end."""
    observe(speak("echoing", *ECHO)["application"])


def test_asgi_refused(observe):
    """Opening a WebSocket that an application closes in the place of accepting, or answers with a response."""
    observe({name: speak(name)["client"] for name in ("refusing", "denying")})


def test_asgi_ended(observe):
    """Reading from a WebSocket that an application closes, and from one whose application raises."""
    observe({name: speak(name, ("receive",))["client"] for name in ("closing", "failing")})


def test_asgi_closed(observe):
    """Reading, and leaving, after the client has closed the WebSocket of an application."""
    observe(speak("echoing", *ECHO, ("close",), ("receive at once",))["client"])


def test_asgi_pinging(observe):
    """A ping of the client to an application, which ASGI has no message for."""
    observe(speak("echoing", ("ping", b"x"))["client"])
