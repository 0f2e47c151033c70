"""The syrupy extension that keeps snapshots by epoch: see `repro/epochs.py` for what that means.

Reading falls back to the epoch that serves the running release; writing drops a file again that says the same as the
epoch before it. What one cell cannot know, which snapshots other releases use, it neither reports nor deletes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from syrupy.data import SnapshotCollections
from syrupy.extensions.json import JSONSnapshotExtension

from repro import epochs, files

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


class EpochSnapshotExtension(JSONSnapshotExtension):
    """Snapshots by epoch; `configure` gives it the running release before the first test."""

    store: epochs.Epochs
    release: Release
    tests: Path

    @classmethod
    def configure(cls, store: epochs.Epochs, release: Release, tests: Path) -> None:
        """Say which snapshots, which release and which tests this session is about."""
        cls.store, cls.release, cls.tests = store, release, tests

    @classmethod
    def _behaviour(cls, location: PyTestLocation) -> str:
        return behaviour_of(Path(location.filepath), location.nodename or location.testname, cls.tests)

    @classmethod
    def holds(cls, behaviour: str, observation: Any) -> bool:
        """Whether this is what is stored for the running release; a damaged file is a `Problem`."""
        serving = cls.store.serving(cls.release, behaviour)
        return serving is not None and epochs.same(cls.store.observation(serving, behaviour), observation)

    def serialize(self, data: Any, **options: Any) -> str:
        """An observation as the text of a stored file."""
        return epochs.dump(data)

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """The folder of the running release and the area, whether it exists or not."""
        return str(cls.store.path(cls.release, cls._behaviour(test_location)).parent)

    @classmethod
    def get_file_basename(cls, *, test_location: PyTestLocation, index: Any) -> str:
        """The behaviour's name: one behaviour has one snapshot."""
        if index != 0:
            raise ValueError("a behaviour is one question with one answer: observe once")
        return cls._behaviour(test_location).partition("/")[2]

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        """Every location comes from `dirname`, so it belongs to the test that asked."""
        return True

    def read_snapshot_data_from_location(
        self, *, snapshot_location: str, snapshot_name: str, session_id: str
    ) -> str | None:
        """The text of the epoch that serves the running release; a damaged one is a `Problem`."""
        place = Path(snapshot_location)
        behaviour = f"{place.parent.name}/{place.stem}"
        serving = self.store.serving(self.release, behaviour)
        return None if serving is None else epochs.dump(self.store.observation(serving, behaviour))

    @classmethod
    def write_snapshot_collection(cls, *, snapshot_collection: Any, **_: Any) -> None:
        """Begin an epoch at the running release, or none where it says what the epoch before it says."""
        path = Path(snapshot_collection.location)
        behaviour = f"{path.parent.name}/{path.stem}"
        (snapshot,) = snapshot_collection
        before = cls.store.serving(cls.release, behaviour, before=True)
        if before is not None and epochs.dump(cls.store.observation(before, behaviour)) == snapshot.data:
            path.unlink(missing_ok=True)
        else:
            files.write(path, snapshot.data)

    def discover_snapshots(self, **_: Any) -> SnapshotCollections:
        """None: one cell cannot know which snapshots other releases use."""
        return SnapshotCollections()

    def delete_snapshots(self, **_: Any) -> None:
        """Refused: which snapshots are stale is decided over all releases, by `nox -s accept`."""
        raise AssertionError("one cell never deletes a snapshot; run: nox -s accept")
