"""Builds the environments that cells run in, with uv, and keeps them.

An environment is named after everything that went into it, so a second run finds it finished; it is marked finished
last, so an interrupted build is built again; and whoever comes second while it is being built waits.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from repro import files
from repro.kit import process, uv_settings
from repro.problem import Problem
from repro.release import Checkout, Release

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from repro.release import Releases, Subject

#: How often an install is tried when the index cannot be reached, and the seconds waited before each further try.
BACK_OFF = (1.0, 3.0)

# What uv says when the trouble is the way to the index and not the packages (uv 0.9 to 0.13).
_UNREACHABLE = re.compile(
    r"error sending request|dns error|tcp connect error|failed to fetch|connection (refused|reset)|operation timed out"
    r"|request failed after|could not connect|network (is )?unreachable|temporary failure in name resolution",
    re.IGNORECASE,
)

# What uv may see of its surroundings: where the packages are and how to get there. Whatever would change which
# packages are chosen stays outside.
_UV_SEES = re.compile(
    r"PATH|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|SYSTEMROOT|TMPDIR|TEMP|TMP|LANG|XDG_.*|(https?|all|no)_proxy"
    r"|SSL_CERT_(FILE|DIR)|SSL_CLIENT_CERT|NETRC|PYENV_ROOT|CC|CFLAGS"
    r"|UV_(INDEX.*|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS|CACHE_DIR|OFFLINE|NATIVE_TLS|SYSTEM_CERTS|INSECURE_HOST"
    r"|HTTP_TIMEOUT|HTTP_RETRIES|KEYRING_PROVIDER|LINK_MODE|CONCURRENT_.*|PYTHON_INSTALL_DIR)",
    re.IGNORECASE,
)


# What uv puts before a line of an error.
_MARK = re.compile(r"^(?:(?:error|cause|hint)\b[:\s]*|[^\w\s'\"`(]+\s+)+", re.IGNORECASE)

# How much of uv's words makes a reason: its first line and its last two, in characters, and of what it says before them
# the last clauses that say what depends on what.
_REASON = 400
_CLAUSES = 2
_DEPENDS = re.compile(r"\S+ depends on [^,]+?(?=,| and |$)")


class NotBuilt(Exception):
    """An environment that cannot be built.

    Args:
        reason: Why, as one line without paths of this machine.
        passing: Whether the way to the index was the trouble, so that another try may succeed.
    """

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing


@dataclass(frozen=True)
class Plan:
    """Everything that goes into an environment.

    Attributes:
        name: What a person calls it.
        python: The Python, as uv finds it: `3.12`, or the path of an interpreter.
        requirements: What is installed, as uv is told: requirements, and options that name some.
        cutoff: Nothing uploaded after this is seen.
        overrides: Requirements that replace what metadata asks for.
        sdists: Distributions built from source although there is a wheel.
        exempt: Distributions that the cut-off does not concern; as NAME=DATE, those that have one of their own.
        known: The reason why this cannot be installed, where it is known.
        kept: Whether a finished environment serves again; a checkout's does not, for its code may have moved.
        beneath: An environment whose packages are found after its own, shared by every plan that names it.
        optional: An environment whose packages it is told of and does not find by itself, shared as well. It is built
            beside this one, so it is not in its name.
        constraints: Requirements that hold versions and install nothing.
        variables: Environment variables that the build of what is installed sees.
    """

    name: str
    python: str
    requirements: tuple[str, ...]
    cutoff: str
    overrides: tuple[str, ...] = ()
    sdists: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    known: str | None = None
    kept: bool = True
    beneath: Plan | None = None
    optional: Plan | None = None
    constraints: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def folder(self) -> str:
        """The name of the environment's folder; equal plans have equal names."""
        digest = hashlib.sha256(json.dumps(self.contents, sort_keys=True).encode()).hexdigest()
        return f"{self.name}-{digest[:10]}"

    @property
    def contents(self) -> dict[str, Any]:
        """Everything that goes into the environment itself, as plain values.

        What cells have no use for is left out where there is none, so that their environments keep their names.
        """
        unused = {"optional"} | {name for name in ("constraints", "variables") if not getattr(self, name)}
        return asdict(self, dict_factory=lambda pairs: {name: value for name, value in pairs if name not in unused})


