"""The verb `ci`: the steps that a workflow runs, and that a person may run to see the same."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from repro import files
from repro.epochs import Epochs
from repro.kit.ci import (
    answer,
    bots,
    comment,
    documentation,
    forge,
    groups,
    merging,
    passed,
    watch,
    workflows,
)
from repro.kit.comparison import HURTS
from repro.kit.report import github
from repro.kit.report.markdown import LIMIT
from repro.problem import Problem

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the steps of CI, and the options of each."""
    steps = parser.add_subparsers(required=True, dest="step", metavar="STEP")

    cells = steps.add_parser("groups", help="the cells that nox lists, in balanced groups: nox --list --json | ...")
    cells.add_argument("--cells", type=Path, metavar="FILE", help="what nox printed (default: the standard input)")
    cells.add_argument("--most", type=int, default=4, metavar="N", help="how many groups of each Python (default: 4)")
    cells.add_argument("--output", type=Path, metavar="FILE", help="append `matrix=...` to it, as $GITHUB_OUTPUT takes")
    cells.add_argument("--gitlab", type=Path, metavar="FILE", help="write the child pipeline of GitLab there")
    cells.set_defaults(verb=_groups)

    merge = steps.add_parser("merge", help="the union of the records that several jobs left")
    merge.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="where the records of a job are")
    merge.set_defaults(verb=_merge)

    _answer_options(steps)
    _watch_options(steps)

    needs = steps.add_parser("passed", help="whether every job in $NEEDS succeeded")
    needs.set_defaults(verb=_passed)

    made = steps.add_parser("workflows", help="make the files of CI from their templates")
    made.add_argument("--check", action="store_true", help="only say what is stale, and exit with 1 if anything is")
    made.set_defaults(verb=_workflows)

    documented = steps.add_parser("documentation", help="run the commands that the README shows, and compare")
    documented.add_argument("--only", default="", metavar="TEXT", help="only the commands that hold this text")
    documented.add_argument("--timeout", type=float, default=1200.0, metavar="SECONDS", help="bounds each of them")
    documented.set_defaults(verb=_documentation)

    costs = steps.add_parser("costs", help="keep what the cells that ran here cost, to balance groups by")
    costs.set_defaults(verb=_costs)


