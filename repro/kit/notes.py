"""Notes: why a stored change happened and what a caller does about it, written by a person beside the change.

`snapshots/<release>/notes.toml` has one table per behaviour that changed at that release:

    ["lifecycle/use_after_close"]
    changed = "A closed client refuses a request."
    kind = "breaking"
    cause = "encode/httpx pull request 1346"
    do = "Make a client for each period of use, or keep it open."
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro.problem import Problem

if TYPE_CHECKING:
    from repro.epochs import Epochs
    from repro.release import Release, Releases

#: The kinds of change, by how much they hurt who upgrades.
KINDS = ("removal", "breaking", "behaviour", "fix", "deprecation", "addition", "message")


@dataclass(frozen=True)
class Note:
    """Why a change happened, and what to do.

    Attributes:
        changed: What changed, in one sentence.
        kind: One of `KINDS`.
        cause: The upstream pull request or release, where known.
        do: What a caller does about it; None for an addition, which asks nothing of anybody.
    """

    changed: str
    kind: str
    cause: str
    do: str | None = None


def read(store: Epochs, release: Release) -> dict[str, Note]:
    """The notes of one release, by behaviour.

    Raises:
        Problem: The file is damaged, or a note lacks a part.
    """
    path = store.root / release.slug / "notes.toml"
    mend = "Mend the file, or restore it with: git checkout -- snapshots"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        notes = {behaviour: Note(**table) for behaviour, table in tables.items()}
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise Problem(f"The notes {path} are damaged: {error}.", mend) from None
    for behaviour, note in notes.items():
        if note.kind not in KINDS:
            raise Problem(f"The notes {path} give {behaviour} the kind {note.kind!r}, which is none.", mend)
        if note.do is None and note.kind != "addition":
            raise Problem(f"The notes {path} do not say what to do about {behaviour}.", mend)
    return notes


def changes(store: Epochs, releases: Releases) -> dict[Release, list[str]]:
    """The stored changes: for each release, the behaviours with an epoch that begins there and one before it."""
    found = {
        release: sorted(name for name in names if store.serving(release, name, before=True) is not None)
        for release, names in store.stored.items()
    }
    return {release: found[release] for release in sorted(found, key=releases.order) if found[release]}
