"""The verb `releases`: adds new releases from the index to the release data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("--check", action="store_true", help="only say what is missing, and exit with 1 if any is")
    parser.set_defaults(verb=_releases)


def _releases(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Say which releases the data lacks, and add them unless only asked to check."""
    from repro.kit import index  # tomlkit is there in the session that needs it

    new = index.missing(workspace.releases())
    for distribution, versions in new.items():
        print(f"{distribution}: {', '.join(versions)}")
    if not new:
        print("The release data has every release on the index.")
        return 0
    if chosen.check:
        print("The release data lacks these. Add them with: nox -s releases")
        return 1
    index.add(workspace.data, new)
    print(f'Added to repro/{workspace.data.name}. Run them with: RELEASES="{" ".join(_requirements(new))}" nox')
    return 0


def _requirements(new: dict[str, list[str]]) -> list[str]:
    return [f"{distribution}=={version}" for distribution, versions in new.items() for version in versions]
