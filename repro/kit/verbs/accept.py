"""The verb `accept`: folds the newest records into `snapshots/`, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.epochs import Epochs
from repro.kit import folding, notes, phrasing, transaction
from repro.problem import Problem

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb, which has no options."""
    parser.set_defaults(verb=_accept)


def _accept(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Fold every record into the snapshots, all or nothing."""
    releases = workspace.releases()
    records = workspace.newest()
    if not records:
        raise Problem("There is no record to accept.", "Run the cells first, with: nox")
    with transaction.alone(workspace.snapshots, workspace.lock):
        store = Epochs(workspace.snapshots, releases)
        for release in store.stored:
            notes.read(store, release)  # damaged ones are said before anything is changed
        fold = folding.fold(records, store, releases)
        transaction.apply(workspace.snapshots, fold.texts)
    for why in fold.left_out:
        print(f"left out: {why}")
    for path, text in sorted(fold.texts.items()):
        print(f"{'removed' if text is None else 'wrote'} snapshots/{path}")
    store = Epochs(workspace.snapshots, releases)
    for release, names in notes.changes(store, releases).items():
        for name in names:
            if name not in notes.read(store, release):
                print(f"to be written: the note of {name} in snapshots/{release.slug}/notes.toml")
    wrote = sum(text is not None for text in fold.texts.values())
    print(
        f"Accepted the records of {phrasing.count(len(fold.folded), 'release')}: "
        f"{phrasing.count(wrote, 'snapshot')} written, {len(fold.texts) - wrote} removed."
    )
    return 0
