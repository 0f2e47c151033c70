"""Digest authentication as a server does it (RFC 7616, and RFC 2069 where there is no `qop`): a challenge, and a check.

What a client answers to a challenge is random, so a behaviour does not observe it: the server here computes the same
proof from the same secret, and accepts the answer or does not.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.request import parse_http_list, parse_keqv_list

from repro.cell.upstream import response

if TYPE_CHECKING:
    from repro.cell.upstream import Exchange, Seen

#: The hash of each algorithm, by its name without `-SESS`.
HASHES = {"MD5": "md5", "SHA": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}


def fields(request: Seen) -> dict[str, str] | None:
    """The fields of a request's digest, unquoted; None where it has none."""
    scheme, _, rest = (request.header("Authorization") or "").partition(" ")
    return parse_keqv_list(parse_http_list(rest)) if scheme.lower() == "digest" else None


def proves(request: Seen, user: bytes, password: bytes) -> bool:
    """Whether a request's digest proves that its sender knows the password."""
    found = fields(request)
    if found is None or found.get("uri") != request.target or found.get("username", "").encode("latin-1") != user:
        return False
    algorithm = found.get("algorithm", "MD5").upper()
    name = HASHES.get(algorithm.removesuffix("-SESS"))
    if name is None:
        return False

    def digest(*parts: str | bytes) -> str:
        joined = b":".join(part if isinstance(part, bytes) else part.encode("latin-1") for part in parts)
        return hashlib.new(name, joined).hexdigest()

    secret = digest(user, found["realm"], password)
    if algorithm.endswith("-SESS"):
        secret = digest(secret, found["nonce"], found.get("cnonce", ""))
    asked = [request.method, found["uri"]]
    if found.get("qop") == "auth-int":
        asked.append(digest(request.body))
    middle = [found.get(name, "") for name in ("nc", "cnonce", "qop")] if "qop" in found else []
    return found.get("response") == digest(secret, found["nonce"], *middle, digest(*asked))


class Guard:
    """Answers requests of whoever proves to know the password, and challenges all others; an answer of an upstream.

    Args:
        user: The user's name.
        password: The user's password.
        challenges: The values of WWW-Authenticate; `NONCE` in one stands for the nonce that is valid now.
        headers: Further headers of the answer that challenges.

    Attributes:
        nonce: The number of the nonce that is valid now; a digest over another is not accepted.
    """

    def __init__(
        self, user: bytes, password: bytes, *challenges: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._user = user
        self._password = password
        self._challenges = challenges
        self._headers = headers
        self.nonce = 1

    def __call__(self, exchange: Exchange) -> None:
        """Answer one request."""
        found = fields(exchange.request)
        nonce = f"nonce-{self.nonce}"
        if found and found.get("nonce") == nonce and proves(exchange.request, self._user, self._password):
            exchange.send(response({"ok": True}))
            return
        asked = tuple(("WWW-Authenticate", challenge.replace("NONCE", nonce)) for challenge in self._challenges)
        exchange.send(response(status=401, reason="Unauthorized", headers=(*self._headers, *asked)))
