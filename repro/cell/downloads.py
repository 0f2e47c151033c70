"""Bodies of responses, read in parts: by the names of the release, and as a server sends them in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro.cell.upstream import Answer, Exchange

#: Each way of reading in parts, and what it was called before.
WAYS = {"iter_bytes": "stream", "iter_raw": "raw", "iter_text": "stream_text", "iter_lines": "stream_lines"}


def parts(response: Any, way: str, **options: Any) -> list[Any]:
    """All parts of a streamed body.

    Args:
        response: A synchronous response, its body not read yet.
        way: One of `WAYS`; called by its old name where it has no other.
        options: Passed on; `chunk_size`, say.
    """
    return list(iterating(response, way, **options))


def iterating(response: Any, way: str, **options: Any) -> Any:
    """An iterator over the parts of a streamed body; as `parts`."""
    name = way if hasattr(response, way) else WAYS[way]
    return getattr(response, name)(**options)


async def aparts(response: Any, way: str, **options: Any) -> list[Any]:
    """All parts of a streamed body of an asynchronous response; as `parts`."""
    name = f"a{way}" if hasattr(response, f"a{way}") else WAYS[way]
    return [part async for part in getattr(response, name)(**options)]


def plain(pieces: Iterable[Any]) -> list[str]:
    """Parts as text, bytes or not."""
    return [piece.decode("latin-1") if isinstance(piece, bytes) else piece for piece in pieces]


def chunked(
    *pieces: bytes, kind: str = "text/plain; charset=utf-8", headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    """Answer with a body in chunks, all in one segment; so how many there are depends on the client only."""
    lines = [
        "HTTP/1.1 200 OK",
        f"Content-Type: {kind}",
        "Transfer-Encoding: chunked",
        *(f"{n}: {v}" for n, v in headers),
    ]
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    whole = "\r\n".join(lines).encode() + b"\r\n\r\n" + body + b"0\r\n\r\n"

    def answer(exchange: Exchange) -> None:
        exchange.send(whole)

    return answer
