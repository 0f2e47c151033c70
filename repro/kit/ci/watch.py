"""The night's watch: new releases become one pull request, and a night that fails becomes one issue.

Two jobs, so that what runs a release that nobody has seen yet may write nothing. The first runs the new releases and
leaves a proposal: a patch, a title and a text. The second applies the patch to a clean checkout, and speaks to GitHub.
"""

from __future__ import annotations

import base64
import os
import subprocess
import tomllib
from typing import TYPE_CHECKING

from repro.kit import notes, phrasing
from repro.problem import Problem
from repro.release import Releases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from repro.epochs import Epochs
    from repro.kit.ci.forge import Forge
    from repro.record import Record
    from repro.release import Release

BRANCH = "watch/releases"

#: Who commits what the watch proposes, as GitHub shows its own.
NAME, ADDRESS = "github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com"

_MARK = "<!-- httpx-upgrade-kit: watch -->"
_ISSUE = "The watch over new releases fails"

#: What the watch changes: nothing else of a checkout is part of a proposal.
_PATHS = ("repro/releases.toml", "snapshots")


def new(root: Path, releases: Releases) -> list[Release]:
    """The releases that the release data of a checkout has and did not have when it was committed.

    Args:
        root: The checkout.
        releases: The release data, with what the watch added.
    """
    committed = Releases(tomllib.loads(_git(root, "show", "HEAD:repro/releases.toml")))
    known = set(committed.all)
    return [release for release in releases.all if release not in known]


def title(found: Sequence[Release]) -> str:
    """What a proposal is about, in a line.

    Args:
        found: The new releases.
    """
    names = [str(release) for release in found]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 - more make a title too long
    return f"Watch: {', '.join(names[:3])}{more}"


def text(found: Sequence[Release], records: Sequence[Record], store: Epochs, releases: Releases) -> str:
    """What a proposal says: what became of each new release, what it changes, and the notes that are to be written.

    Args:
        found: The new releases.
        records: The records of their cells.
        store: The stored epochs, with what they changed.
        releases: The release data, with the new releases.
    """
    ran = {record.release: record for record in records}
    lines = ["New on the index:", ""]
    for release in found:
        record = ran.get(release)
        became = "not run" if record is None else record.outcome
        why = f": {' '.join((record.reason or '').split())}" if record and record.outcome != "ran" else ""
        lines.append(f"- `{release}`: {became}{why.replace('`', chr(39))}")
    wanted = [
        (release, name)
        for release, names in notes.changes(store, releases).items()
        if release in set(found)
        for name in names
        if name not in notes.read(store, release)
    ]
    if wanted:
        lines += ["", f"To be written: {phrasing.count(len(wanted), 'note')}, in `snapshots/<release>/notes.toml`.", ""]
        lines += [f"- [ ] `{name}` at `{release}`" for release, name in wanted]
    else:
        lines += ["", "They change nothing that is asked, so there is no note to write."]
    return "\n".join(lines) + "\n"


def patch(root: Path) -> str:
    """What the watch changed in a checkout, as a patch.

    Raises:
        Problem: It changed nothing.
    """
    _git(root, "add", "--all", *[path for path in _PATHS if (root / path).exists()])
    made = _git(root, "diff", "--cached", "--binary", "HEAD", "--", *_PATHS)
    if not made:
        raise Problem("Nothing was changed, so there is nothing to propose.", "Add what is new: nox -s releases")
    return made


