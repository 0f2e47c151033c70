"""The syrupy extension that keeps snapshots by epoch: see `repro/epochs.py` for what that means.

Reading falls back to the epoch that serves the running release; writing drops a file again that says the same as the
epoch before it, and one after it that says the same as it. What one session cannot know, which snapshots other releases
use, it neither reports nor deletes.

What a test's snapshot is called is a `Naming`: the behaviours of a cell are named by area, the tests of another project
(`repro/cell/suite.py`) by module.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from syrupy.data import SnapshotCollections
from syrupy.extensions.json import JSONSnapshotExtension

from repro import epochs, files
from repro.problem import Problem

if TYPE_CHECKING:
    from syrupy.location import PyTestLocation

    from repro.release import Release


def behaviour_of(path: Path, name: str, root: Path) -> str:
    """The id of a behaviour, `area/name`, from the file and the name of its test.

    Args:
        path: The test file, below `root`.
        name: The test as pytest names it, parameters included.
        root: The folder of the areas.
    """
    area = path.relative_to(root).parts[0]
    return f"{area}/{name.removeprefix('test_').replace('[', '-').rstrip(']')}"


class Naming(Protocol):
    """Names the snapshots of tests, as `folder/name`, and says what is taken out of them."""

    def name(self, location: PyTestLocation, index: Any) -> str:
        """The name of the snapshot of a test that has this index: a number from 0, or a name that the test gave."""

    def plain(self, data: Any) -> Any:
        """What is stored of what a test observed: plain JSON, without secrets."""


class Areas:
    """Names behaviours by area; what they observed is plain already.

    Args:
        root: The folder of the areas.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def behaviour(self, path: Path, name: str) -> str:
        """The id of the behaviour that a test asks for."""
        return behaviour_of(path, name, self.root)

    def name(self, location: PyTestLocation, index: Any) -> str:
        """The behaviour's id: one behaviour has one snapshot."""
        if index != 0:
            raise ValueError("a behaviour is one question with one answer: observe once")
        return self.behaviour(Path(location.filepath), location.nodename or location.testname)

    def plain(self, data: Any) -> Any:
        """The observation as it is."""
        return data


class EpochSnapshotExtension(JSONSnapshotExtension):
    """Snapshots by epoch; `configure` gives it the running release before the first test.

    It is configured as a class, and lies in a module, because pytest-xdist has syrupy import it by its name.
    """

    store: epochs.Epochs
    release: Release
    naming: Naming

    @classmethod
    def configure(cls, store: epochs.Epochs, release: Release, naming: Naming) -> None:
        """Say which snapshots, which release and which names this session is about."""
        cls.store, cls.release, cls.naming = store, release, naming

    @classmethod
    def holds(cls, behaviour: str, observation: Any) -> bool:
        """Whether this is what is stored for the running release; a damaged file is a `Problem`."""
        serving = cls.store.serving(cls.release, behaviour)
        return serving is not None and epochs.same(cls.store.observation(serving, behaviour), observation)

    def serialize(self, data: Any, **options: Any) -> str:
        """An observation as the text of a stored file."""
        return epochs.dump(self.naming.plain(data))

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """The folder of the running release and the area or module, whether it exists or not."""
        # Every snapshot of a test is in the same folder.
        return str(cls.store.path(cls.release, cls.naming.name(test_location, 0)).parent)

    @classmethod
    def get_file_basename(cls, *, test_location: PyTestLocation, index: Any) -> str:
        """The snapshot's own name."""
        return cls.naming.name(test_location, index).partition("/")[2]

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        """Every location comes from `dirname`, so it belongs to the test that asked."""
        return True

    def read_snapshot_data_from_location(
        self, *, snapshot_location: str, snapshot_name: str, session_id: str
    ) -> str | None:
        """The text of the epoch that serves the running release; a damaged one fails the test."""
        place = Path(snapshot_location)
        behaviour = f"{place.parent.name}/{place.stem}"
        try:
            serving = self.store.serving(self.release, behaviour)
            return None if serving is None else epochs.dump(self.store.observation(serving, behaviour))
        except Problem as problem:
            # syrupy would tell of an exception last line first, and cut it short.
            pytest.fail(str(problem), pytrace=False)

    @classmethod
    def write_snapshot_collection(cls, *, snapshot_collection: Any, **_: Any) -> None:
        """Begin an epoch at the running release, or none where it says what the epoch before it says.

        An epoch that says the same and begins later is a part of this one from now on.
        """
        path = Path(snapshot_collection.location)
        behaviour = f"{path.parent.name}/{path.stem}"
        (snapshot,) = snapshot_collection
        before = cls.store.serving(cls.release, behaviour, before=True)
        if before is not None and epochs.dump(cls.store.observation(before, behaviour)) == snapshot.data:
            path.unlink(missing_ok=True)
        else:
            files.write(path, snapshot.data)
        for later in cls.store.following(cls.release, behaviour):
            # Whoever runs that release is told of a damaged one.
            with contextlib.suppress(Problem):
                if epochs.dump(cls.store.observation(later, behaviour)) == snapshot.data:
                    cls.store.path(later, behaviour).unlink()

    def discover_snapshots(self, **_: Any) -> SnapshotCollections:
        """None: one session cannot know which snapshots other releases use."""
        return SnapshotCollections()

    def delete_snapshots(self, **_: Any) -> None:
        """Refused: which snapshots are stale is decided over all releases; in the kit, by `nox -s accept`."""
        raise AssertionError("one session never deletes a snapshot: it cannot know which ones other releases use")
