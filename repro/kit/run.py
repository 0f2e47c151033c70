"""One run of nox: what its sessions, each a process of its own, tell each other through a folder.

nox knows two exit codes and gives each session its own process. So a session leaves its exit code here, and its cell;
the report learns which cells belong to the run, and the noxfile ends with the code that the run comes to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro import files

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Run:
    """A run of nox.

    Attributes:
        folder: The run's folder; None outside of nox.
    """

    folder: Path | None

    def begin(self, slug: str, name: str, minor: str) -> None:
        """A cell of this run begins."""
        if self.folder:
            files.write(self.folder / "cells" / f"{slug}-py{minor}", f"{name}\n{minor}\n")

    def cells(self) -> dict[str, tuple[str, str]]:
        """The cells of this run so far: their name and Python, by the stem of their record."""
        if self.folder is None:
            return {}
        found = {}
        for path in sorted((self.folder / "cells").glob("*")):
            name, minor = path.read_text(encoding="utf-8").splitlines()
            found[path.name] = (name, minor)
        return found

    def repeats(self, report: str) -> bool:
        """Whether this run has printed the same report already, as it does with several Pythons."""
        if self.folder is None:
            return False
        printed = self.folder / "report.txt"
        if printed.is_file() and printed.read_text(encoding="utf-8") == report:
            return True
        files.write(printed, report)
        return False

    def end(self, verb: str, code: int) -> None:
        """A session of this run ends with this exit code."""
        if self.folder and code:
            with (self.folder / "codes").open("a", encoding="utf-8") as file:
                file.write(f"{verb} {code}\n")
