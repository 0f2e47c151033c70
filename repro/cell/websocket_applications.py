"""WebSockets of ASGI applications: asked of the process that finds wsproto, by `companion.ask`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from repro.cell import websockets
from repro.cell.applications import PLACE
from repro.cell.clients import async_client
from repro.cell.library import httpx

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

ACCEPT = {"type": "websocket.accept"}


async def echoing(receive: Receive, send: Send) -> None:
    """Accept, and say what is said, until the end."""
    await send(ACCEPT)
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


async def refusing(_receive: Receive, send: Send) -> None:
    """Close in the place of accepting."""
    await send({"type": "websocket.close", "code": 4003, "reason": "no"})


async def denying(_receive: Receive, send: Send) -> None:
    """Answer with a response in the place of accepting (the ASGI extension `websocket.http.response`)."""
    await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"no"})


async def closing(_receive: Receive, send: Send) -> None:
    """Accept, and close."""
    await send(ACCEPT)
    await send({"type": "websocket.close", "code": 4000, "reason": "bye"})


async def failing(_receive: Receive, send: Send) -> None:
    """Accept, and raise."""
    await send(ACCEPT)
    raise ValueError("broken")


APPLICATIONS = {each.__name__: each for each in (echoing, refusing, denying, closing, failing)}


def speak(name: str, calls: Sequence[Sequence[Any]] = ()) -> dict[str, Any]:
    """Open a WebSocket to an application, make calls and leave it; as `websockets.speak`.

    Args:
        name: The name of the application.
        calls: What to call: the name of a method, and its arguments.

    Returns:
        What the client was answered, and the types of all messages that the application was told.
    """
    told: list[str] = []

    async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        async def hearing() -> dict[str, Any]:
            message = await receive()
            told.append(message["type"])
            return message

        told.append(scope["type"])
        assert (await hearing())["type"] == "websocket.connect"
        await APPLICATIONS[name](hearing, send)

    async def speaking(answers: list[Any]) -> None:
        transport = importlib.import_module(f"{httpx.__name__}.websockets").ASGIWebSocketTransport(application)
        async with async_client(transport=transport) as client, client.websocket(PLACE) as session:
            await websockets.converse(session, calls, answers)

    return {"client": websockets.run(speaking), "application": told}
