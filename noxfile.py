# /// script
# dependencies = ["nox[uv]>=2026.4"]
# ///
"""What changes for you between two releases of httpx: executed, not read.

nox                                run the boundary releases, side by side, then report
RELEASES="0.12.1 httpx2" nox       run these; also boundary, minors, all, or the path of a checkout
RELEASES=all nox -P 3.12 3.13      run every release, under these Pythons
nox -s compare -- 0.12.1 0.13.0    what changes between two releases, from what is stored
nox -s SESSION                     run one of the sessions below; nox --usage SESSION says more
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).parent))

from repro.problem import Problem
from repro.release import Releases

nox.options.sessions = ["cell", "report"]
# A cell waits for more than half of its time, so two share a core.
nox.options.parallel = 2 * (os.cpu_count() or 1)
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"

GROUPS = nox.project.load_toml("pyproject.toml")["dependency-groups"]
RELEASES = os.environ.get("RELEASES", "").strip() or "boundary"

try:
    SUBJECTS = Releases.load().select(RELEASES)
except Problem as problem:
    print(f"error: {problem}", file=sys.stderr)
    sys.exit(problem.code)


@nox.session(venv_backend="none", allow_parallel=True)
@nox.parametrize("subject", [nox.param(str(subject), id=subject.slug) for subject in SUBJECTS])
def cell(session: nox.Session, subject: str) -> None:
    """Run the reproduction and the behaviours under one release, and write its record."""
    kit(session, "cell", subject, *python(session), *session.posargs)


@nox.session(venv_backend="none")
def report(session: nox.Session) -> None:
    """Report the cells with their outcomes, and what changed from release to release."""
    kit(session, "report", RELEASES, *python(session), *session.posargs)


@nox.session(venv_backend="none")
def compare(session: nox.Session) -> None:
    """Say what changes for you from release A to release B; -- A B, and --help for the rest.

    nox -s compare -- 0.12.1 0.13.0                    from what is stored, in a second
    nox -s compare -- 0.27.2 httpx2 --area reproduction
    nox -s compare -- 0.12.1 0.13.0 --format markdown --output comment.md
    nox -s compare -- 0.28.1 ../httpx --fresh          from cells that run now
    nox -s compare -- 0.12.1 latest --accepted accepted.toml --fail-on removal,behaviour
    """
    kit(session, "compare", *session.posargs)


@nox.session(venv_backend="none")
def accept(session: nox.Session) -> None:
    """Fold the newest records into snapshots/: what was seen is what is expected from now on."""
    kit(session, "accept", *session.posargs)


@nox.session(venv_backend="none")
def advisory(session: nox.Session) -> None:
    """Print which of the advisory's claims hold, with the evidence, and the advice that follows."""
    kit(session, "advisory", *session.posargs)


@nox.session(venv_backend="none")
def changelog(session: nox.Session) -> None:
    """Hold the changelogs to what was seen: claimed and not seen, seen and not mentioned."""
    kit(session, "changelog", *session.posargs)


@nox.session
def canary(session: nox.Session) -> None:
    """Promote or hold: drive a candidate beside stable, and judge; -- A B, and --help for the rest.

    nox -s canary -- 0.12.1 0.13.0                     serve the reproduction under both
    nox -s canary -- 0.28.1 httpx2 --service hardened --profile bursts
    nox -s canary -- --stable URL --candidate URL --contract FILE
    """
    session.install(*GROUPS["base"], *GROUPS["canary"])
    kit(session, "canary", *python(session), *session.posargs, interpreter="python")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what an upgrade costs or saves: -- RELEASE..., as ratios to the first; --help for the rest."""
    session.install(*GROUPS["base"], *GROUPS["canary"])
    kit(session, "bench", *python(session), *session.posargs, interpreter="python")


@nox.session
def downstream(session: nox.Session) -> None:
    """Run the tests of your project under releases: what breaks, since when, why; -- PATH, and --help.

    nox -s downstream -- ../service                    from what it pins or locks to the newest release
    nox -s downstream -- openai==1.54.0 --to 0.28.1 --bisect
    nox -s downstream -- . --from 0.27.2 --to httpx2 --sweep --command "make test"
    """
    session.install(*GROUPS["base"], *GROUPS["downstream"])
    kit(session, "downstream", *python(session), *session.posargs, interpreter="python")


@nox.session
def usage(session: nox.Session) -> None:
    """Say which changes between two releases touch a project's code: -- PATH A B, and --help for the rest.

    nox -s usage -- ../project 0.27.2 0.28.1           read it, and run nothing of it
    nox -s usage -- openai==1.54.0 0.27.2 latest --format markdown --output usage.md
    """
    session.install(*GROUPS["base"], *GROUPS["downstream"], *GROUPS["usage"])
    kit(session, "usage", *python(session), *session.posargs, interpreter="python")


@nox.session
def releases(session: nox.Session) -> None:
    """Add new releases from the index to repro/releases.toml; -- --check only says what is missing."""
    session.install(*GROUPS["base"], *GROUPS["releases"])
    kit(session, "releases", *session.posargs, interpreter="python")


@nox.session(name="kit")
def kit_tests(session: nox.Session) -> None:
    """Run the kit's own tests, without the network, and measure their branch coverage."""
    session.install(*GROUPS["base"], *GROUPS["canary"], *GROUPS["downstream"], *GROUPS["usage"], *GROUPS["tests"])
    # A third of what they do is wait, so one worker more than there are cores keeps these busy.
    workers = str((os.cpu_count() or 1) + 1)
    session.run("python", "-m", "coverage", "run", "-m", "pytest", "-n", workers, *session.posargs)
    session.run("python", "-m", "coverage", "combine", "--quiet")
    session.run("python", "-m", "coverage", "report")


