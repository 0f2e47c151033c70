"""Ground floor: what is a secret by where it stands: the value of a header, or of a variable, that carries one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

REDACTED = "<redacted>"

#: Headers whose value is a secret.
HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "api-key",
        "x-api-key",
        "x-auth-token",
        "idempotency-key",
    }
)

#: What a variable of the environment is called that holds a secret: words that say so wherever they stand, as in
#: `GITHUBTOKEN`, and such as say so only by themselves, as they do not in `KEYBOARD` and `PATH`.
_VARIABLE = re.compile(
    r"(?i)token|secret|passw|passphrase|credential|api_?key"
    r"|(^|_)(keys?|pass|pwd|auth|authorization|cookie|dsn|pat|webhook|signature|private)($|_)"
)
#: Variables that are called like that, and hold places on this machine.
_PLACES = frozenset({"PWD", "OLDPWD", "SSH_AUTH_SOCK"})
#: A shorter value of such a variable is no secret that could be told from other text.
SHORTEST = 6

#: What an entry of a payload is called that holds a secret.
_ENTRY = re.compile(r"(?i)[\w-]*(token|secret|passw(or)?d|passphrase|(api|private)[_-]?key|credentials?)")

_HEADER = re.compile(
    rf"(?i)\b({'|'.join(sorted(HEADERS))})"  # its name,
    r"(['\"]?\s*[:,=]\s*(?:b(?=['\"]))?['\"]?)"  # what stands between, as JSON, a header line or a repr has it,
    r"([^'\"\r\n]+)"  # and its value
)


def text(value: str) -> str:
    """A text without the values of secret headers in it."""
    return _HEADER.sub(rf"\1\2{REDACTED}", value)


def named(name: str) -> bool:
    """Whether an entry of this name holds a secret: a header that carries one, a token, a password or the like."""
    return name.lower() in HEADERS or _ENTRY.fullmatch(name) is not None


def hidden(value: Any) -> Any:
    """What stands under the name of a secret, without it: a text is hidden, and each text of a list."""
    if isinstance(value, list | tuple):
        return [hidden(entry) for entry in value]
    return REDACTED if isinstance(value, str) else value


def variable(name: str) -> bool:
    """Whether a variable of this name holds a secret."""
    return _VARIABLE.search(name) is not None and name.upper() not in _PLACES


def values(environ: Mapping[str, str], named: Collection[str] = ()) -> list[str]:
    """The secrets that the environment holds, the longest first, so that one within another is not left in part.

    Args:
        environ: The environment variables.
        named: Variables that hold secrets, whatever they are called and however short those are.
    """
    found = {value for name, value in environ.items() if variable(name) and len(value) >= SHORTEST}
    found |= {environ[name] for name in named if environ.get(name)}
    return sorted(found, key=lambda value: (-len(value), value))
