"""The test suite of another project: where its snapshots by epoch are, which release it runs, how they are named.

`repro/cell/pytest_plugin.py` comes here when a test asks for `epoch_snapshot`, and not before.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from repro import epochs
from repro.cell import redaction
from repro.cell.epoch_snapshots import EpochSnapshotExtension
from repro.cell.installation import DISTRIBUTION_VARIABLE, installed
from repro.release import Release, Releases

if TYPE_CHECKING:
    from syrupy.location import PyTestLocation

#: The longest name of a file, in bytes, before it is cut. File systems take 255, and writing adds some to it.
_LONGEST = 160

#: What a file's name cannot hold everywhere.
_ELSEWHERE = re.compile(r"[^\w.,=@+-]", re.ASCII)


def module_name(path: Path, roots: tuple[Path, ...]) -> str:
    """A test module as a folder is named, `unit.test_search`, by its path below the first of these that holds it.

    Raises:
        ValueError: None of them does.
    """
    for root in roots:
        if path.is_relative_to(root):
            return ".".join(path.relative_to(root).with_suffix("").parts)
    raise ValueError(f"{path} is in none of {', '.join(map(str, roots))}")


def file_name(test: str, index: Any) -> str:
    """A snapshot of a test as a file is named, without its ending: `TestSearch.test_found-tv.1`.

    What a file's name cannot hold everywhere is written as in a URL, and what would be too long is cut and gets a
    digest, so that two tests still have two names.

    Args:
        test: The test with its class and parameters.
        index: Which snapshot of the test: a number from 0, or a name.
    """
    name = test.replace("[", "-").removesuffix("]") + (f".{index}" if index else "")
    name = _ELSEWHERE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), name)
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    return name


class Modules:
    """Names the snapshots of a suite by module and test, and takes secrets out of them.

    Args:
        roots: The folders that the names of modules are told from; the first that holds a module names it.
    """

    def __init__(self, roots: tuple[Path, ...]) -> None:
        self.roots = roots
        self._named: dict[str, tuple[str, Any]] = {}

    def name(self, location: PyTestLocation, index: Any) -> str:
        """The name of a snapshot.

        Raises:
            ValueError: It is another snapshot's name too, or the test is outside of the suite.
        """
        folder = module_name(Path(location.filepath), self.roots)
        name = f"{folder}/{file_name(location.snapshot_name, index)}"
        asked = location.nodeid, index
        if (first := self._named.setdefault(name, asked)) != asked:
            raise ValueError(f"{asked[0]} and {first[0]} would share the snapshot {name}: give one another name")
        return name

    def plain(self, data: Any) -> Any:
        """What was observed as plain JSON, without secrets: also those of headers as pairs of name and value."""
        return redaction.plain(data, pairs=True)


_configuration = pytest.StashKey[tuple[epochs.Epochs, Release, Modules]]()


def snapshots(config: pytest.Config) -> type[EpochSnapshotExtension]:
    """The extension, configured for this suite.

    Raises:
        Problem: None of the distributions is installed, or not the one that is asked for, or it is not known.
    """
    if _configuration not in config.stash:
        config.stash[_configuration] = _configure(config)
    EpochSnapshotExtension.configure(*config.stash[_configuration])
    return EpochSnapshotExtension


def _configure(config: pytest.Config) -> tuple[epochs.Epochs, Release, Modules]:
    releases = Releases.load()
    wanted = os.environ.get(DISTRIBUTION_VARIABLE) or config.getini("epoch_distribution")
    release = installed(releases, releases.line(wanted).distribution if wanted else None)
    for variable in config.getini("epoch_secrets"):
        redaction.hide(os.environ.get(variable, ""))
    folder: str = config.getini("epoch_folder")
    root = config.rootpath / folder
    return epochs.Epochs(root, releases, folder), release, Modules((root.parent, config.rootpath))
