"""One thing asked of a release: how it ended, and what of it reached upstream.

Behaviours that put the same question in many forms, one form of an argument or one character at a time, ask here, so
that each form has its own short answer: a form that the release refuses does not hide the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from repro.cell import capabilities, clients, outcomes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from repro.cell.upstream import Seen, Upstream


def answer(call: Callable[[], Any]) -> Any:
    """How a call ends, as `outcomes.of`; an assertion of the release is an answer as well."""
    try:
        return outcomes.of(call)
    except AssertionError as error:
        return outcomes.phrase(error)


def seen(upstream: Upstream, call: Callable[[], Any], what: Callable[[Seen], Any]) -> Any:
    """What upstream saw of the last request of a call that ends with a response; else how it ended.

    Args:
        upstream: The server that the call sends to.
        call: Sends, and answers the response.
        what: Says of a request what is asked.
    """
    ended = answer(call)
    return what(upstream.requests[-1]) if isinstance(ended, int) else ended


def async_seen(upstream: Upstream, call: Callable[[Any], Awaitable[Any]], what: Callable[[Seen], Any]) -> Any:
    """As `seen`, of a call that is given an asynchronous client of its own."""
    ended = async_answer(call)
    return what(upstream.requests[-1]) if isinstance(ended, int) else ended


def async_answer(call: Callable[[Any], Awaitable[Any]]) -> Any:
    """How a call ends that is given an asynchronous client of its own, for plain connections."""
    return async_ended(clients.plain_async_client, outcomes.of_async, call)


def async_ended(
    client: Callable[[], Any], ended: Callable[..., Awaitable[Any]], call: Callable[[Any], Awaitable[Any]]
) -> Any:
    """How a call ends that is given an asynchronous client, which is closed behind it.

    Args:
        client: Makes the client.
        ended: Says how an asynchronous call ends: `outcomes.of_async`, say.
        call: Sends with the client.
    """

    async def main() -> Any:
        made = client()
        try:
            return await ended(lambda: call(made))
        finally:
            await clients.aclose(made)

    return clients.run(main)


def both(sync: Any, asynchronous: Any, *needs: str) -> list[Any]:
    """Parameters that put a question to the synchronous client and to the asynchronous one, where the release has it.

    Args:
        sync: What asks the synchronous client.
        asynchronous: What asks the asynchronous one.
        needs: The capabilities that they need, with `{}` for `sync` and `async`; where none is named, the client.
    """
    return [
        pytest.param(ask, id=kind, marks=pytest.mark.needs(*(need.format(kind) for need in needs or ("{} client",))))
        for kind, ask in (("sync", sync), ("async", asynchronous))
    ]


def body(content: Any) -> dict[str, Any]:
    """The argument of a request with this body, bytes or a generator of them: `content`, or `data` in its place."""
    return {"content" if capabilities.takes(capabilities.sync_client().request, "content") else "data": content}


def following() -> dict[str, bool]:
    """The argument of a request with which redirects are followed; none where they are, or where there is no choice."""
    request = (capabilities.sync_client() or capabilities.async_client()).request
    return {name: True for name in ("follow_redirects", "allow_redirects") if capabilities.takes(request, name)}