def plan(subject: Subject, python: str, minor: str, releases: Releases) -> Plan:
    """What the environment of a cell consists of.

    Args:
        subject: The release or checkout under test.
        python: The Python, as uv finds it.
        minor: The same Python as `3.12`.
        releases: The release data.
    """
    release = subject if isinstance(subject, Release) else _nearest(subject, releases)
    rules = releases.rules_for(release, minor)
    kept = isinstance(subject, Release)
    extras = sorted({extra for rule in rules for extra in rule.extras})
    without = {name for rule in rules for name in rule.without}
    optional = tuple(requirement for rule in rules for requirement in rule.optional)
    name = release.distribution + (f"[{','.join(extras)}]" if extras else "")
    if isinstance(subject, Release):
        wanted = f"{name}=={release.version}"
    else:
        place = subject.source if "://" in subject.source else Path(subject.source).as_uri()
        wanted = f"{name} @ {place}"
    return Plan(
        name=f"{subject.slug}-py{minor}",
        python=python,
        requirements=(wanted, *(r for rule in rules for r in rule.install)),
        # The release is under test, so nothing a companion's metadata says about it counts. An override replaces the
        # requirement itself as well, so it names the extras again.
        overrides=(wanted, *(r for rule in rules for r in rule.override)),
        sdists=tuple(s for rule in rules for s in rule.sdist),
        cutoff=releases.cutoff,
        exempt=(release.distribution, *releases.line(release.distribution).lockstep),
        # What is known about a release is not known about code that was never released.
        known=next((rule.reason for rule in rules if kept and rule.outcome == "not-installable"), None),
        kept=kept,
        # The service and what observes it are the same in every cell: installed once and compiled once, they cost a
        # cell nothing, and the release's own packages come first.
        beneath=Plan(
            f"harness-py{minor}",
            python,
            tuple(entry for entry in releases.harness if Requirement(entry).name not in without),
            cutoff=releases.cutoff,
        ),
        optional=Plan(f"optional-py{minor}", python, optional, cutoff=releases.cutoff) if optional else None,
    )


def _nearest(checkout: Checkout, releases: Releases) -> Release:
    """The newest release of the line that a checkout belongs to: what it needs beside itself is most like that."""
    name = Path(checkout.source.partition("@")[0].removesuffix(".git")).name
    project = Path(checkout.source) / "pyproject.toml"
    if project.is_file():
        try:
            name = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {}).get("name", name)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Problem(
                f"{project} is damaged: {error}.", "Give RELEASES a checkout that can be installed."
            ) from None
    return releases.newest(name if name in releases.lines else next(iter(releases.lines)))


def build(wanted: Plan, root: Path, *, say: Callable[[str], None] = lambda _: None) -> Path:
    """Build an environment, or find it built.

    Args:
        wanted: What goes into it.
        root: The folder of environments.
        say: Told about waiting and trying again.

    Returns:
        The environment's interpreter.

    Raises:
        NotBuilt: It cannot be built; nothing of that is kept as an answer.
    """
    interpreter = _built(wanted, root, say)
    _tell(root / wanted.folder / files.OPTIONAL, build(wanted.optional, root, say=say) if wanted.optional else None)
    return interpreter


def _built(wanted: Plan, root: Path, say: Callable[[str], None]) -> Path:
    """The environment itself, built or found built; arguments as `build`."""
    folder = root / wanted.folder
    finished = folder / "finished"
    interpreter = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    beneath = build(wanted.beneath, root, say=say) if wanted.beneath else None
    if wanted.kept and finished.is_file() and interpreter.exists():
        return interpreter
    from filelock import FileLock  # a cell whose environment is there starts sooner without

    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / f"{wanted.folder}.lock"):
        if wanted.kept and finished.is_file() and interpreter.exists():
            return interpreter
        shutil.rmtree(folder, ignore_errors=True)
        _attempt(["venv", "--no-project", "--python", wanted.python, str(folder)], wanted, say)
        files.write(folder / "overrides.txt", "\n".join(wanted.overrides) + "\n")
        files.write(folder / "constraints.txt", "\n".join(wanted.constraints) + "\n")
        _attempt(_install(wanted, folder, interpreter), wanted, say)
        if beneath:
            own = packages(interpreter)
            # From one to the other, so that both are found where the folder of the kit has been moved.
            (own / "beneath.pth").write_text(f"{os.path.relpath(packages(beneath), own)}\n", encoding="utf-8")
        files.write(finished, json.dumps(wanted.contents, indent=1) + "\n")
    return interpreter


def resolved(wanted: Plan, scratch: Path) -> dict[str, str]:
    """What an install would have brought, without making it: version by normalised name.

    Args:
        wanted: What would be installed; each of its requirements is a line of a file of requirements.
        scratch: A folder for the lists that uv reads and writes.

    Raises:
        NotBuilt: It cannot be met, with the conflict.
    """
    listed, held, found = (scratch / name for name in ("wanted.txt", "held.txt", "found.txt"))
    # uv keeps to what an earlier answer says, where there is one.
    found.unlink(missing_ok=True)
    files.write(listed, "\n".join(wanted.requirements) + "\n")
    files.write(held, "\n".join(wanted.constraints) + "\n")
    arguments = ["pip", "compile", str(listed), "--python", wanted.python, "--exclude-newer", wanted.cutoff]
    for name in wanted.exempt:
        arguments += ["--exclude-newer-package", name]
    arguments += ["--constraints", str(held), "--no-sources", "--no-header", "--no-annotate"]
    _attempt([*arguments, "--output-file", str(found)], wanted, lambda _: None)
    pins = (line.partition("==") for line in found.read_text(encoding="utf-8").splitlines() if "==" in line)
    return {canonicalize_name(name.partition("[")[0].strip()): version.partition(" ")[0] for name, _, version in pins}