@nox.session
def end_to_end(session: nox.Session) -> None:
    """Run what is tried whole: runs of nox, the jobs of CI from clean clones, the plugin in other projects."""
    session.install(*GROUPS["base"], *GROUPS["canary"], *GROUPS["downstream"], *GROUPS["usage"], *GROUPS["tests"])
    session.run("python", "-m", "pytest", "tests/end_to_end", "-n", "auto", *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """Try the web page in headless Chromium; -- --pictures takes its pictures."""
    session.install(*GROUPS["browser"])
    session.run("python", "-m", "pytest", "tests/browser", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types and the files of CI."""
    session.install(
        *GROUPS["base"], *GROUPS["canary"], *GROUPS["downstream"], *GROUPS["usage"], *GROUPS["tests"], *GROUPS["lint"]
    )
    workflows = [str(path) for path in sorted(Path(".github/workflows").glob("*.yml"))]
    actions = [str(path) for path in sorted(Path(".github/actions").glob("*/action.yml"))]
    cells, pipeline = (str(Path(session.create_tmp()) / name) for name in ("cells.json", "cells.yml"))
    with Path(cells).open("w", encoding="utf-8") as file:
        session.run("nox", "--list", "--json", "-s", "cell", "-P", "3.12", stdout=file)
    session.run("python", "-m", "repro.kit", "ci", "groups", "--cells", cells, "--gitlab", pipeline)
    session.run("actionlint", *workflows)
    for schema, checked in (
        ("github-workflows", workflows),
        ("github-actions", actions),
        ("gitlab-ci", [".ci/gitlab.yml", pipeline]),
    ):
        session.run("check-jsonschema", "--builtin-schema", schema, *checked)
    session.run("zizmor", "--offline", "--quiet", "--min-severity", "medium", ".github")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session(venv_backend="none")
def ci(session: nox.Session) -> None:
    """Run a step of CI here: -- STEP, as groups, merge, workflows; --help for all of them."""
    kit(session, "ci", *session.posargs)


@nox.session(venv_backend="none")
def throughput(session: nox.Session) -> None:
    """Measure what a cell costs, by part and area; -- RELEASE... chooses which, --warm keeps built environments."""
    kit(session, "throughput", *session.posargs)


@nox.session(venv_backend="none")
def latency(session: nox.Session) -> None:
    """Measure how long comparisons and the report take; -- --times N."""
    kit(session, "latency", *session.posargs)


@nox.session(venv_backend="none")
def coverage(session: nox.Session) -> None:
    """Measure what of httpx 0.28.1 the behaviours reach; -- RELEASE --fail-under PERCENT."""
    kit(session, "coverage", *python(session), *session.posargs)


@nox.session
def certificates(session: nox.Session) -> None:
    """Make the certificates of the loopback servers anew."""
    session.install(*GROUPS["base"], *GROUPS["certificates"])
    kit(session, "certificates", interpreter="python")


def kit(session: nox.Session, *arguments: str, interpreter: str = sys.executable) -> None:
    """Run a verb of the kit: what nox runs also runs without it."""
    session.run(interpreter, "-m", "repro.kit", *arguments, external=True, log=False)


def python(session: nox.Session) -> list[str]:
    """The Python that nox was told to use, if it was told."""
    return ["--python", str(session.python)] if session.python else []


def leave(run: Path) -> None:
    """End with the code that the kit's verbs came to: nox itself knows 0 and 1, and the kit has four."""
    codes = (
        {line.split()[1] for line in (run / "codes").read_text().splitlines()} if (run / "codes").exists() else set()
    )
    shutil.rmtree(run, ignore_errors=True)
    for code in ("3", "2"):
        if code in codes:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(code))


# The first to load this file is the run; the workers that nox starts inherit it.
if "REPRO_RUN" not in os.environ:
    os.environ["REPRO_RUN"] = tempfile.mkdtemp(prefix="httpx-upgrade-")
    atexit.register(leave, Path(os.environ["REPRO_RUN"]))
