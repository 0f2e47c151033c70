"""Where the kit keeps what it makes: everything below `.matrix/`, which git ignores, and the snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from repro import record as records
from repro.release import DATA, Releases

if TYPE_CHECKING:
    from repro.record import Record
    from repro.release import Subject

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Workspace:
    """The folders of one checkout of the kit.

    Attributes:
        root: The checkout.
        tests: The behaviours.
        snapshots: The stored epochs.
    """

    root: Path = ROOT
    tests: Path = ROOT / "tests" / "cell"
    snapshots: Path = ROOT / "snapshots"

    @property
    def data(self) -> Path:
        """The release data."""
        return self.root / "repro" / DATA.name

    def releases(self) -> Releases:
        """The release data, read.

        Raises:
            Problem: It is damaged, too old or too new.
        """
        return Releases.load(self.data)

    @property
    def made(self) -> Path:
        """Everything that running makes."""
        return self.root / ".matrix"

    @property
    def environments(self) -> Path:
        """The environments of cells."""
        return self.made / "environments"

    @property
    def records(self) -> Path:
        """The newest record of every cell."""
        return self.made / "records"

    @property
    def page(self) -> Path:
        """The report of the newest run, as a web page."""
        return self.made / "report" / "index.html"

    @property
    def lock(self) -> Path:
        """Who changes the snapshots holds it."""
        return self.made / "snapshots.lock"

    def record(self, subject: Subject, minor: str) -> Path:
        """Where the record of a cell is."""
        return self.records / f"{subject.slug}-py{minor}.json"

    def log(self, subject: Subject, minor: str) -> Path:
        """Where what a cell printed is."""
        return self.made / "logs" / f"{subject.slug}-py{minor}.log"

    def cost(self, subject: Subject, minor: str) -> Path:
        """Where what a cell cost is."""
        return self.made / "costs" / f"{subject.slug}-py{minor}.json"

    def newest(self) -> list[Record]:
        """Every record there is, the one written last at the end.

        Raises:
            Problem: One of them is damaged, too old or too new.
        """
        paths = sorted(self.records.glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        return [records.read(path) for path in paths]
