"""The verbs of CI: `python -m repro.kit ci ...`. What a workflow runs, and what a person may run to see the same."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from repro import files
from repro.kit.ci import groups, merging, passed, summary, workflows
from repro.release import Releases

if TYPE_CHECKING:
    import argparse

    from repro.kit.changes import Matrix
    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verbs of CI."""
    ci = verbs.add_parser("ci", help="what workflows run: groups of cells, merging, comments, watching")
    steps = ci.add_subparsers(required=True, dest="step", metavar="STEP")

    group = steps.add_parser("groups", help="the cells that nox lists, in balanced groups: nox --list --json | ...")
    group.add_argument("--most", type=int, default=4, metavar="N", help="how many groups of each Python (default: 4)")
    group.add_argument("--output", type=Path, metavar="FILE", help="append `matrix=...` to it, as $GITHUB_OUTPUT takes")
    group.add_argument("--gitlab", type=Path, metavar="FILE", help="write the child pipeline of GitLab there")
    group.set_defaults(verb=_groups)

    merge = steps.add_parser("merge", help="the union of the records that several jobs left")
    merge.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="where the records of a job are")
    merge.set_defaults(verb=_merge)

    passed = steps.add_parser("passed", help="whether every job in $NEEDS succeeded")
    passed.set_defaults(verb=_passed)

    made = steps.add_parser("workflows", help="make the files of CI from their templates")
    made.add_argument("--check", action="store_true", help="only say what is stale, and exit with 1 if anything is")
    made.set_defaults(verb=_workflows)

    costs = steps.add_parser("costs", help="keep what the cells that ran here cost, to balance groups by")
    costs.set_defaults(verb=_costs)


def told(found: Matrix, file: Path | None, *, annotate: bool) -> None:
    """Tell a run as GitHub Actions shows it: a summary appended to a file, and annotations."""
    if file:
        with file.open("a", encoding="utf-8") as summaries:
            summaries.write(summary.summary(found))
    if annotate:
        print(summary.annotated(found), end="")


def _groups(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Print the matrix of the cells that nox lists, and hand it to the jobs."""
    found = groups.grouped(groups.listed(sys.stdin.read()), chosen.most, groups.costs())
    matrix = json.dumps(groups.github(found))
    for number, group in enumerate(found, start=1):
        print(f"group {number}: {group.seconds:.0f} s: {' '.join(group.subjects)}")
    if chosen.output:
        with chosen.output.open("a", encoding="utf-8") as file:
            file.write(f"matrix={matrix}\n")
    if chosen.gitlab:
        files.write(chosen.gitlab, json.dumps(groups.gitlab(found, workflows.gitlab()), indent=1) + "\n")
    return 0


def _merge(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Merge the records of several jobs into those that the report reads."""
    cells = merging.merge(chosen.folders, workspace.records)
    print(f"Records of {len(cells)} cells: {', '.join(cells)}" if cells else "No job left a record.")
    return 0


def _passed(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Say which of the jobs that are needed did not succeed."""
    failing = passed.failing(os.environ.get("NEEDS", ""))
    print("\n".join(failing) if failing else "Every job that is required passed.")
    return 1 if failing else 0


def _workflows(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Make the files of CI, or say which are stale."""
    texts = workflows.made(workflows.actions(), Releases.load().pythons)
    changed = workflows.stale(workspace.root, texts) if chosen.check else workflows.write(workspace.root, texts)
    for path in changed:
        print(f"{'stale' if chosen.check else 'wrote' if path in texts else 'removed'}: {path}")
    if not changed:
        print("Every file of CI is what its template makes.")
    return 1 if changed and chosen.check else 0


def _costs(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Keep what the cells that ran here cost."""
    found = groups.measured(workspace.made / "costs")
    files.write(groups.DATA, groups.text({**groups.costs(), **found}))
    print(f"Kept what {len(found)} releases cost.")
    return 0
