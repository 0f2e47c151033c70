"""What the behaviours about WebSockets share: a server that follows a script, and a client that makes calls."""

import pytest

from repro.cell import websockets
from repro.cell.optional import companion
from repro.cell.websocket_upstream import Peer


@pytest.fixture
def converse(upstream):
    """A function that has the server follow a script and a client make calls: what came of them, and the server's end.

    `first` is that of `Peer.answer`, `leave` and further options are those of `websockets.speak`.
    """

    def ask(script, *calls, asked=websockets.speak, first=b"", leave="", **options):
        peer = Peer()
        upstream.answer("/", peer.answer(script, first=first))
        return companion.ask(asked, upstream.url, calls, options, leave), peer

    return ask


@pytest.fixture
def both(converse):
    """A function as `converse`: what came of the calls of a synchronous client and of an asynchronous one."""
    kinds = {"sync": websockets.speak, "async": websockets.speak_async}

    def ask(script, *calls, **options):
        return {name: converse(script, *calls, asked=kind, **options)[0] for name, kind in kinds.items()}

    return ask


@pytest.fixture
def heard(converse):
    """A function as `converse`: what the server heard of a synchronous client."""
    return lambda script, *calls, **options: converse(script, *calls, **options)[1].all_heard()


@pytest.fixture
def serve(upstream):
    """A function that has the server follow a script at a path."""
    return lambda script, path="/": upstream.answer(path, Peer().answer(script))
