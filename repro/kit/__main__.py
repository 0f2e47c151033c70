"""The command line: `python -m repro.kit VERB ...`. What nox runs, with the same arguments; the only part that prints.

Exit codes: 0 nothing changed that is not accepted; 1 something changed; 2 misuse or a damaged file; 3 a cell could not
be built or did not finish.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import re
import shlex
import shutil
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro import files
from repro.epochs import Epochs
from repro.kit import changes, folding, interpreter, notes, phrasing, supervisor, transaction
from repro.kit.ci import verbs as ci
from repro.kit.report import terminal
from repro.kit.run import Run
from repro.kit.workspace import Workspace
from repro.problem import Problem
from repro.record import read
from repro.release import DATA, Release, Releases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from repro.record import Record
    from repro.release import Subject

#: The forms in which a comparison is told.
FORMATS = ("text", "markdown", "json", "html", "junit", "github")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    workspace = Workspace()
    run = Run(Path(os.environ["REPRO_RUN"]) if "REPRO_RUN" in os.environ else None)
    try:
        transaction.recover(workspace.snapshots, workspace.lock)
        code: int = chosen.verb(chosen, workspace, run)
        sys.stdout.flush()
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        code = problem.code
    except BrokenPipeError:
        # Whoever reads has seen enough, as `head` has; what is left to be flushed at the end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 128 + signal.SIGPIPE
    except OSError as error:
        print(
            f"error: {error.strerror}: {error.filename or 'a file of the kit'}\n"
            "  Nothing stored was changed. Mend this, and run it again.",
            file=sys.stderr,
        )
        code = 3
    run.end(chosen.name, code)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m repro.kit", description=__doc__.partition("\n")[0])
    verbs = parser.add_subparsers(required=True, dest="name", metavar="VERB")

    cell = verbs.add_parser("cell", help="run the behaviours under one release")
    cell.add_argument("release", help="a release, or the path or git URL of a checkout")
    cell.add_argument("--python", type=_minor, help="the Python to run under, as 3.12 (default: this one)")
    cell.add_argument("--timeout", type=float, default=supervisor.TIMEOUT, help="seconds the behaviours may take")
    cell.set_defaults(verb=_cell)

    _report_options(verbs)

    compare = verbs.add_parser("compare", help="what changes between two releases, from what is stored")
    compare.add_argument("before", metavar="A", help="where you are: a release, `latest`, or with --fresh a checkout")
    compare.add_argument("after", metavar="B", help="where you go; `httpx2` alone means its newest release")
    compare.add_argument("--format", choices=FORMATS, default="text", help="the form of the answer (default: text)")
    compare.add_argument("--output", type=Path, metavar="FILE", help="write the answer there instead of printing it")
    compare.add_argument("--area", help="only this area of behaviours")
    compare.add_argument(
        "--fail-on", type=_kinds, metavar="KIND,...", help="the kinds of change that exit with 1 (default: all)"
    )
    compare.add_argument("--accepted", type=Path, metavar="FILE", help="known changes, which do not fail")
    compare.add_argument("--fresh", action="store_true", help="compare cells that just ran; runs the missing ones")
    compare.add_argument("--python", type=_minor, help="with --fresh, the Python to run under (default: this one)")
    compare.add_argument("--anyway", action="store_true", help="with --fresh, also if more than the release differs")
    compare.set_defaults(verb=_compare)

    accept = verbs.add_parser("accept", help="fold the newest records into snapshots/")
    accept.set_defaults(verb=_accept)

    releases = verbs.add_parser("releases", help="add new releases from the index to the release data")
    releases.add_argument("--check", action="store_true", help="only say what is missing, and exit with 1 if any is")
    releases.set_defaults(verb=_releases)

    advisory = verbs.add_parser("advisory", help="say which claims of the published advisory hold, and what follows")
    advisory.set_defaults(verb=_advisory)

    changelog = verbs.add_parser("changelog", help="hold the changelogs to what was seen")
    changelog.add_argument("releases", nargs="*", help="which releases, as RELEASES names them; left out, every one")
    changelog.set_defaults(verb=_changelog)

    coverage = verbs.add_parser("coverage", help="measure what of a release the behaviours reach")
    coverage.add_argument("release", nargs="?", default="httpx==0.28.1", help="a release (default: httpx==0.28.1)")
    coverage.add_argument("--python", type=_minor, help="the Python to run under, as 3.12 (default: this one)")
    coverage.add_argument("--fail-under", type=float, metavar="N", help="exit with 1 if less than N %% of lines are")
    coverage.set_defaults(verb=_coverage)
    ci.options(verbs)
    _canary_options(verbs)
    _bench_options(verbs)
    _downstream_options(verbs)
    _usage_options(verbs)

    certificates = verbs.add_parser("certificates", help="make the certificates of the loopback servers anew")
    certificates.set_defaults(verb=_certificates)

    throughput = verbs.add_parser("throughput", help="measure what a cell costs")
    throughput.add_argument("releases", nargs="*", default=["boundary"], help="which releases, as RELEASES names them")
    throughput.add_argument("--warm", action="store_true", help="keep the environments that are already built")
    throughput.set_defaults(verb=_throughput)

    latency = verbs.add_parser("latency", help="measure how long the answers from stored snapshots take")
    latency.add_argument("--times", type=_times, default=5, help="how often each is measured (default: 5)")
    latency.set_defaults(verb=_latency)
    return parser


def _report_options(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    report = verbs.add_parser("report", help="report what the cells of a run found")
    report.add_argument("releases", nargs="?", default="boundary", help="which releases, as RELEASES names them")
    report.add_argument(
        "--python", type=_minor, nargs="+", help="the Pythons whose cells must be there (default: this one)"
    )
    report.add_argument("--summary", type=Path, metavar="FILE", help="append the report to it as Markdown")
    report.add_argument("--annotate", action="store_true", help="print annotations of GitHub Actions after it")
    report.set_defaults(verb=_report)


def _canary_options(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    canary = verbs.add_parser("canary", help="verify a candidate beside stable: promote, or hold and why")
    canary.add_argument("releases", nargs="*", metavar="A B", help="serve the service under these two, and drive both")
    canary.add_argument("--service", choices=("reproduction", "hardened"), default="reproduction", help="which service")
    canary.add_argument("--profile", default="calm", help="what the upstream behind them does (default: calm)")
    canary.add_argument("--stable", metavar="URL", help="the deployment that is there")
    canary.add_argument("--candidate", metavar="URL", help="the deployment beside it")
    canary.add_argument("--contract", type=Path, metavar="FILE", help="what to send: TOML, or an OpenAPI document")
    canary.add_argument("--allow", action="append", default=[], metavar="NAME", help="send this one, which is not safe")
    canary.add_argument("--requests", type=_times, metavar="N", help="how many to each side (default: 1000)")
    canary.add_argument("--rate", type=float, metavar="R", help="requests a second to a deployment, at most")
    canary.add_argument("--trust", metavar="FILE", help="trust these certificates instead of the system's")
    canary.add_argument("--seed", type=int, default=0, help="decides the order of the requests (default: 0)")
    canary.add_argument("--timeout", type=float, default=900.0, metavar="SECONDS", help="bounds the whole")
    canary.add_argument("--format", choices=("text", "json", "markdown", "html"), default="text")
    canary.add_argument("--output", type=Path, metavar="FILE", help="write the answer there instead of printing it")
    canary.add_argument("--python", type=_minor, help="the Python to serve under (default: this one)")
    canary.set_defaults(verb=_canary)


def _bench_options(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    bench = verbs.add_parser("bench", help="measure what releases cost beside the first")
    bench.add_argument("releases", nargs="+", metavar="RELEASE", help="what to measure, beside the first")
    bench.add_argument("--rounds", type=_times, default=15, metavar="N", help="processes for each (default: 15)")
    bench.add_argument("--seed", type=int, default=0, help="decides the order (default: 0)")
    bench.add_argument("--format", choices=("text", "json", "html"), default="text", help="the form of the answer")
    bench.add_argument("--output", type=Path, metavar="FILE", help="write the answer there instead of printing it")
    bench.add_argument("--python", type=_minor, help="the Python to measure under (default: this one)")
    bench.set_defaults(verb=_bench)


def _downstream_options(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    downstream = verbs.add_parser("downstream", help="run your project's tests under releases, and say what breaks")
    downstream.add_argument("project", metavar="PATH", help="a directory, a source distribution, or NAME==VERSION")
    downstream.add_argument("--from", dest="before", metavar="A", help="where it is (default: what it pins or locks)")
    downstream.add_argument("--to", dest="after", metavar="B", default="latest", help="where it goes (default: latest)")
    way = downstream.add_mutually_exclusive_group()
    way.add_argument("--bisect", dest="way", action="store_const", const="bisect", help="find when each began")
    way.add_argument("--sweep", dest="way", action="store_const", const="sweep", help="run every release between")
    downstream.add_argument("--command", metavar="COMMAND", help="what runs its tests (default: pytest)")
    downstream.add_argument(
        "--with", dest="given", action="append", default=[], metavar="REQUIREMENT", help="install this with it, too"
    )
    downstream.add_argument("--cutoff", metavar="DATE", help="see nothing uploaded later (default: see the report)")
    downstream.add_argument("--anyway", action="store_true", help="install releases that its requirements exclude")
    downstream.add_argument("--allow-network", action="store_true", help="let its tests leave loopback")
    downstream.add_argument("--timeout", type=float, default=900.0, metavar="SECONDS", help="for its tests, each time")
    downstream.add_argument("--python", type=_minor, help="the Python to run under, as 3.12 (default: this one)")
    downstream.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    downstream.add_argument("--output", type=Path, metavar="FILE", help="write the answer there instead of printing it")
    downstream.set_defaults(verb=_downstream, way="ends")


def _cell(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Run one cell, and say in a line how it ended."""
    releases = Releases.load()
    subject, *others = releases.select(chosen.release)
    if others:
        raise Problem(
            f"{chosen.release!r} is more than one release.", 'A cell is one; run several with: RELEASES="..." nox'
        )
    minor = chosen.python or _this_python()
    run.begin(subject.slug, str(subject), minor)
    record = supervisor.run(
        subject, interpreter.find(minor), minor, releases, workspace, timeout=chosen.timeout, say=_say
    )
    store = Epochs(workspace.snapshots, releases)
    differing = changes.differing(record, store)
    print(terminal.cell(record, differing))
    if record.outcome in ("crashed", "timed-out"):
        print(f"  what it printed: {workspace.log(subject, minor).relative_to(workspace.root)}")
    if record.outcome != "ran":
        return 3
    return 1 if differing else 0


