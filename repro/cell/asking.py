"""One thing asked of a release: how it ended, and what of it reached upstream.

Behaviours that put the same question in many forms, one form of an argument or one character at a time, ask here, so
that each form has its own short answer: a form that the release refuses does not hide the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

    async def main() -> Any:
        client = clients.async_client(**clients.plain({}))
        try:
            return await outcomes.of_async(lambda: call(client))
        finally:
            await clients.aclose(client)

    return clients.run(main)


def body(content: Any) -> dict[str, Any]:
    """The argument of a request with this body, bytes or a generator of them: `content`, or `data` in its place."""
    return {"content" if capabilities.takes(capabilities.sync_client().request, "content") else "data": content}


def following() -> dict[str, bool]:
    """The argument of a request with which redirects are followed; none where they are, or where there is no choice."""
    request = (capabilities.sync_client() or capabilities.async_client()).request
    return {name: True for name in ("follow_redirects", "allow_redirects") if capabilities.takes(request, name)}
