"""What a project pins, locks and asks for today, and what a change of its locks moves.

Everything is read from the project's own files and nothing is resolved. Where two of them lock a distribution at
different versions, the first in this order counts, and `Pins.disagreements` says so:

1. `uv.lock`, `poetry.lock`, `pdm.lock`, `pylock.toml`, `pylock.*.toml`, `Pipfile.lock`
2. `requirements.txt`, then every other `*requirements*.txt`, `requirements/*.txt` and `constraints*.txt`, by name
3. exact pins in `pyproject.toml`, `setup.cfg` and a `Pipfile`

An entry for another platform or another Python is passed over. Where one lock holds several versions that all apply,
the newest counts.
"""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker, default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from repro.kit import requirements
from repro.problem import Problem
from repro.release import Release, Releases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: What is beneath httpx and decides what it does on the wire. A change that moves one of these is about httpx.
CORES = ("httpcore", "httpcore2")

#: What is told beside them where it moves.
BENEATH = (*CORES, "h11", "h2")

_EXTRA = re.compile(r"extra == \"([^\"]+)\"")

#: How each lock is made anew.
_REMADE = {"uv.lock": "uv lock", "poetry.lock": "poetry lock", "pdm.lock": "pdm lock", "Pipfile.lock": "pipenv lock"}


