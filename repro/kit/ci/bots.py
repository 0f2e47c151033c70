"""Recognises the pull requests of Dependabot and Renovate that move httpx, or what is beneath it.

What moves is decided by the locks of both sides, whoever opened a pull request. What a bot says of its own is enough to
leave at once where it moves something else, before anything is installed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What the kit is about: the lines of httpx, and what is beneath them.
ABOUT = ("httpx", "httpx2", "httpxyz", "httpcore", "httpcore2")

_BOTS = {
    "dependabot": re.compile(r"dependabot(\[bot\]|-preview\[bot\])"),
    "renovate": re.compile(r".*renovate.*", re.IGNORECASE),
}
_NAME = r"`?(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)`?"
_VERSION = r"`?(?:v(?=\d))?(?P<{}>[^\s`|]+(?:,[^\s`|]+)*)`?"
_SAID = (
    # Dependabot, in its title or for each of a group: from one version or range to another.
    re.compile(
        rf"\b(?:bump|bumps|update|updates)\s+\[?{_NAME}\]?(?:\([^)\s]*\))?(?:\s+requirement)?"
        rf"\s+from\s+{_VERSION.format('before')}\s+to\s+{_VERSION.format('after')}",
        re.IGNORECASE,
    ),
    # A row of the table of either: `| [name](address) | from | to |` or `| [name](address) | `from` -> `to` |`.
    re.compile(
        rf"^\|\s*\[?{_NAME}\]?(?:\([^)\s]*\))?[^|\n]*(?:\|[^|\n]*)*?\|\s*`(?P<before>[^`]+)`\s*(?:\||->|→)\s*`(?P<after>[^`]+)`",
        re.MULTILINE,
    ),
    # Renovate, in its title: to one version.
    re.compile(rf"\bupdate dependency {_NAME} to {_VERSION.format('after')}", re.IGNORECASE),
)
_ALL = re.compile(r"lock ?file maintenance|in-range|transitive|indirect", re.IGNORECASE)


@dataclass(frozen=True)
class Bot:
    """A pull request of a bot.

    Attributes:
        name: Which bot.
        moves: What it says that it moves, from and to, by normalised name; None where it does not say from what.
        whole: Whether it moves what it does not name, as the maintenance of a whole lock does.
    """

    name: str
    moves: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    whole: bool = False

    @property
    def concerns(self) -> bool:
        """Whether it may move httpx or what is beneath it."""
        return self.whole or not self.moves or bool(self.moves.keys() & set(ABOUT))


def recognise(event: Mapping[str, Any]) -> Bot | None:
    """The bot that opened the pull request of an event, and what it says; None where a person did.

    Args:
        event: The event, as GitHub hands it to a workflow.
    """
    pull = event.get("pull_request") or {}
    login = (pull.get("user") or {}).get("login") or ""
    name = next((name for name, pattern in _BOTS.items() if pattern.fullmatch(login)), None)
    if name is None:
        return None
    title, body = pull.get("title") or "", pull.get("body") or ""
    # Release notes tell of other moves; a bot says its own before the first of them.
    said = f"{title}\n{re.split('<details>|### Release Notes', body, maxsplit=1)[0]}"
    moves: dict[str, tuple[str | None, str]] = {}
    for pattern in _SAID:
        for found in pattern.finditer(said):
            before = found.groupdict().get("before")
            moves.setdefault(canonicalize_name(found["name"]), (before, found["after"].rstrip(".")))
    return Bot(name, moves, whole=bool(_ALL.search(title)))