def _answer_options(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    asked = steps.add_parser("answer", help="what changes for a project whose httpx a pull request moves")
    asked.add_argument("project", type=Path, metavar="PROJECT", help="its folder, as the pull request leaves it")
    asked.add_argument("--base", default="", metavar="FOLDER", help="the same before it (default: there is none)")
    asked.add_argument("--from", default="", dest="before", metavar="A", help="instead of what the base is at")
    asked.add_argument("--to", default="", dest="after", metavar="B", help="instead of what the project is at")
    asked.add_argument("--accepted", default="", metavar="FILE", help="known changes, from the folder of the project")
    asked.add_argument("--fail-on", default="", metavar="KIND,...", help="the kinds that exit with 1 (default: all)")
    asked.add_argument(
        "--event", default="", metavar="FILE", help="the event, to leave at once where a bot moves others"
    )
    asked.add_argument("--folder", type=Path, default=Path("answer"), help="where the answer goes (default: answer)")
    asked.add_argument("--output", type=Path, metavar="FILE", help="append `moved`, `from` and `to` to it")
    asked.add_argument("--summary", type=Path, metavar="FILE", help="append the answer to it as Markdown")
    asked.set_defaults(verb=_answer)

    said = steps.add_parser("comment", help="comment on a pull request once, and edit that comment from then on")
    said.add_argument("folder", type=Path, metavar="FOLDER", help="where the answer is")
    said.add_argument("--number", type=int, required=True, metavar="N", help="the pull request")
    said.add_argument("--key", default=".", help="what tells the projects of a repository apart: its path")
    said.set_defaults(verb=_comment)


def _watch_options(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    news = steps.add_parser("news", help="the releases that the release data has and its commit has not")
    news.add_argument("--output", type=Path, metavar="FILE", help="append `new=...` to it, as RELEASES takes it")
    news.set_defaults(verb=_news)

    proposal = steps.add_parser("proposal", help="what the new releases changed here: a patch, a title and a text")
    proposal.add_argument("folder", type=Path, metavar="FOLDER", help="where it goes")
    proposal.set_defaults(verb=_proposal)

    propose = steps.add_parser("propose", help="push a proposal, and open its pull request or edit it")
    propose.add_argument("folder", type=Path, metavar="FOLDER", help="where the proposal is")
    propose.add_argument("--base", default="main", metavar="BRANCH", help="what it goes into (default: main)")
    propose.set_defaults(verb=_propose)

    night = steps.add_parser("night", help="open, update or close the one issue about nights that fail, from $NEEDS")
    night.add_argument("--url", default="", help="where the run is looked at")
    night.set_defaults(verb=_night)


def _groups(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Print the matrix of the cells that nox lists, and hand it to the jobs."""
    said = chosen.cells.read_text(encoding="utf-8") if chosen.cells else sys.stdin.read()
    found = groups.grouped(groups.listed(said), chosen.most, groups.costs())
    for number, group in enumerate(found, start=1):
        print(f"group {number}: {group.seconds:.0f} s: {' '.join(group.subjects)}")
    _hand(chosen.output, matrix=json.dumps(groups.github(found)))
    if chosen.gitlab:
        files.write(chosen.gitlab, json.dumps(groups.gitlab(found, workflows.gitlab()), indent=1) + "\n")
    return 0


def _merge(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Merge the records of several jobs into those that the report reads."""
    cells = merging.merge(chosen.folders, workspace.records)
    print(f"Records of {len(cells)} cells: {', '.join(cells)}" if cells else "No job left a record.")
    return 0


def _answer(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Answer a pull request: a folder for its comment, outputs, a summary, annotations, and the exit code."""
    releases = workspace.releases()
    if chosen.event:
        bot = bots.recognise(json.loads(Path(chosen.event).read_text(encoding="utf-8")))
        if bot and not bot.concerns:
            print(f"{bot.name} moves {', '.join(sorted(bot.moves))} here, which is not httpx.")
            _hand(chosen.output, moved="false")
            return 0
    question = answer.Question(
        chosen.project,
        Path(chosen.base) if chosen.base else None,
        chosen.before,
        chosen.after,
        chosen.accepted,
        _kinds(chosen.fail_on),
    )
    found = answer.answer(question, workspace.snapshots, releases)
    text = answer.comment(found.said, found.body)
    files.write(chosen.folder / "said.md", found.said)
    files.write(chosen.folder / "moved", f"{str(found.moved).lower()}\n")
    if found.body:
        files.write(chosen.folder / "comparison.json", json.dumps(found.body, indent=1, ensure_ascii=False) + "\n")
        print(github.github(found.body), end="")
    else:
        print(text, end="")
    _hand(
        chosen.output,
        moved=str(found.moved).lower(),
        **({"from": str(found.before), "to": str(found.after)} if found.moved else {}),
    )
    if chosen.summary:
        with chosen.summary.open("a", encoding="utf-8") as file:
            file.write(text)
    return found.code


def _comment(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Put the answer on the pull request."""
    compared = chosen.folder / "comparison.json"
    found = [chosen.folder / name for name in ("tests.md", "usage.md")]
    try:
        said = (chosen.folder / "said.md").read_text(encoding="utf-8")
        moved = (chosen.folder / "moved").read_text(encoding="utf-8").strip() == "true"
        body = json.loads(compared.read_text(encoding="utf-8")) if compared.exists() else None
    except (OSError, ValueError) as error:
        raise Problem(f"There is no answer in {chosen.folder}: {error}.", "Make one with: ci answer", code=3) from None
    parts = [path.read_text(encoding="utf-8") for path in found if path.exists()]
    text = answer.comment(said, body, parts, limit=LIMIT - len(comment.mark(chosen.key)) - 1)
    done = comment.place(forge.Forge.of(os.environ), chosen.number, chosen.key, text, only_edit=not moved)
    print({"nothing": "There was nothing to say."}.get(done, f"{done.capitalize()} on #{chosen.number}."))
    return 0


def _news(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Say which releases are new, and hand them on."""
    found = " ".join(str(release) for release in watch.new(workspace.root, workspace.releases()))
    print(found or "Nothing is new.")
    _hand(chosen.output, new=found)
    return 0


def _proposal(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Leave what the watch found as a proposal."""
    releases = workspace.releases()
    found = watch.new(workspace.root, releases)
    text = watch.text(found, workspace.newest(), Epochs(workspace.snapshots, releases), releases)
    files.write(chosen.folder / "changes.patch", watch.patch(workspace.root))
    files.write(chosen.folder / "title.txt", f"{watch.title(found)}\n")
    files.write(chosen.folder / "body.md", text)
    print(text, end="")
    return 0


def _propose(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Push a proposal, and open its pull request or edit it."""
    title = (chosen.folder / "title.txt").read_text(encoding="utf-8").strip()
    body = (chosen.folder / "body.md").read_text(encoding="utf-8")
    there = forge.Forge.of(os.environ)
    pushed = watch.push(workspace.root, chosen.folder / "changes.patch", title, os.environ)
    if pushed == "kept":
        print(f"Somebody works on {watch.BRANCH}, so it is left as it is.")
        return 0
    print(f"{watch.BRANCH}: {pushed}. Its pull request: {watch.propose(there, chosen.base, title, body)}.")
    return 0


def _night(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Keep the one issue about nights that fail."""
    # What was skipped had nothing to do, as on every night without a new release.
    failing = [job for job in passed.failing(os.environ.get("NEEDS", "")) if not job.endswith(": skipped")]
    print(f"The issue of the watch: {watch.night(forge.Forge.of(os.environ), failing, chosen.url)}.")
    return 0


def _hand(output: Path | None, **values: str) -> None:
    """Hand values to the steps that follow."""
    if output:
        with output.open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in values.items())


def _kinds(text: str) -> list[str]:
    """Kinds of change, all where none is named."""
    kinds = [kind.strip() for kind in text.split(",") if kind.strip()] or list(HURTS)
    if wrong := [kind for kind in kinds if kind not in HURTS]:
        raise Problem(f"{wrong[0]!r} is no kind of change.", f"The kinds are {', '.join(HURTS)}.")
    return kinds


def _passed(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Say which of the jobs that are needed did not succeed."""
    failing = passed.failing(os.environ.get("NEEDS", ""))
    print("\n".join(failing) if failing else "Every job that is required passed.")
    return 1 if failing else 0


def _workflows(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Make the files of CI, or say which are stale."""
    texts = workflows.made(workflows.actions(), workspace.releases().pythons)
    changed = workflows.stale(workspace.root, texts) if chosen.check else workflows.write(workspace.root, texts)
    for path in changed:
        print(f"{'stale' if chosen.check else 'wrote' if path in texts else 'removed'}: {path}")
    if not changed:
        print("Every file of CI is what its template makes.")
    return 1 if changed and chosen.check else 0


def _documentation(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Run the commands that the README shows, and say where they do something else than it says."""
    found = documentation.shown((workspace.root / "README.md").read_text(encoding="utf-8"))
    known = documentation.checks()
    wrong = documentation.gaps(found, known)
    outputs = {one.command: one.output for one in found}
    for check in known:
        if check.command not in outputs or chosen.only not in check.command:
            continue
        if check.skip:
            print(f"skipped  {check.command}: {check.skip}", flush=True)
            continue
        became = documentation.tried(check, outputs[check.command], workspace.root, chosen.timeout)
        print(f"{'differs' if became else 'as shown'}  {check.command}", flush=True)
        wrong += [f"{check.command!r} {became}"] if became else []
    print("\n".join(f"README.md: {line}" for line in wrong) if wrong else "The README is as its commands are.")
    return 1 if wrong else 0


def _costs(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Keep what the cells that ran here cost."""
    found = groups.measured(workspace.made / "costs")
    files.write(groups.DATA, groups.text({**groups.costs(), **found}))
    print(f"Kept what {len(found)} releases cost.")
    return 0
