"""The comment of a pull request: one for each project of a repository, which is edited as the pull request changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from repro.kit.report.markdown import LIMIT

if TYPE_CHECKING:
    from repro.kit.ci.forge import Forge

#: Whose comments are edited: another person's that holds the mark is not the kit's.
AUTHOR = "github-actions[bot]"


def mark(key: str) -> str:
    """The line that a comment about a project begins with, by which it is found again; nobody sees it.

    Args:
        key: What tells the projects of a repository apart: its path.
    """
    return f"<!-- httpx-upgrade-kit: {re.sub('[^A-Za-z0-9._/]+', '-', key).replace('--', '-')} -->"


def place(forge: Forge, number: int, key: str, text: str, *, only_edit: bool = False, author: str = AUTHOR) -> str:
    """Comment on a pull request, or edit the comment that is there.

    Args:
        forge: The repository.
        number: The number of the pull request.
        key: What tells the projects of a repository apart: its path.
        text: The comment; what GitHub would refuse for its length is cut.
        only_edit: Say nothing where nothing was said before.
        author: Who comments.

    Returns:
        What was done: `commented`, `edited`, or `nothing` where there was nothing to do.

    Raises:
        Problem: The API refused, or could not be reached.
    """
    body = f"{mark(key)}\n{text}"[:LIMIT]
    for entry in forge.every(f"issues/{number}/comments"):
        # GitHub gives lines back with the ends that it was given; an editor may have made others.
        there = entry["body"].replace("\r\n", "\n")
        if entry["user"]["login"] == author and there.startswith(mark(key) + "\n"):
            if there.strip() == body.strip():
                return "nothing"
            forge.call("PATCH", f"issues/comments/{entry['id']}", {"body": body})
            return "edited"
    if only_edit:
        return "nothing"
    forge.call("POST", f"issues/{number}/comments", {"body": body})
    return "commented"