def _tell(path: Path, optional: Path | None) -> None:
    """Tell an environment where its optional packages are, from their interpreter, or that it has none.

    Checkouts of the kit may share their environments, so it is told every time, and only when it is news.
    """
    told = f"{packages(optional)}\n" if optional else ""
    if told != (path.read_text(encoding="utf-8") if path.is_file() else ""):
        files.write(path, told)


def packages(interpreter: Path) -> Path:
    """The folder of packages of an environment, from its interpreter."""
    (found,) = interpreter.parents[1].glob("[Ll]ib/**/site-packages")
    return found


def installed(interpreter: Path) -> dict[str, str]:
    """The versions of what is installed in an environment, by normalised name."""
    from importlib import metadata  # as above

    found = metadata.distributions(path=[str(packages(interpreter))])
    return {canonicalize_name(each.name): each.version for each in found}


def _install(wanted: Plan, folder: Path, interpreter: Path) -> list[str]:
    """The arguments of the install."""
    arguments = ["pip", "install", "--python", str(interpreter), "--override", str(folder / "overrides.txt")]
    arguments += ["--exclude-newer", wanted.cutoff]
    if wanted.constraints:
        arguments += ["--constraints", str(folder / "constraints.txt")]
    for name in wanted.exempt:
        arguments += ["--exclude-newer-package", name if "=" in name else f"{name}=9999-01-01T00:00:00Z"]
    for name in wanted.sdists:
        arguments += ["--no-binary", name]
    if not wanted.kept:
        # Not --refresh, which uv refuses where it is offline.
        for name in wanted.exempt:
            arguments += ["--reinstall-package", name]
    return [*arguments, *wanted.requirements]


def _attempt(arguments: Sequence[str], wanted: Plan, say: Callable[[str], None]) -> None:
    """Run uv; again when the index could not be reached, and at last on what its cache holds."""
    for pause in (*BACK_OFF, None):
        done = _uv(arguments, dict(wanted.variables))
        if done.code == 0:
            return
        if not _UNREACHABLE.search(done.output):
            raise NotBuilt(wanted.known or reason(done.output))
        if pause is not None:
            say(f"{wanted.name}: the index could not be reached, trying again in {pause:g} s")
            time.sleep(pause)
    if _uv([*arguments, "--offline"], dict(wanted.variables)).code != 0:
        raise NotBuilt(
            f"the package index could not be reached in {len(BACK_OFF) + 1} tries ({reason(done.output)}); "
            "check the network and run nox again",
            passing=True,
        )
    say(f"{wanted.name}: the index could not be reached; built from uv's cache")


def _uv(arguments: Sequence[str], variables: Mapping[str, str]) -> process.Ended:
    """Run uv quietly, in surroundings that cannot change what it chooses."""
    seen = {name: value for name, value in os.environ.items() if _UV_SEES.fullmatch(name)}
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "uv.toml"
        settings.write_text(uv_settings.read(os.environ, Path.cwd()), encoding="utf-8")
        return process.run(
            [uv(), *arguments, "--config-file", str(settings), "--quiet", "--no-progress", "--color", "never"],
            env={**seen, **variables, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"},
        )


def uv() -> str:
    """The uv that came with nox, or the one on the path.

    Raises:
        Problem: There is none.
    """
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        raise Problem("There is no uv to build environments with.", "Install it with: pip install 'nox[uv]'", code=3)
    return found


def reason(output: str) -> str:
    """What uv said, as one line without paths of this machine: its last words, and what depends on what before them."""
    lines = [_MARK.sub("", line.strip()).strip() for line in output.splitlines()]
    said = [line for line in lines if line]
    ends = [*said[:1], *said[-2:]]
    depends = [clause for clause in _DEPENDS.findall(" ".join(said)) if clause not in " ".join(ends)]
    text = " ".join(dict.fromkeys([*ends[:1], *(f"{clause}." for clause in depends[-_CLAUSES:]), *ends[1:]]))
    text = text or "uv said nothing"
    text = re.sub(r"(file://)?/(?:[^\s/:'\"`]+/)+", "", text)
    return text if len(text) <= _REASON else text[: _REASON - 3] + "..."
