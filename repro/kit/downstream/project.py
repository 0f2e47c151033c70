"""Finds the project that a person points at: a directory, a source distribution, or a requirement on the index.

Nothing is ever written where the project is. What is run is a copy.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pypi_simple import DistributionPackage

#: What of a project is not copied: what a tool or a person's machine left there, and what no test needs.
LEFT = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".venv",
        "venv",
        ".env.d",
        ".tox",
        ".nox",
        ".direnv",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".hypothesis",
        "__pycache__",
        "node_modules",
        ".matrix",
    }
)

#: What setuptools-scm (and hatch-vcs), PDM, pbr, poetry-dynamic-versioning and uv-dynamic-versioning are told by.
PRETENDED = (
    "SETUPTOOLS_SCM_PRETEND_VERSION",
    "PDM_BUILD_SCM_VERSION",
    "PBR_VERSION",
    "POETRY_DYNAMIC_VERSIONING_BYPASS",
    "UV_DYNAMIC_VERSIONING_BYPASS",
)

_MEND = "Give a directory with a project, a source distribution (.tar.gz, .zip), or a requirement: NAME==VERSION."

# Where an index is asked for: the variables of uv and of pip, in the order in which they are believed.
_INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")


@dataclass(frozen=True)
class Project:
    """A project, found.

    Attributes:
        asked: How the person named it.
        name: Its name, normalised.
        folder: Where its files are; only read.
        dated: The moment after which nothing that it was made with was uploaded: for what was published, a day after
            that; None for a directory, which is of today.
        version: Its version where it was published; None where only its build would tell.
    """

    asked: str
    name: str
    folder: Path
    dated: str | None = None
    version: str | None = None

    def digest(self) -> str:
        """A name for its contents: the same files give the same."""
        found = hashlib.sha256()
        for path in self.files():
            found.update(f"{path.relative_to(self.folder)}\0".encode())
            found.update(str(path.readlink()).encode() if path.is_symlink() else path.read_bytes())
            found.update(b"\0")
        return found.hexdigest()[:10]

    def files(self) -> Iterator[Path]:
        """Its files, without what `LEFT` names, in a fixed order."""
        for place, folders, names in os.walk(self.folder):
            folder = Path(place)
            folders[:] = sorted(name for name in folders if not _left(folder / name))
            yield from (folder / name for name in sorted(names) if (folder / name).is_file())

    def copy(self, to: Path) -> None:
        """Copy it; `to` is replaced."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(
            self.folder,
            to,
            symlinks=True,
            ignore=lambda folder, names: [name for name in names if _left(Path(folder) / name)],
            ignore_dangling_symlinks=True,
        )

    def pretended(self) -> Mapping[str, str]:
        """What tells the tools that read a version from version control what it is, for a copy has none."""
        version = self.version or _tagged(self.folder) or "0.0.0"
        return dict.fromkeys(PRETENDED, version)


def find(asked: str, scratch: Path) -> Project:
    """Find a project.

    Args:
        asked: A path or a requirement with `==`.
        scratch: A folder for what has to be downloaded or unpacked.

    Raises:
        Problem: There is no such thing, or it is no project, or the index could not be reached.
    """
    path = Path(asked).expanduser()
    if path.is_dir():
        folder = path.resolve()
        return Project(asked, _named(folder), folder)
    if path.is_file():
        return _unpacked(asked, path, scratch)
    try:
        requirement = Requirement(asked)
    except InvalidRequirement:
        raise Problem(f"There is no project at {asked!r}.", _MEND) from None
    # A name alone is a folder that is not there, and not what the index happens to have under it.
    if os.sep in asked or not requirement.specifier:
        raise Problem(f"There is no project at {asked!r}.", _MEND)
    return _published(asked, requirement, scratch)


def _left(path: Path) -> bool:
    """Whether a path of a project is not copied; any environment is left, whatever it is called."""
    return path.name in LEFT or (path / "pyvenv.cfg").is_file()


