"""Ground floor: which stored file speaks for a release.

An observation is stored once, under the release that began it, as `snapshots/<release>/<area>/<behaviour>.json`. It
speaks for every later release of the line, and of the lines that forked from it, until the next stored file.
"""

from __future__ import annotations

import bisect
import json
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from repro.problem import Problem
from repro.release import Release, Releases, check_format

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = 1
ROOT = Path(__file__).parents[1] / "snapshots"


def dump(observation: Any) -> str:
    """An observation as the text of a stored file; equal observations give equal text, whatever order they came in."""
    body = {"format": FORMAT, "observed": observation}
    return json.dumps(body, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


_text = json.JSONEncoder(sort_keys=True).encode


def same(one: Any, other: Any) -> bool:
    """Whether two observations are the same JSON: 1 and true are not, and the order of names does not matter."""
    return one is other or _text(one) == _text(other)


def load(text: bytes, place: Path, folder: str = "snapshots") -> Any:
    """The observation in the bytes of a stored file.

    Args:
        text: The bytes.
        place: The file.
        folder: The folder of all snapshots, as the person who is to restore it writes it.

    Raises:
        Problem: The file is damaged, too old or too new; each in its own sentence.
    """
    what = f"The snapshot {place}"
    mend = f"Restore it with: git checkout -- {folder}"
    try:
        body = json.loads(text)
    except ValueError as error:
        raise Problem(f"{what} is damaged: {error}.", mend) from None
    if not isinstance(body, dict):
        raise Problem(f"{what} is damaged: it holds no object.", mend)
    check_format(body.get("format"), FORMAT, what, mend)
    if "observed" not in body:
        raise Problem(f"{what} is damaged: it holds no observation.", mend)
    return body["observed"]


def _names(folder: Path) -> Iterator[str]:
    """The behaviours stored below the folder of a release."""
    # By name and not by Path: every cell lists every release's folder, and each cell's start waits for it.
    for area in os.scandir(folder):
        if area.is_dir():
            for file in os.scandir(area):
                if file.name.endswith(".json"):
                    yield f"{area.name}/{file.name.removesuffix('.json')}"


class Epochs:
    """The stored observations, read.

    Args:
        root: The folder of snapshots.
        releases: The release data, for the order of releases.
        folder: The folder of snapshots, as messages call it.

    The tree is listed once per object, and each file read once; make a new one to see what changed on disk.
    """

    def __init__(self, root: Path, releases: Releases, folder: str = "snapshots") -> None:
        self.root = root
        self.releases = releases
        self.folder = folder
        self._observations: dict[tuple[Release, str], Any] = {}

    @cached_property
    def stored(self) -> dict[Release, frozenset[str]]:
        """The behaviours stored under each release, by release.

        Raises:
            Problem: A folder is named after no release.
        """
        found: dict[Release, frozenset[str]] = {}
        for folder in sorted(self.root.iterdir()) if self.root.is_dir() else ():
            if not folder.is_dir() or folder.name.startswith("."):
                continue
            distribution, _, version = folder.name.rpartition("-")
            try:
                Version(version)
                self.releases.line(distribution)
            except (InvalidVersion, Problem):
                raise Problem(
                    f"The folder {folder} is named after no release.",
                    f"Remove it, or restore the snapshots with: git checkout -- {self.folder}",
                ) from None
            found[Release(distribution, version)] = frozenset(_names(folder))
        return found

    @cached_property
    def behaviours(self) -> list[str]:
        """Every behaviour that is stored under any release."""
        return sorted(set().union(*self.stored.values()))

    @cached_property
    def _begun(self) -> dict[tuple[str, str], list[Release]]:
        """The releases of a distribution under which a behaviour is stored, in version order."""
        found: dict[tuple[str, str], list[Release]] = {}
        for release in sorted(self.stored, key=lambda release: release.parsed):
            for name in self.stored[release]:
                found.setdefault((release.distribution, name), []).append(release)
        return found

    def path(self, release: Release, behaviour: str) -> Path:
        """Where an epoch of `behaviour` that begins at `release` is stored."""
        return self.root / release.slug / f"{behaviour}.json"

    def serving(self, release: Release, behaviour: str, *, before: bool = False) -> Release | None:
        """The release whose stored file speaks for `release`, or None.

        Args:
            release: The release asked about; it need not be known.
            behaviour: The behaviour's id.
            before: Leave out what is stored under `release` itself.
        """
        line = self.releases.line(release.distribution)
        own = self._begun.get((release.distribution, behaviour), [])
        find = bisect.bisect_left if before else bisect.bisect_right
        if at := find(own, release.parsed, key=lambda stored: stored.parsed):
            return own[at - 1]
        return self.serving(line.forked_from, behaviour) if line.forked_from else None

    def following(self, release: Release, behaviour: str) -> list[Release]:
        """The releases whose stored files come next after `release`, on its own line and on those that fork from it.

        Args:
            release: The release asked about; it need not be known, nor have a file itself.
            behaviour: The behaviour's id.
        """
        own = self._begun.get((release.distribution, behaviour), [])
        later = own[bisect.bisect_right(own, release.parsed, key=lambda stored: stored.parsed) :][:1]
        found = list(later)
        for line in self.releases.lines.values():
            fork = line.forked_from
            if fork is None or fork.distribution != release.distribution or fork.parsed < release.parsed:
                continue
            # What begins on the own line before the other forks off speaks for the other as well.
            if all(stored.parsed > fork.parsed for stored in later):
                found += self._begun.get((line.distribution, behaviour), [])[:1]
        return found

    def observation(self, release: Release, behaviour: str) -> Any:
        """The observation at the start of the epoch that is stored under `release`; its file is read once."""
        key = release, behaviour
        if key not in self._observations:
            path = self.path(release, behaviour)
            self._observations[key] = load(path.read_bytes(), path, self.folder)
        return self._observations[key]