@dataclass
class Pins:
    """What a project pins, locks and asks for.

    Attributes:
        versions: The exact version of each distribution that some file holds at one, by normalised name.
        sources: Where each of these was found: a file and a line or an entry, from the folder of the project.
        ranges: What is asked for and is not exact, as it is written: `>=0.25,<0.28`, or Poetry's `^0.27`; empty where
            any version will do.
        asked: Where each of `ranges` was found.
        direct: What the project itself asks for, in `pyproject.toml`, `setup.cfg`, a `Pipfile` or the source of a
            compiled requirements file.
        disagreements: Where other files hold a distribution at another version than the one that counts.
    """

    versions: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    ranges: dict[str, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    direct: set[str] = field(default_factory=set)
    disagreements: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Move:
    """How a change moves httpx, or what is beneath it.

    Attributes:
        before: The release before the change.
        after: The release after it; the same where only what is beneath it moved.
        where: Where each of the two is said.
        beneath: What moved of httpcore and the like, from and to; None on the side that lacks it.
        disagreements: Where another file holds either release at another version, each as a sentence.
    """

    before: Release
    after: Release
    where: tuple[str, str]
    beneath: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    disagreements: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Entry:
    """A distribution in a file: held at a version, or asked for in a range."""

    name: str
    version: str | None
    asked: str
    where: str
    direct: bool = False


def read(folder: Path, python: str | None = None) -> Pins:
    """What the project in a folder pins, locks and asks for.

    Args:
        folder: The folder of the project.
        python: The minor Python whose markers apply (default: this one).

    Raises:
        Problem: There is no such folder, or one of its files is damaged.
    """
    if not folder.is_dir():
        raise Problem(f"There is no project at {folder}.", "Name the folder of a project.")
    pins = Pins()
    for entry in _entries(folder, _environment(python)):
        if entry.direct:
            pins.direct.add(entry.name)
        if entry.version is None:
            pins.ranges.setdefault(entry.name, entry.asked)
            pins.asked.setdefault(entry.name, entry.where)
        elif entry.name not in pins.versions:
            pins.versions[entry.name], pins.sources[entry.name] = entry.version, entry.where
        elif Version(pins.versions[entry.name]) != Version(entry.version):
            pins.disagreements.setdefault(
                entry.name,
                f"{entry.name} is {pins.versions[entry.name]} in {pins.sources[entry.name]}, which counts, and "
                f"{entry.version} in {entry.where}.",
            )
    return pins


def httpx(
    folder: Path, python: str | None = None, releases: Releases | None = None
) -> tuple[str, str | None, str] | None:
    """Which httpx a project uses: the distribution, its version or None where none is exact, and where that is said.

    Where a project has several, as one that came to httpx2 with a dependency that needs httpx, the one that it asks
    for itself counts, and then the first in the order of the release data.

    Args:
        folder: The folder of the project.
        python: The minor Python whose markers apply (default: this one).
        releases: The release data.

    Returns:
        None where the project has none.

    Raises:
        Problem: There is no such folder, or one of its files is damaged.
    """
    pins = read(folder, python)
    lines = (releases or Releases.load()).lines
    there = [name for name in lines if name in pins.versions or name in pins.ranges]
    there.sort(key=lambda name: name not in pins.direct)
    if not there:
        return None
    name = there[0]
    return name, pins.versions.get(name), pins.sources.get(name) or pins.asked[name]


def moved(base: Path, head: Path, python: str | None = None, releases: Releases | None = None) -> Move | None:
    """How a change moves httpx, or what is beneath it.

    Where a side holds no exact version, its newest release that the range allows is meant: what an installation takes.

    Args:
        base: The folder of the project before the change.
        head: The folder of the project after it.
        python: The minor Python whose markers apply (default: this one).
        releases: The release data.

    Returns:
        None where nothing moved, or one side has no httpx.

    Raises:
        Problem: There is no such folder, or one of its files is damaged.
    """
    releases = releases or Releases.load()
    found = [at(folder, python, releases) for folder in (base, head)]
    sides = [read(folder, python) for folder in (base, head)]
    pairs = {name: (sides[0].versions.get(name), sides[1].versions.get(name)) for name in BENEATH}
    beneath = {name: pair for name, pair in pairs.items() if not _same(*pair)}
    before, after = found
    if before is None or after is None:
        return None
    # What one side lacks came or went with something else, and is no move of its own.
    if before[0] == after[0] and not any(all(beneath.get(name, (None, None))) for name in CORES):
        return None
    said = [
        side.disagreements.get(release.distribution) for side, (release, _) in zip(sides, (before, after), strict=True)
    ]
    disagreements = tuple(dict.fromkeys(sentence for sentence in said if sentence))
    return Move(before[0], after[0], (before[1], after[1]), beneath, disagreements)


def at(folder: Path, python: str | None = None, releases: Releases | None = None) -> tuple[Release, str] | None:
    """The release that a project is at, and where that is said; the newest that a range allows where none is exact.

    Args:
        folder: The folder of the project.
        python: The minor Python whose markers apply (default: this one).
        releases: The release data.

    Returns:
        None where the project has no httpx, or its range allows no release that is known.

    Raises:
        Problem: There is no such folder, or one of its files is damaged.
    """
    releases = releases or Releases.load()
    has = httpx(folder, python, releases)
    if has is None:
        return None
    name, version, where = has
    if version:
        return releases.parse(f"{name}=={version}"), where
    asked = read(folder, python).ranges[name]
    release = newest(name, asked, releases)
    return (release, f"{where}, the newest that {asked or 'anything'} allows") if release else None


def newest(distribution: str, asked: str, releases: Releases) -> Release | None:
    """The newest final release that a range allows, or None where no known one is.

    Args:
        distribution: Whose releases.
        asked: The range, as PEP 440 or Poetry writes it.
        releases: The release data.

    Raises:
        Problem: It is no range.
    """
    try:
        allowed = _allowed(asked)
    except ValueError as error:
        raise Problem(
            f"{asked!r} is no range of versions: {error}.", f"Correct what is asked of {distribution}."
        ) from None
    versions = [version for version in releases.line(distribution).versions if not Version(version).is_prerelease]
    fitting = [version for version in versions if any(version in one for one in allowed)]
    return Release(distribution, fitting[-1]) if fitting else None


def _same(one: str | None, other: str | None) -> bool:
    return one == other if one is None or other is None else Version(one) == Version(other)


def _environment(python: str | None) -> dict[str, str]:
    """The environment that markers are evaluated in."""
    environment = {key: str(value) for key, value in default_environment().items()}
    if python and python != environment["python_version"]:
        # Nobody said which patch release: the last one, as markers tell the first ones apart.
        environment |= {"python_version": python, "python_full_version": f"{python}.99"}
    return environment


def _entries(folder: Path, environment: dict[str, str]) -> Iterator[_Entry]:
    """Everything that a project's files say, in the order in which it counts."""
    kinds: list[tuple[str, Callable[[Path, str, dict[str, str]], Iterable[_Entry]]]] = [
        ("uv.lock", _uv),
        ("poetry.lock", _poetry),
        ("pdm.lock", _pdm),
        ("pylock.toml", _pylock),
        ("pylock.*.toml", _pylock),
        ("Pipfile.lock", _pipfile_lock),
    ]
    for pattern, reader in kinds:
        for path in sorted(folder.glob(pattern)):
            found = _guarded(reader, path, folder, environment)
            yield from sorted(found, key=lambda entry: Version(str(entry.version)), reverse=True)
    first = folder / "requirements.txt"
    patterns = (
        "*requirements*.txt",
        "requirements/*.txt",
        "constraints*.txt",
        "*requirements*.in",
        "requirements/*.in",
    )
    inside, seen = _repository(folder), set[Path]()
    for path in [*([first] if first.is_file() else []), *(p for one in patterns for p in sorted(folder.glob(one)))]:
        for line in requirements.lines(path, folder, inside, seen):
            try:
                yield from _required(line.requirement, line.where, environment, direct=path.suffix == ".in")
            except ValueError as error:
                raise Problem(f"{line.where} is damaged: {error}.", f"Correct {line.where}.") from None
    if (path := folder / "pyproject.toml").is_file():
        yield from _guarded(_pyproject, path, folder, environment)
    if (path := folder / "setup.cfg").is_file():
        yield from _guarded(_setup, path, folder, environment)
    if (path := folder / "Pipfile").is_file():
        yield from _guarded(_pipfile, path, folder, environment)


def _guarded(
    reader: Callable[[Path, str, dict[str, str]], Iterable[_Entry]],
    path: Path,
    folder: Path,
    environment: dict[str, str],
) -> list[_Entry]:
    """What a reader finds in a file, or the problem that it is damaged."""
    place = requirements.named(path, folder)
    remade = _REMADE.get(path.name)
    mend = f"Make it anew, with: {remade}" if remade else f"Correct {place}."
    try:
        found = list(reader(path, place, environment))
        for entry in found:
            _ = entry.version is None or Version(entry.version)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        raise Problem(f"{place} is damaged: {error}.", mend) from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Problem(f"{place} is damaged: {error!r}.", mend) from None
    return found


def _repository(folder: Path) -> Path:
    """The repository that a project is in, beyond which nothing is read; its own folder where there is none."""
    whole = folder.resolve()
    return next((parent for parent in (whole, *whole.parents) if (parent / ".git").exists()), whole)


def _toml(path: Path, place: str) -> dict[str, Any]:
    return tomllib.loads(requirements.text(path, place))


def _uv(path: Path, place: str, environment: dict[str, str]) -> Iterator[_Entry]:
    """The packages of `uv.lock`: those whose fork of the resolution applies."""
    packages = [entry for entry in _toml(path, place).get("package", []) if not _is_own(entry.get("source", {}))]
    # Forks by extra or group are written as markers that nothing but uv can evaluate; then every version is told.
    fitting = {entry["name"] for entry in packages if _applies_any(entry.get("resolution-markers", []), environment)}
    for entry in packages:
        applies = entry["name"] not in fitting or _applies_any(entry.get("resolution-markers", []), environment)
        if applies and "version" in entry:
            yield _locked(entry["name"], entry["version"], place)


def _is_own(source: dict[str, Any]) -> bool:
    """Whether the source of a package of `uv.lock` is a folder of the project."""
    return bool({"editable", "virtual", "directory"} & source.keys())


def _poetry(path: Path, place: str, environment: dict[str, str]) -> Iterator[_Entry]:
    """The packages of `poetry.lock` of every format: with markers since 2.0, with Pythons only before."""
    for entry in _toml(path, place).get("package", []):
        markers = entry.get("markers", [])
        pythons = entry.get("python-versions", "*")
        if (
            entry.get("source", {}).get("type") != "directory"
            and _applies_any(list(markers.values()) if isinstance(markers, dict) else markers, environment)
            and _supports(pythons, environment)
        ):
            yield _locked(entry["name"], entry["version"], place)


def _pdm(path: Path, place: str, environment: dict[str, str]) -> Iterator[_Entry]:
    """The packages of `pdm.lock`."""
    for entry in _toml(path, place).get("package", []):
        if (
            "path" not in entry
            and _applies_any(entry.get("marker", []), environment)
            and _supports(entry.get("requires_python", "*"), environment)
        ):
            yield _locked(entry["name"], entry["version"], place)


def _pylock(path: Path, place: str, environment: dict[str, str]) -> Iterator[_Entry]:
    """The packages of `pylock.toml`, of every extra and group."""
    from packaging import pylock  # since packaging 26, which is there in the kit's environment

    try:
        lock = pylock.Pylock.from_dict(_toml(path, place))
    except (pylock.PylockValidationError, pylock.PylockUnsupportedVersionError) as error:
        raise ValueError(str(error)) from None
    chosen: dict[str, Any] = {
        **environment,
        "extras": frozenset(lock.extras or ()),
        "dependency_groups": frozenset([*(lock.dependency_groups or ()), *(lock.default_groups or ())]),
    }
    for package in lock.packages:
        applies = package.marker is None or package.marker.evaluate(chosen, context="lock_file")
        if applies and package.version is not None:
            yield _locked(package.name, str(package.version), place)


def _pipfile_lock(path: Path, place: str, environment: dict[str, str]) -> Iterator[_Entry]:
    """The packages of `Pipfile.lock`, of every category."""
    data = json.loads(requirements.text(path, place))
    for category, packages in data.items():
        for name, entry in packages.items() if category != "_meta" else ():
            version = entry.get("version", "")
            if version.startswith("==") and _applies_any(entry.get("markers", []), environment):
                yield _Entry(canonicalize_name(name), version.removeprefix("=="), "", f"{place}: {category}.{name}")


def _pyproject(path: Path, place: str, environment: dict[str, str]) -> Iterator[_Entry]:
    """What `pyproject.toml` asks for: PEP 621, dependency groups, and the tables of uv, PDM and Poetry."""
    data = _toml(path, place)
    project, tool = data.get("project", {}), data.get("tool", {})
    uv, pdm, poetry = (tool.get(name, {}) for name in ("uv", "pdm", "poetry"))
    tables: list[tuple[str, list[Any]]] = [("project.dependencies", project.get("dependencies", []))]
    for name, table in (
        ("project.optional-dependencies", project.get("optional-dependencies", {})),
        ("dependency-groups", data.get("dependency-groups", {})),
        ("tool.pdm.dev-dependencies", pdm.get("dev-dependencies", {})),
    ):
        tables += [(f"{name}.{group}", asked) for group, asked in table.items()]
    tables += [(f"tool.uv.{name}", uv.get(name, [])) for name in ("dev-dependencies", "constraint-dependencies")]
    for name, table in tables:
        for asked in table:
            # `{include-group = ...}` repeats what another group says; `-e` names a project beside this one.
            if isinstance(asked, str) and not asked.startswith("-"):
                yield from _required(_requirement(asked), f"{place}: {name}", environment, direct=True)
    yield from _by_name(poetry.get("dependencies", {}), f"{place}: tool.poetry.dependencies", environment)
    yield from _by_name(poetry.get("dev-dependencies", {}), f"{place}: tool.poetry.dev-dependencies", environment)
    for group, table in poetry.get("group", {}).items():
        where = f"{place}: tool.poetry.group.{group}.dependencies"
        yield from _by_name(table.get("dependencies", {}), where, environment)


def _setup(path: Path, place: str, environment: dict[str, str]) -> Iterator[_Entry]:
    """What `setup.cfg` asks for, of every extra."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(requirements.text(path, place))
    except configparser.Error as error:
        raise ValueError(str(error)) from None
    asked = {"options.install_requires": parser.get("options", "install_requires", fallback="")}
    if parser.has_section("options.extras_require"):
        asked |= {f"options.extras_require.{name}": said for name, said in parser["options.extras_require"].items()}
    for name, said in asked.items():
        for line in filter(None, (line.strip() for line in said.splitlines())):
            if not line.startswith(("#", "file:", "%(")):
                yield from _required(_requirement(line), f"{place}: {name}", environment, direct=True)


def _pipfile(path: Path, place: str, environment: dict[str, str]) -> Iterator[_Entry]:
    """What a `Pipfile` asks for."""
    for category, table in _toml(path, place).items():
        if category not in {"source", "requires", "scripts", "pipenv"}:
            yield from _by_name(table, f"{place}: {category}", environment)


def _by_name(table: dict[str, Any], where: str, environment: dict[str, str]) -> Iterator[_Entry]:
    """A table of requirements by name, as Poetry and Pipenv write it: a version, a table, or a list of tables."""
    for name, asked in table.items():
        for one in asked if isinstance(asked, list) else [asked]:
            entry = {"version": one} if isinstance(one, str) else one
            if name.lower() == "python" or "path" in entry or not _applies_any(entry.get("markers", []), environment):
                continue
            if not _supports(entry.get("python", "*"), environment):
                continue
            version = entry.get("version", "*").strip()
            exact = version.removeprefix("==").strip()
            if _is_version(exact):
                yield _Entry(canonicalize_name(name), exact, "", where, direct=True)
            else:
                yield _Entry(canonicalize_name(name), None, "" if version == "*" else version, where, direct=True)


def _requirement(asked: str) -> Requirement:
    try:
        return Requirement(asked)
    except InvalidRequirement as error:
        raise ValueError(str(error)) from None


def _required(asked: Requirement, where: str, environment: dict[str, str], *, direct: bool) -> Iterator[_Entry]:
    """What a requirement says, where its marker applies."""
    if asked.marker and not _applies(asked.marker, environment):
        return
    name = canonicalize_name(asked.name)
    exact = [one.version for one in asked.specifier if one.operator in {"==", "==="} and _is_version(one.version)]
    if asked.url:
        exact = _version_of(asked.url)
    if exact:
        yield _Entry(name, exact[0], "", where, direct=direct)
    else:
        yield _Entry(name, None, str(asked.specifier), where, direct=direct)


def _version_of(url: str) -> list[str]:
    """The version that the URL of a wheel names."""
    try:
        return [str(parse_wheel_filename(url.partition("#")[0].rpartition("/")[2])[1])]
    except InvalidWheelFilename:
        return []


def _locked(name: str, version: str, place: str) -> _Entry:
    return _Entry(canonicalize_name(name), version, "", f"{place}: {name}")


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _applies_any(markers: str | list[str], environment: dict[str, str]) -> bool:
    """Whether one of these markers applies, with whatever extras it names, or there is none."""
    markers = [markers] if isinstance(markers, str) else markers
    return not markers or any(_applies(Marker(one), environment) for one in markers if one)


def _applies(marker: Marker, environment: dict[str, str]) -> bool:
    """Whether a marker applies: what a project needs for one of its extras only is locked for whoever wants that."""
    extras = ["", *_EXTRA.findall(str(marker))]
    return any(marker.evaluate({**environment, "extra": extra}) for extra in extras)


def _supports(pythons: str, environment: dict[str, str]) -> bool:
    """Whether Pythons, as a lock or Poetry writes them, are for this one."""
    return not pythons or any(environment["python_full_version"] in one for one in _allowed(pythons))


def _allowed(asked: str) -> list[SpecifierSet]:
    """A range as sets of specifiers of which one has to hold: PEP 440's, or Poetry's with carets, tildes and bars."""
    return [
        SpecifierSet(",".join(_specifier(part) for part in alternative.replace(",", " ").split()))
        for alternative in _spaced(asked).split("||")
    ]


def _spaced(asked: str) -> str:
    """A range with no space between an operator and its version."""
    return re.sub(r"([<>=!~^])\s+", r"\1", asked.replace("|", "||").replace("||||", "||"))


def _specifier(part: str) -> str:
    """One specifier of Poetry as PEP 440 writes it."""
    if part == "*":
        return ""
    if part[0] == "^" or (part[0] == "~" and part[1] != "="):
        release = Version(part[1:]).release
        # A caret keeps the first figure that is not 0, a tilde the minor version.
        kept = next((n for n, figure in enumerate(release) if figure), len(release) - 1) if part[0] == "^" else 1
        kept = min(kept, len(release) - 1)
        upper = ".".join(str(figure) for figure in [*release[:kept], release[kept] + 1])
        return f">={part[1:]},<{upper}"
    return part if part[0] in "<>=!~" else f"=={part}"