def _named(folder: Path) -> str:
    """The name that a project gives itself; that of its folder where it gives none."""
    project = folder / "pyproject.toml"
    if project.is_file():
        try:
            data = tomllib.loads(project.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Problem(f"{project} is damaged: {error}.", "Mend it, and run this again.") from None
        name = data.get("project", {}).get("name") or data.get("tool", {}).get("poetry", {}).get("name")
        if isinstance(name, str):
            return canonicalize_name(name)
    return canonicalize_name(folder.name) or "project"


def _tagged(folder: Path) -> str | None:
    """The version that the newest tag of a checkout gives; None where there is none."""
    if not (folder / ".git").exists() or not (git := shutil.which("git")):
        return None
    done = subprocess.run(
        [git, "-C", str(folder), "describe", "--tags", "--abbrev=0"], capture_output=True, text=True, check=False
    )
    found = re.search(r"\d+(\.\d+)+\S*", done.stdout)
    return found[0] if found else None


def _unpacked(asked: str, path: Path, scratch: Path, dated: datetime | None = None) -> Project:
    """The project in a source distribution."""
    target = scratch / "unpacked"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                # zipfile drops what would lead out of the folder by itself.
                archive.extractall(target)  # noqa: S202 - see above
                newest = max((datetime(*entry.date_time, tzinfo=UTC) for entry in archive.infolist()), default=None)
        else:
            with tarfile.open(path) as archive:
                archive.extractall(target, filter="data")
                newest = max((datetime.fromtimestamp(m.mtime, UTC) for m in archive.getmembers()), default=None)
    except (tarfile.TarError, zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise Problem(f"{path} is no source distribution that can be unpacked: {error}.", _MEND) from None
    tops = [entry for entry in target.iterdir() if entry.is_dir()]
    if len(tops) != 1:
        raise Problem(f"{path} holds {len(tops)} folders, and a source distribution holds one.", _MEND)
    name, _, version = tops[0].name.rpartition("-")
    when = dated or newest
    return Project(
        asked,
        canonicalize_name(name) if name else _named(tops[0]),
        tops[0],
        dated=f"{when + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}" if when else None,
        version=version if name else None,
    )


def _published(asked: str, requirement: Requirement, scratch: Path) -> Project:
    """The project that a requirement names, from the index."""
    import requests  # needed only here
    from pypi_simple import PyPISimple, errors

    endpoint = next((os.environ[name] for name in _INDEXES if os.environ.get(name)), None)
    try:
        with PyPISimple(endpoint) if endpoint else PyPISimple() as index:
            try:
                page = index.get_project_page(requirement.name)
            except errors.NoSuchProjectError:
                raise Problem(f"The index knows no project {requirement.name!r}.", _MEND) from None
            package = _newest(page.packages, requirement)
            path = scratch / package.filename
            scratch.mkdir(parents=True, exist_ok=True)
            # An index need not say what its files hash to; one that does is held to it.
            index.download_package(package, path, verify=bool(package.digests))
    except errors.DigestMismatchError as error:
        raise Problem(f"What the index gave for {asked} is damaged: {error}.", "Run this again.", code=3) from None
    except requests.RequestException as error:
        raise Problem(
            f"The package index could not be reached for {asked} ({type(error).__name__}).",
            "Check the network, and run this again.",
            code=3,
        ) from None
    return _unpacked(asked, path, scratch, package.upload_time)


def _newest(packages: list[DistributionPackage], requirement: Requirement) -> DistributionPackage:
    """The source distribution of the newest version that a requirement allows."""
    allowed = [
        package
        for package in packages
        if package.version and requirement.specifier.contains(package.version, prereleases=True)
    ]
    if not allowed:
        raise Problem(f"The index has no version of {requirement.name} for {requirement}.", _MEND)
    newest = max(Version(package.version) for package in allowed if package.version)
    for package in allowed:
        if package.package_type == "sdist" and Version(package.version or "0") == newest:
            return package
    raise Problem(
        f"The index has no source distribution of {requirement.name} {newest}, and tests come with no other.",
        "Clone the project, and give its directory.",
    )