def push(root: Path, made: Path, message: str, environ: Mapping[str, str]) -> str:
    """Commit a patch on the branch of the watch, and push it, unless somebody else works on that branch.

    Args:
        root: A clean checkout with its history, whose `origin` is where the branch goes.
        made: The patch.
        message: What the commit says.
        environ: The environment, with the token.

    Returns:
        `pushed`, `same` where the branch holds just that, or `kept` where somebody else has committed to it.

    Raises:
        Problem: git refused.
    """
    base = _git(root, "rev-parse", "HEAD").strip()
    there = _git(root, "ls-remote", "origin", f"refs/heads/{BRANCH}", environ=environ).split()
    if there:
        _git(root, "fetch", "--quiet", "origin", f"refs/heads/{BRANCH}", environ=environ)
        if set(_git(root, "log", "--format=%ae", "FETCH_HEAD", f"^{base}").split()) - {ADDRESS}:
            return "kept"
    _git(root, "checkout", "--quiet", "-B", BRANCH)
    # The patch was made beside a release that nobody had seen: nothing else of it is taken.
    _git(root, "apply", "--index", *[f"--include={path}" for path in _PATHS], f"--include={_PATHS[1]}/*", str(made))
    _git(root, "commit", "--quiet", "--message", message)
    if there and not _git(root, "diff", "--name-only", "FETCH_HEAD", "HEAD"):
        return "same"
    _git(root, "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{BRANCH}", environ=environ)
    return "pushed"


def propose(forge: Forge, base: str, said: str, body: str) -> str:
    """Open the pull request of the watch, or edit the one that is open.

    Args:
        forge: The repository.
        base: The branch that it goes into.
        said: Its title.
        body: Its text.

    Returns:
        `opened`, `edited`, or `nothing` where it says that already.

    Raises:
        Problem: The API refused, or could not be reached.
    """
    owner = forge.repository.partition("/")[0]
    for entry in forge.every(f"pulls?state=open&head={owner}:{BRANCH}"):
        if (entry["title"], (entry["body"] or "").replace("\r\n", "\n")) == (said, body):
            return "nothing"
        forge.call("PATCH", f"pulls/{entry['number']}", {"title": said, "body": body})
        return "edited"
    forge.call("POST", "pulls", {"title": said, "body": body, "head": BRANCH, "base": base})
    return "opened"


def night(forge: Forge, failing: Sequence[str], address: str) -> str:
    """Open or update the one issue about nights that fail; close it after one that does not.

    Args:
        forge: The repository.
        failing: The jobs that failed, each with what became of it.
        address: Where the run is looked at.

    Returns:
        `opened`, `edited`, `closed`, or `nothing` where there was nothing to do.

    Raises:
        Problem: The API refused, or could not be reached.
    """
    found = [entry for entry in forge.every("issues?state=open") if _is_ours(entry)]
    if not failing:
        for entry in found:
            forge.call("PATCH", f"issues/{entry['number']}", {"state": "closed", "state_reason": "completed"})
        return "closed" if found else "nothing"
    jobs = "".join(f"- {job}\n" for job in failing)
    body = f"{_MARK}\nThe last night failed: {address}\n\n{jobs}"
    if found:
        forge.call("PATCH", f"issues/{found[0]['number']}", {"body": body})
        return "edited"
    forge.call("POST", "issues", {"title": _ISSUE, "body": body})
    return "opened"


def _is_ours(entry: Mapping[str, object]) -> bool:
    user = entry["user"]
    assert isinstance(user, dict)
    return user["login"] == NAME and str(entry.get("body") or "").startswith(_MARK)


def _git(root: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> str:
    """What git says.

    Raises:
        Problem: It refused.
    """
    env = {
        **os.environ,
        "GIT_AUTHOR_NAME": NAME,
        "GIT_AUTHOR_EMAIL": ADDRESS,
        "GIT_COMMITTER_NAME": NAME,
        "GIT_COMMITTER_EMAIL": ADDRESS,
        "GIT_TERMINAL_PROMPT": "0",
    }
    if environ and environ.get("GITHUB_TOKEN"):
        # Through the environment: a command line is seen by every process of the machine.
        secret = base64.b64encode(f"x-access-token:{environ['GITHUB_TOKEN']}".encode()).decode()
        server = environ.get("GITHUB_SERVER_URL", "https://github.com")
        env |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{server}/.extraheader",
            "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {secret}",
        }
    done = subprocess.run(
        ["git", *arguments],  # noqa: S607 - the git of the machine
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise Problem(f"git {arguments[0]} refused: {last}", "Run the job again, from a clean checkout.", code=3)
    return done.stdout
