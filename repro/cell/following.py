"""Following redirects, or not, under every spelling: by default, `allow_redirects`, `follow_redirects`."""

from __future__ import annotations

from typing import Any

from repro.cell import capabilities
from repro.cell.clients import plain_client


def following_client(**options: Any) -> Any:
    """A synchronous client that follows redirects, whether that is the release's default or asked for."""
    if capabilities.takes(capabilities.sync_client(), "follow_redirects"):
        options["follow_redirects"] = True
    return plain_client(**options)


def not_following() -> dict[str, Any]:
    """The arguments of a request that make it follow no redirect; none where the release has no word for it."""
    return not_following_of(capabilities.sync_client().get)


def not_following_of(call: Any) -> dict[str, Any]:
    """As `not_following`, of anything that sends."""
    return {name: False for name in ("follow_redirects", "allow_redirects") if capabilities.takes(call, name)}
