"""Holds the changelogs to what was seen: claimed and not seen, seen and not mentioned. Never prints.

`changelogs/<distribution>.toml` says what each line of a changelog claims, in words of our own, and which behaviours
would show it. No state is written there: each is computed from `snapshots/`, so a changed snapshot changes it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from repro.kit import notes
from repro.problem import Problem
from repro.release import Release, check_format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro.epochs import Epochs
    from repro.release import Releases

FORMAT = 1
ROOT = Path(__file__).with_name("changelogs")

#: What becomes of a line; a closed set. Only the first three are claims that a caller could see.
SEEN = "seen"
UNSEEN = "claimed, not seen"
UNASKED = "not asked yet"
HIDDEN = "not observable"
STATES = (SEEN, UNSEEN, UNASKED, HIDDEN)

#: The repository in which a plain number of a pull request is meant, by distribution; each has a changelog here.
KEPT = {"httpx": "encode/httpx", "httpx2": "pydantic/httpx2"}

_PULLS = re.compile(r"([\w.-]+/[\w.-]+) pull requests? (\d+(?:(?:, and |, | and )\d+)*)")


@dataclass(frozen=True)
class Line:
    """One line of a changelog.

    Attributes:
        release: The release whose section has it.
        says: What it claims, in words of our own.
        pull: The pull requests that it cites, or that made the change: a number, or `encode/httpcore#81` of another
            repository.
        behaviours: What shows it and is stored: behaviours, without parameters where all of them are meant.
        expected: What would show it and was not stored when the line was written.
        unobservable: Why no caller can observe it, after one word of what it is about: `typing: ...`.
        unseen: Why its behaviours show nothing at its release, where that was found.
        unasked: What a behaviour would have to ask, where there is none.
    """

    release: Release
    says: str
    pull: tuple[str, ...] = ()
    behaviours: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    unobservable: str | None = None
    unseen: str | None = None
    unasked: str | None = None

    def covers(self, release: Release) -> bool:
        """Whether its section speaks for a release: its own, and for a final one the pre-releases before it."""
        mine, other = self.release.parsed, release.parsed
        return release.distribution == self.release.distribution and (
            mine == other or (other.is_prerelease and Version(other.base_version) == mine)
        )

    def names(self, behaviour: str) -> bool:
        """Whether it names a behaviour, with its parameters or without."""
        return any(behaviour == name or behaviour.startswith(f"{name}-") for name in (*self.behaviours, *self.expected))

    def cites(self, cause: str) -> bool:
        """Whether the cause in a note is one of its pull requests."""
        home = KEPT[self.release.distribution]
        mine = {each if "#" in each else f"{home}#{each}" for each in self.pull}
        return any(
            f"{repository}#{number}" in mine
            for repository, numbers in _PULLS.findall(cause)
            for number in re.findall(r"\d+", numbers)
        )


@dataclass(frozen=True)
class Held:
    """A line, held to what is stored.

    Attributes:
        line: The line.
        state: One of `STATES`.
        shown: The behaviours with an epoch that begins at a release which its section covers.
        why: Why it is not seen, as one sentence; empty where it is.
    """

    line: Line
    state: str
    shown: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Section:
    """What one release says that it changed, and what it changed.

    Attributes:
        release: The release.
        held: The lines of its section; empty where the changelog has none.
        unmentioned: What changed and no line of a section that covers the release mentions.
    """

    release: Release
    held: tuple[Held, ...]
    unmentioned: tuple[str, ...]


def load(distribution: str, root: Path = ROOT) -> tuple[Line, ...]:
    """The lines of a distribution's changelog, in the order of the file.

    Raises:
        Problem: The file is missing, damaged, too old or too new; each in its own sentence.
    """
    path = root / f"{distribution}.toml"
    what = f"The changelog {path}"
    mend = f"Mend the file, or restore it with: git checkout -- repro/kit/{root.name}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Problem(f"There is no changelog at {path}.", mend) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f"{what} is damaged: {error}.", mend) from None
    check_format(data.get("format"), FORMAT, what, mend)
    try:
        return tuple(_line(distribution, entry) for entry in data["line"])
    except (KeyError, TypeError, ValueError) as error:
        raise Problem(f"{what} is damaged: {error!r}.", mend) from None


def _line(distribution: str, entry: dict[str, Any]) -> Line:
    read: dict[str, Any] = {name: _texts(value) if isinstance(value, list) else value for name, value in entry.items()}
    line = Line(**{**read, "release": Release(distribution, entry["release"])})
    _ = line.release.parsed  # one that is no version is found here, and not when it is compared
    shown = bool(line.behaviours or line.expected)
    if sum((shown, line.unobservable is not None, line.unasked is not None)) != 1:
        raise ValueError(f"{line.says!r} wants either behaviours, why it is unobservable, or what is unasked")
    if line.unseen is not None and not shown:
        raise ValueError(f"{line.says!r} is unseen, and names no behaviour")
    return line


def _texts(value: list[Any]) -> tuple[str, ...]:
    return tuple(str(each) for each in value)


def sections(lines: Sequence[Line], store: Epochs, releases: Releases) -> list[Section]:
    """Each release that has a section or changed something, in the order of its line, with what became of it.

    Args:
        lines: The lines of one distribution's changelog.
        store: The stored epochs.
        releases: The release data.

    Raises:
        Problem: The notes of a release are damaged.
    """
    distributions = {line.release.distribution for line in lines}
    changed = {
        release: names
        for release, names in notes.changes(store, releases).items()
        if release.distribution in distributions
    }
    return [
        Section(
            release,
            tuple(_held(line, store) for line in lines if line.release == release),
            tuple(_unmentioned(release, changed.get(release, []), lines, store)),
        )
        for release in sorted({line.release for line in lines} | set(changed), key=releases.order)
    ]


def _held(line: Line, store: Epochs) -> Held:
    if line.unobservable is not None:
        return Held(line, HIDDEN, (), line.unobservable)
    if line.unasked is not None:
        return Held(line, UNASKED, (), line.unasked)
    begun = sorted({name for release, names in store.stored.items() if line.covers(release) for name in names})
    if shown := tuple(name for name in begun if line.names(name)):
        return Held(line, SEEN, shown, "")
    if any(line.names(name) for name in store.behaviours):
        return Held(line, UNSEEN, (), line.unseen or "The reason is not found yet.")
    return Held(line, UNASKED, (), f"These are not stored yet: {', '.join(line.expected)}.")


def _unmentioned(release: Release, changed: Sequence[str], lines: Sequence[Line], store: Epochs) -> list[str]:
    speaking = [line for line in lines if line.covers(release)]
    written = notes.read(store, release)
    return [
        name
        for name in changed
        if not any(line.names(name) or (name in written and line.cites(written[name].cause)) for line in speaking)
    ]


def share(found: Sequence[Section]) -> tuple[int, int]:
    """How many lines that a caller could observe are seen, and how many there are."""
    states = [held.state for section in found for held in section.held if held.state != HIDDEN]
    return states.count(SEEN), len(states)
