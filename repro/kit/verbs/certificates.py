"""The verb `certificates`: makes the certificates of the loopback servers anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb, which has no options."""
    parser.set_defaults(verb=_certificates)


def _certificates(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Make the certificates of the loopback servers anew."""
    from repro.kit import certificates  # trustme is there in the session that needs it

    folder = workspace.root / "repro" / "cell" / "certificates"
    certificates.make(folder)
    print(f"Made {folder.relative_to(workspace.root)}, valid until {certificates.EXPIRES:%Y-%m-%d}.")
    return 0
