"""Bodies of requests: given under every spelling, and as the server saw them.

What a body is on the wire is said in three short texts: the body itself, its `Content-Type`, and its framing, which is
how the server knows where the body ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from repro.cell import capabilities, clients, outcomes

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro.cell.upstream import Seen, Upstream


def client(**options: Any) -> Any:
    """A synchronous client for plain connections; options as `sync_client`."""
    return clients.plain_client(**options)


def hasty_client() -> Any:
    """A client, as `client`, that waits a second only for an answer, in the releases where that may be in vain.

    They send a body in a task of its own. When that fails they wait for an answer to what they could not send, for as
    long as their timeout is, and only then say what was wrong.
    """
    return client() if capabilities.has("request sent before its answer is read") else client(timeout=1.0)


def raw(body: Any) -> dict[str, Any]:
    """The argument that gives a body as it is: `content`, or `data` in the releases that took it there."""
    takes_content = capabilities.takes(_request_method(), "content")
    return {"content" if takes_content else "data": body}


def following(method: str, url: str, **arguments: Any) -> dict[str, Any]:
    """Arguments of `client.request` that make it follow redirects, in the releases where it does not do so unasked."""
    asked = capabilities.takes(_request_method(), "follow_redirects")
    return {"method": method, "url": url, **arguments, **({"follow_redirects": True} if asked else {})}


def _request_method() -> Any:
    return getattr(capabilities.sync_client() or capabilities.async_client(), "request", None)


def ending(call: Callable[..., Any], *arguments: Any) -> Any:
    """How a call ends; as `outcomes.of`, and an AssertionError of the release is an observation too."""
    try:
        return outcomes.of(lambda: call(*arguments))
    except AssertionError as error:
        return outcomes.phrase(error)


def sent(sender: Any, upstream: Upstream, method: str = "POST", **arguments: Any) -> Any:
    """Send a request with a body: what the server saw of it, or how sending it failed.

    Args:
        sender: A synchronous client.
        upstream: The server.
        method: The method.
        arguments: Further arguments of `client.request`.

    Returns:
        As `seen`; or a phrase, as `raises TypeError`.
    """
    ended = ending(lambda: sender.request(method, upstream.url, **arguments))
    return seen(upstream.requests[-1]) if isinstance(ended, int) else ended


def sent_body(sender: Any, upstream: Upstream, method: str = "POST", **arguments: Any) -> str:
    """Send a request with a body: the body that the server saw, or how sending it failed; as `sent`."""
    observed = sent(sender, upstream, method, **arguments)
    return str(observed if isinstance(observed, str) else observed["body"])


def seen(request: Seen) -> dict[str, str]:
    """What the server saw of the body of a request, by the names `body`, `Content-Type` and `framing`."""
    kind = request.header("Content-Type") or "none"
    return {"body": text(request.body), "Content-Type": kind, "framing": framing(request)}


def text(body: bytes) -> str:
    """The bytes of a body as text; what is no UTF-8 is escaped."""
    return body.decode("utf-8", "backslashreplace")


def framing(request: Seen) -> str:
    """The header lines that say where the body of a request ends: `Content-Length: 5`, say, or `none`."""
    names = ("Content-Length", "Transfer-Encoding")
    return ", ".join(f"{name}: {request.header(name)}" for name in names if request.header(name) is not None) or "none"