def _report(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Print the report of the cells of this run, or of the newest records outside of one."""
    releases = Releases.load()
    minors = list(dict.fromkeys(chosen.python or [_this_python()]))
    subjects = releases.select(chosen.releases)
    stems = {f"{subject.slug}-py{minor}": (str(subject), minor) for subject in subjects for minor in minors}
    if cells := run.cells():
        # In a run its own cells count, and what an earlier run left does not speak for one that left nothing.
        stems |= cells
        present = {stem for stem in cells if (workspace.records / f"{stem}.json").is_file()}
    else:
        for subject in subjects:
            for path in workspace.records.glob(f"{subject.slug}-py*.json"):
                stems[path.stem] = (str(subject), path.stem.rpartition("-py")[2])
        present = {stem for stem in stems if (workspace.records / f"{stem}.json").is_file()}
    store = Epochs(workspace.snapshots, releases)
    found = changes.matrix(
        [read(workspace.records / f"{stem}.json") for stem in sorted(present)],
        [stems[stem] for stem in sorted(stems) if stem not in present],
        store,
        releases,
    )
    files.write(workspace.page, _page(store, releases, found=found))
    paint = terminal.Paint(coloured=_coloured())
    width = shutil.get_terminal_size((100, 24)).columns
    text = terminal.matrix(found, width=width, paint=paint, page=str(workspace.page.relative_to(workspace.root)))
    print(terminal.verdict(found, paint) if run.repeats(text) else text.rstrip("\n"))
    ci.told(found, chosen.summary, annotate=chosen.annotate)
    return found.code


def _page(
    store: Epochs, releases: Releases, *, found: changes.Matrix | None = None, comparison: dict[str, Any] | None = None
) -> str:
    """The web page, with the run or the comparison that it is made for."""
    from repro.kit import advisory, catalogue  # as below: a cell starts sooner without
    from repro.kit.report import page

    known = catalogue.read(store.root)
    checked = advisory.Checked(advisory.load(), store, known, releases)
    run = page.run(found, terminal.verdict(found, terminal.Paint(coloured=False))) if found else None
    body = page.data(
        store,
        releases,
        known.after(found.records if found else []),
        advisory=advisory.data(checked.verdicts(), checked.advice()),
        run=run,
        comparison=comparison,
    )
    return page.html(body)


def _compare(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Compare two releases, and print or write the answer in the form asked for."""
    from repro.kit import acceptance, catalogue, comparison  # these and what follows: a cell starts sooner without
    from repro.kit.report import document

    releases = Releases.load()
    store, known = Epochs(workspace.snapshots, releases), catalogue.read(workspace.snapshots)
    accepted = acceptance.read(chosen.accepted, releases) if chosen.accepted else []
    if chosen.fresh:
        sides = _fresh(chosen, workspace, releases)
        known = known.joined(sides)
        before, after = (comparison.recorded(record) for record in sides)
    else:
        before, after = (comparison.stored(release, store, known) for release in _stored(chosen, releases))
    if not known.behaviours:
        raise Problem(
            f"There is no catalogue of behaviours below {workspace.snapshots}, so nothing can be compared.",
            "Restore it with: git checkout -- snapshots",
        )
    if chosen.area:
        known = known.within(chosen.area)
    found = comparison.compare(before, after, store, known, releases)
    judged = acceptance.judge(
        found,
        accepted,
        fail_on=chosen.fail_on or comparison.HURTS,
        area=chosen.area,
        today=datetime.now().astimezone().date(),
    )
    body = document.document(found, judged, area=chosen.area)
    text = _page(store, releases, comparison=body) if chosen.format == "html" else _formatted(body, chosen)
    _told(text, chosen.output, body["verdict"]["says"])
    return judged.code


def _told(text: str, output: Path | None, says: str) -> None:
    """Print an answer, or write it where it was asked for and print what it comes to."""
    if output:
        _output(output, text)
        _complain(f"Wrote {output}.\n{says}")
    else:
        print(text.rstrip("\n"))


def _output(path: Path, text: str) -> None:
    """Write an answer where it was asked for: a file in one step, and a pipe or a device as it comes."""
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            files.write(path, text)
    except OSError as error:
        raise Problem(
            f"The answer cannot be written to {path}: {error.strerror}.", "Give --output a file that can be written."
        ) from None


def _sides(chosen: argparse.Namespace, releases: Releases) -> list[Subject]:
    """The two subjects of a comparison."""
    return _both([chosen.before, chosen.after], releases)


def _both(texts: Sequence[str], releases: Releases) -> list[Subject]:
    """Two subjects, each of which is one."""
    found = []
    for text in texts:
        subject, *others = releases.select(text)
        if others:
            raise Problem(
                f"{text!r} is more than one release.",
                "A side of a comparison is one, as in: nox -s compare -- 0.12.1 0.13.0",
            )
        found.append(subject)
    return found


def _stored(chosen: argparse.Namespace, releases: Releases) -> Iterator[Release]:
    """The two releases of a comparison of what is stored."""
    for subject in _sides(chosen, releases):
        if not isinstance(subject, Release):
            raise Problem(
                f"{subject} is a checkout, of which nothing is stored.",
                f"Run it, with: nox -s compare -- --fresh {chosen.before} {chosen.after}",
            )
        yield subject


def _fresh(chosen: argparse.Namespace, workspace: Workspace, releases: Releases) -> list[Record]:
    """The records of both sides, of cells that just ran or run now."""
    from repro.kit import pair

    minor = chosen.python or _this_python()
    sides = _sides(chosen, releases)
    before, after = (pair.fresh(side, minor, releases, workspace, say=_complain) for side in sides)
    if not chosen.anyway:
        pair.hold(before, after)
    return [before, after]


def _formatted(body: dict[str, Any], chosen: argparse.Namespace) -> str:
    """A comparison in the form asked for, other than the page."""
    if chosen.format == "json":
        return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
    if chosen.format == "markdown":
        from repro.kit.report import markdown

        return markdown.markdown(body)
    if chosen.format == "junit":
        from repro.kit.report import junit

        return junit.junit(body)
    if chosen.format == "github":
        from repro.kit.report import github

        return github.github(body)
    from repro.kit.report import text

    file = chosen.output is not None
    width = 100 if file else shutil.get_terminal_size((100, 24)).columns
    paint = terminal.Paint(coloured=_coloured() and not file)
    return text.text(body, width=width, paint=paint, last=not file)


def _accept(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Fold every record into the snapshots, all or nothing."""
    releases = Releases.load()
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


def _releases(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Say which releases the data lacks, and add them unless only asked to check."""
    from repro.kit import index  # tomlkit is there in the session that needs it, and in no cell

    new = index.missing(Releases.load())
    for distribution, versions in new.items():
        print(f"{distribution}: {', '.join(versions)}")
    if not new:
        print("The release data has every release on the index.")
        return 0
    if chosen.check:
        print("The release data lacks these. Add them with: nox -s releases")
        return 1
    index.add(DATA, new)
    print(f'Added to repro/{DATA.name}. Run them with: RELEASES="{" ".join(_requirements(new))}" nox')
    return 0


def _requirements(new: dict[str, list[str]]) -> list[str]:
    return [f"{distribution}=={version}" for distribution, versions in new.items() for version in versions]


def _advisory(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Hold the advisory's claims against what is stored, and print what holds and what follows."""
    from repro.kit import advisory, catalogue  # as below: a cell starts sooner without
    from repro.kit.report import advisory as told

    releases = Releases.load()
    store, known = Epochs(workspace.snapshots, releases), catalogue.read(workspace.snapshots)
    checked = advisory.Checked(advisory.load(), store, known, releases)
    print(
        told.text(
            checked.verdicts(),
            checked.advice(),
            checked.advisory.source,
            width=shutil.get_terminal_size((100, 24)).columns,
            paint=terminal.Paint(coloured=_coloured()),
        ).rstrip("\n")
    )
    return 0


def _changelog(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Hold the changelogs to what is stored, and print what became of each line."""
    from repro.kit import changelog  # as below: a cell starts sooner without
    from repro.kit.report import changelog as told

    releases = Releases.load()
    store = Epochs(workspace.snapshots, releases)
    found = [
        section for name in changelog.KEPT for section in changelog.sections(changelog.load(name), store, releases)
    ]
    if chosen.releases:
        wanted = releases.select(" ".join(chosen.releases))
        found = [section for section in found if section.release in wanted]
        if not found:
            raise Problem(
                f"No changelog has a section of {' '.join(chosen.releases)}, and nothing is stored as changed there.",
                "Name another release, or none for all: nox -s changelog -- 0.20.0",
            )
    paint = terminal.Paint(coloured=_coloured())
    print(told.text(found, width=shutil.get_terminal_size((100, 24)).columns, paint=paint).rstrip("\n"))
    return 0


def _coverage(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Measure what of a release the behaviours reach, and print it with the reasons of what is left."""
    from repro.kit import reach  # as below: a cell starts sooner without
    from repro.kit.report import reach as told

    releases = Releases.load()
    reasons = reach.load()
    subject, *others = releases.select(chosen.release)
    if others or not isinstance(subject, Release):
        raise Problem(f"{chosen.release!r} is not one release.", "Coverage is of one, as in: nox -s coverage -- 0.28.1")
    minor = chosen.python or _this_python()
    found = reach.measure(subject, interpreter.find(minor), minor, releases, workspace, say=_complain)
    width = shutil.get_terminal_size((100, 24)).columns
    paint = terminal.Paint(coloured=_coloured())
    print(told.text(found, reach.hold(found, reasons), bound=chosen.fail_under, width=width, paint=paint).rstrip("\n"))
    return 0 if found.suffices(chosen.fail_under) else 1


def _canary(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Verify a candidate beside stable, and print or write the verdict in the form asked for."""
    from repro.kit.canary import contract, deployment, verification  # scipy is there in the session that needs it
    from repro.kit.report import canary, canary_page

    urls = {"stable": chosen.stable, "candidate": chosen.candidate}
    there = any(urls.values())
    if there == bool(chosen.releases) or len(chosen.releases) not in {0, 2} or (there and not all(urls.values())):
        raise Problem(
            "A canary has two sides: two releases, or the URLs of two deployments.",
            "As in: nox -s canary -- 0.12.1 0.13.0, or -- --stable URL --candidate URL --contract FILE",
        )
    if there and not chosen.contract:
        raise Problem("What to send to the deployments is not said.", "Give --contract FILE.")
    if chosen.profile not in deployment.profiles():
        raise Problem(
            f"{chosen.profile!r} is no fault profile.", f"The profiles are {', '.join(deployment.profiles())}."
        )
    sent = (
        contract.read(chosen.contract, os.environ, chosen.allow)
        if chosen.contract
        else contract.Contract((contract.SEARCH,))
    )
    options = verification.Options(chosen.requests, chosen.rate, chosen.seed, chosen.trust)
    with contextlib.ExitStack() as stack:
        until = stack.enter_context(verification.bounded(chosen.timeout))
        if there:
            sides = {name: verification.checked_url(url, name) for name, url in urls.items()}
            deployments = {name: deployment.Deployment(name, url) for name, url in sides.items()}
        else:
            releases = Releases.load()
            minor = chosen.python or _this_python()
            subjects = dict(zip(urls, _both(chosen.releases, releases), strict=True))
            sides = {name: str(subject) for name, subject in subjects.items()}
            python = interpreter.find(minor)
            stands = deployment.stood_up(
                subjects, chosen.service, chosen.profile, python, minor, releases, workspace, say=_complain
            )
            deployments = stack.enter_context(stands)
        body = verification.verify(deployments, sent, sides, options, until=until, progress=_progress)
    forms = {
        "json": lambda: json.dumps(body, indent=1, ensure_ascii=False) + "\n",
        "markdown": lambda: canary.markdown(body),
        "html": lambda: canary_page.page(body),
        "text": lambda: canary.text(
            body,
            width=100 if chosen.output else shutil.get_terminal_size((100, 24)).columns,
            paint=terminal.Paint(coloured=_coloured() and not chosen.output),
            last=not chosen.output,
        ),
    }
    _told(forms[chosen.format](), chosen.output, canary.says(body))
    return 0 if body["verdict"] == "promote" else 1


def _bench(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Measure what releases cost beside the first, and print or write it in the form asked for."""
    from repro.kit import costs  # numpy is there in the session that needs it
    from repro.kit.report import bench

    releases = Releases.load()
    subjects = [subject for text in chosen.releases for subject in releases.select(text)]
    if len(set(subjects)) != len(subjects):
        raise Problem("A release is named twice.", "Name each once; the first is what the others are compared with.")
    minor = chosen.python or _this_python()
    options = {"rounds": chosen.rounds, "seed": chosen.seed, "say": _complain, "progress": _rounds}
    found = costs.measure(subjects, interpreter.find(minor), minor, releases, workspace, **options)
    body = bench.document(costs.ratios(found, seed=chosen.seed), list(found), rounds=chosen.rounds, seed=chosen.seed)
    paint = terminal.Paint(coloured=_coloured() and not chosen.output)
    forms = {
        "json": lambda: json.dumps(body, indent=1, ensure_ascii=False) + "\n",
        "html": lambda: bench.page(body),
        "text": lambda: bench.text(body, paint=paint, last=not chosen.output),
    }
    _told(forms[chosen.format](), chosen.output, bench.says(body))
    return 0


def _downstream(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Run the tests of a project under releases, and say what breaks, since when, and what to do."""
    from repro.kit.downstream import inquiry
    from repro.kit.report import downstream as told

    releases = Releases.load()
    asked = inquiry.Asked(
        project=chosen.project,
        before=chosen.before,
        after=chosen.after,
        way=chosen.way,
        python=interpreter.find(chosen.python or _this_python()),
        minor=chosen.python or _this_python(),
        command=tuple(shlex.split(chosen.command or "")),
        given=tuple(chosen.given),
        cutoff=chosen.cutoff,
        anyway=chosen.anyway,
        network=chosen.allow_network,
        timeout=chosen.timeout,
    )
    body = inquiry.run(asked, releases, workspace, _complain)
    if chosen.format == "json":
        text = json.dumps(body, indent=1) + "\n"
    elif chosen.format == "markdown":
        text = told.markdown(body)
    else:
        paint = terminal.Paint(coloured=_coloured() and chosen.output is None)
        text = told.text(body, paint=paint, width=shutil.get_terminal_size((100, 24)).columns)
    _told(text, chosen.output, body["verdict"]["says"])
    code: int = body["verdict"]["code"]
    return code


def _usage_options(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from repro.kit.usage import command

    command.options(verbs, _minor).set_defaults(verb=_usage)


def _usage(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Say which changes touch a project's code, in the form asked for."""
    from repro.kit.usage import command  # jedi and griffe are there in the session that needs them

    body = command.document(chosen, Releases.load(), workspace, chosen.python or _this_python(), _complain)
    width = 100 if chosen.output else shutil.get_terminal_size((100, 24)).columns
    paint = terminal.Paint(coloured=_coloured() and not chosen.output)
    text = command.told(body, chosen.format, width=width, paint=paint, last=not chosen.output)
    _told(text, chosen.output, body["verdict"]["says"])
    code: int = body["verdict"]["code"]
    return code


def _certificates(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Make the certificates of the loopback servers anew."""
    from repro.kit import certificates  # trustme is there in the session that needs it, and in no cell

    folder = workspace.root / "repro" / "cell" / "certificates"
    certificates.make(folder)
    print(f"Made {folder.relative_to(workspace.root)}, valid until {certificates.EXPIRES:%Y-%m-%d}.")
    return 0


def _throughput(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Measure what a cell costs, and print it."""
    from repro.kit import throughput

    releases = Releases.load()
    subjects = releases.select(" ".join(chosen.releases))
    print("\n".join(throughput.lines(throughput.measure(subjects, workspace, warm=chosen.warm))))
    return 0


def _latency(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Measure how long the answers from stored snapshots take, and print it."""
    from repro.kit import latency

    releases = Releases.load()
    ends = [str(release) for release in (releases.all[1], *releases.select("boundary"), *releases.minors[-1:])]
    pairs = list(itertools.pairwise([*ends, ends[0]]))
    print("\n".join(latency.lines(latency.measure(latency.commands(pairs), workspace.root, chosen.times))))
    return 0


def _kinds(text: str) -> list[str]:
    """Kinds of change from the command line."""
    from repro.kit.comparison import HURTS

    kinds = text.split(",")
    if wrong := [kind for kind in kinds if kind not in HURTS]:
        raise argparse.ArgumentTypeError(f"{wrong[0]!r} is no kind of change; the kinds are {', '.join(HURTS)}")
    return kinds


def _times(text: str) -> int:
    """How often, from the command line."""
    if not re.fullmatch(r"[1-9]\d*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not how often something can be measured; write 1 or more")
    return int(text)


def _minor(text: str) -> str:
    """A minor Python from the command line."""
    if not re.fullmatch(r"\d+\.\d+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a minor Python; write it as 3.12")
    return text


def _this_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _coloured() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _say(line: str) -> None:
    print(line, flush=True)


def _complain(line: str) -> None:
    """Say what takes time where it is seen, and not in the answer."""
    print(line, file=sys.stderr, flush=True)


def _rounds(done: int, of: int) -> None:
    """Say how many rounds are done."""
    _progress(done, of, "rounds")


def _progress(done: int, of: int, what: str = "requests a side") -> None:
    """Say how far it is: as a bar where somebody looks on, and else as a line now and then."""
    if sys.stderr.isatty():
        width = 40
        bar = "#" * (width * done // of)
        print(f"\r[{bar.ljust(width)}] {done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)
    elif done * 5 // of != (done - 1) * 5 // of:
        _complain(f"{done} of {of} {what}")


def _stop(_number: int, _frame: Any) -> None:
    """End as an interrupt ends, so that what a verb started is ended with it."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = main()
    except KeyboardInterrupt:
        print("interrupted; nothing stored was changed", file=sys.stderr)
        code = 130
    sys.exit(code)
