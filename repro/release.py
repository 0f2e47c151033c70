"""Ground floor: a release, its line, its order; and `releases.toml`, which says which releases there are.

A release is one distribution at one version, never a bare version. A line is the releases of one distribution in
version order; a line that forked continues from the release it forked from.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from repro.problem import Problem

FORMAT = 1
DATA = Path(__file__).with_name("releases.toml")


@dataclass(frozen=True)
class Release:
    """One distribution at one version.

    Attributes:
        distribution: The name on the index: `httpx`, `httpx2`, `httpxyz`.
        version: The version, as the distribution spells it.
        source: Where the code came from when it did not come from the index: a path or a URL; else None.
    """

    distribution: str
    version: str
    source: str | None = None

    def __str__(self) -> str:
        return f"{self.distribution}=={self.version}" + (f" from {self.source}" if self.source else "")

    @property
    def slug(self) -> str:
        """The release as a folder is named: `httpx-0.13.0`."""
        return f"{self.distribution}-{self.version}"

    @cached_property
    def parsed(self) -> Version:
        """The version in the order of PEP 440."""
        return Version(self.version)


@dataclass(frozen=True)
class Checkout:
    """Code of a line that was never released, asked for by its place: a local path or a git URL.

    What release it is like is known only once it is installed.
    """

    source: str

    def __str__(self) -> str:
        return self.source

    @property
    def slug(self) -> str:
        """The place as a folder is named."""
        return "checkout-" + re.sub(r"[^A-Za-z0-9.]+", "-", self.source).strip("-.")


Subject = Release | Checkout


@dataclass(frozen=True)
class Line:
    """The releases of one distribution.

    Attributes:
        distribution: The name on the index.
        module: The name it is imported by.
        versions: Every version known, in version order.
        forked_from: The release that this line continues, or None.
        lockstep: Distributions that are released with each of its releases, and pinned by it.
    """

    distribution: str
    module: str
    versions: tuple[str, ...]
    forked_from: Release | None
    lockstep: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """What some releases need beside themselves, and why.

    Attributes:
        releases: Which releases, as a requirement: `httpx>=0.13,<0.15`.
        reason: Why, as one sentence.
        extras: Extras of the release to install.
        install: Requirements to install with them.
        optional: Requirements to have at hand beside them, out of sight of what is not asked with them.
        override: Requirements that replace what their metadata asks for.
        pythons: The minor Pythons concerned (`3.13`); empty for all.
        sdist: Distributions to build from source although there is a wheel.
        without: Distributions of the harness that would lend the release what it does not ask for.
        outcome: The outcome that nothing can repair, for which the reason speaks.
    """

    releases: str
    reason: str
    extras: tuple[str, ...] = ()
    install: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    override: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    sdist: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    outcome: str | None = None

    def covers(self, release: Release, python: str) -> bool:
        """Whether this rule speaks for `release` on the minor Python `python`."""
        wanted = Requirement(self.releases)
        return (
            wanted.name == release.distribution
            and wanted.specifier.contains(release.version, prereleases=True)
            and (not self.pythons or python in self.pythons)
        )


class Releases:
    """The release data: every line, in the order a comparison walks them.

    Args:
        data: `releases.toml`, parsed.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self.cutoff: str = str(data["cutoff"])
        self.pythons: tuple[str, ...] = tuple(data["pythons"])
        self.harness: tuple[str, ...] = tuple(data["harness"])
        self.server: tuple[str, ...] = tuple(data.get("server", ()))
        self.lines: dict[str, Line] = {}
        for entry in data["line"]:
            self.lines[entry["distribution"]] = Line(
                distribution=entry["distribution"],
                module=entry["module"],
                versions=tuple(sorted(entry["versions"], key=Version)),
                forked_from=_exactly(entry["forked_from"]) if "forked_from" in entry else None,
                lockstep=tuple(entry.get("lockstep", ())),
            )
        self.rules: tuple[Rule, ...] = tuple(
            Rule(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})  # type: ignore[arg-type]  # TOML has no types to check; a wrong one is found as damage
            for entry in data["rule"]
        )
        self.boundary: tuple[str, ...] = tuple(data["boundary"]["releases"])

    @classmethod
    def load(cls, path: Path = DATA) -> Releases:
        """Read the release data.

        Raises:
            Problem: The file is missing, damaged, too old or too new.
        """
        mend = f"Restore it with: git checkout -- repro/{path.name}"
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise Problem(f"There is no release data at {path}.", mend) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Problem(f"The release data {path} is damaged: {error}.", mend) from None
        check_format(data.get("format"), FORMAT, f"The release data {path}", mend)
        try:
            return cls(data)
        except (KeyError, TypeError, ValueError) as error:
            raise Problem(f"The release data {path} is damaged: {error!r}.", mend) from None

    def line(self, distribution: str) -> Line:
        """The line of a distribution.

        Raises:
            Problem: No such line is known.
        """
        try:
            return self.lines[distribution]
        except KeyError:
            known = ", ".join(self.lines)
            raise Problem(
                f"{distribution!r} is not a distribution this kit knows ({known}).",
                'Name a release of one of them, as in RELEASES="0.13.0 httpx2==2.16.2" nox.',
            ) from None

    @property
    def all(self) -> list[Release]:
        """Every release, line by line, in version order."""
        return [Release(line.distribution, v) for line in self.lines.values() for v in line.versions]

    @property
    def minors(self) -> list[Release]:
        """The newest release of every minor version; of a pre-release series, the newest pre-release."""
        newest = {(r.distribution, r.parsed.release[:2], r.parsed.is_prerelease): r for r in self.all}
        finals = {key[:2] for key in newest if not key[2]}
        return [r for key, r in newest.items() if not key[2] or key[:2] not in finals]

    def newest(self, distribution: str) -> Release:
        """The newest final release of a distribution."""
        versions = self.line(distribution).versions
        finals = [v for v in versions if not Version(v).is_prerelease]
        return Release(distribution, (finals or list(versions))[-1])

    def ancestry(self, release: Release) -> list[Release]:
        """The known releases at or before `release`, oldest first, through the line that it forked from.

        `release` itself is included, known or not.
        """
        line = self.line(release.distribution)
        own = [Release(line.distribution, v) for v in line.versions if Version(v) < release.parsed]
        before = self.ancestry(line.forked_from) if line.forked_from else []
        return [*before, *own, Release(release.distribution, release.version)]

    def order(self, release: Release) -> tuple[int, Version]:
        """A sort key: lines in the order of the data file, then PEP 440."""
        return list(self.lines).index(self.line(release.distribution).distribution), release.parsed

    def rules_for(self, release: Release, python: str) -> list[Rule]:
        """What `release` needs beside itself on the minor Python `python`, in the order of the data file."""
        return [rule for rule in self.rules if rule.covers(release, python)]

    def parse(self, text: str) -> Release:
        """One release, as a person writes it: `0.13.0`, `httpx2==2.16.2`, `httpx2`, `latest`.

        It need not be in the data file: a newer release than the file knows is a release all the same.

        Raises:
            Problem: The text is no release, or of no known distribution.
        """
        text = text.strip()
        if text == "latest":
            return self.newest(next(iter(self.lines)))
        if text in self.lines:
            return self.newest(text)
        distribution, separator, version = text.partition("==")
        if not separator:
            distribution, version = next(iter(self.lines)), text
        try:
            parsed = Version(version)
            line = self.line(Requirement(distribution).name)
        except (InvalidVersion, InvalidRequirement):
            raise Problem(
                f"{text!r} is not a release.",
                "Write a version, DISTRIBUTION==VERSION, a path, or one of boundary, minors, all: "
                'RELEASES="0.12.1 httpx2==2.16.2" nox.',
            ) from None
        # The spelling on the index wins over the one typed: 0.13.0.dev0 is published as 0.13.dev0.
        spelled = next((v for v in line.versions if Version(v) == parsed), str(parsed))
        return Release(line.distribution, spelled)

    def select(self, text: str, *, base: Path = Path()) -> list[Subject]:
        """The releases that `RELEASES` asks for, each once, in the order of the lines; checkouts last.

        Args:
            text: Words separated by spaces or commas: `boundary`, `minors`, `all`, a release, or a place (a path that
                has a separator or starts with a dot, or a URL starting with `git+`).
            base: The folder that relative paths start from.

        Raises:
            Problem: A word is none of these, or nothing was asked for.
        """
        found: dict[Subject, None] = {}
        for word in re.split(r"[\s,]+", text.strip()):
            if word == "all":
                chosen: list[Subject] = [*self.all]
            elif word == "minors":
                chosen = [*self.minors]
            elif word == "boundary":
                chosen = [self.parse(entry) for entry in self.boundary]
            elif word.startswith(("git+", "https://", "http://", "file://")):
                chosen = [Checkout(word)]
            elif "/" in word or word.startswith((".", "~")) or "\\" in word:
                place = (base / Path(word).expanduser()).resolve()
                if not place.exists():
                    raise Problem(f"There is no checkout of httpx at {place}.", "Give RELEASES a path that exists.")
                chosen = [Checkout(str(place))]
            else:
                chosen = [self.parse(word)]
            found.update(dict.fromkeys(chosen))
        releases = sorted((s for s in found if isinstance(s, Release)), key=self.order)
        return [*releases, *(s for s in found if isinstance(s, Checkout))]


def _exactly(requirement: str) -> Release:
    """The release that a requirement with `==` names."""
    distribution, _, version = requirement.partition("==")
    return Release(distribution, version)


def check_format(found: object, known: int, what: str, mend: str) -> None:
    """Hold the format number of a stored file against the one this kit writes.

    Raises:
        Problem: The file is damaged (no number), too old or too new; each in its own sentence.
    """
    if not isinstance(found, int) or isinstance(found, bool):
        raise Problem(f"{what} is damaged: it has no format number.", mend)
    if found < known:
        raise Problem(f"{what} is too old: it has format {found}, and this kit reads format {known}.", mend)
    if found > known:
        raise Problem(
            f"{what} is too new: it has format {found}, and this kit reads format {known}.",
            "Update this checkout, with: git pull",
        )
