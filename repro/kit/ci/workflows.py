"""The files of CI, made from templates and data: `nox -s ci -- workflows`. Nobody edits what is made.

`templates/github/` is what `.github/` gets, and `templates/gitlab.yml` is `.ci/gitlab.yml`. A template is the file
itself, with two words that stand for data: `PINNED/name` is an action at the commit that `actions.toml` says, and
`PYTHONS` the Pythons of `releases.toml`.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro import files
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLDER = Path(__file__).parent
TEMPLATES = FOLDER / "templates"
_PINNED = re.compile(r"PINNED/([a-z-]+)")


def actions(path: Path = FOLDER / "actions.toml") -> dict[str, str]:
    """The actions that workflows use, by name: each at a commit, with its tag as a comment.

    Raises:
        Problem: The data is damaged.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["action"]
        return {entry["name"]: f"{entry['repository']}@{entry['commit']} # {entry['tag']}" for entry in entries}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(f"{path} is damaged: {error!r}.", f"Restore it with: git checkout -- {path.name}") from None


def made(pinned: Mapping[str, str], pythons: Sequence[str]) -> dict[str, str]:
    """Every file of CI: its text, by its path in the repository.

    Args:
        pinned: The actions, as `actions` reads them.
        pythons: The Pythons that the kit supports.

    Raises:
        Problem: A template uses an action that has no pin.
    """
    found = {}
    for path in sorted(TEMPLATES.rglob("*.yml")):
        place = path.relative_to(TEMPLATES)
        target = ".ci/gitlab.yml" if place.name == "gitlab.yml" else f".{place.as_posix()}"
        head = f"# Made from repro/kit/ci/templates/{place.as_posix()}, with: nox -s ci -- workflows\n"
        text = path.read_text(encoding="utf-8").replace("PYTHONS\n", f"{json.dumps(list(pythons))}\n")
        if unknown := set(_PINNED.findall(text)) - pinned.keys():
            raise Problem(f"{place} uses {min(unknown)}, which has no pin.", "Add it to repro/kit/ci/actions.toml.")
        found[target] = head + _PINNED.sub(lambda named: pinned[named[1]], text)
    return found


def stale(root: Path, texts: Mapping[str, str]) -> list[str]:
    """The files below `root` that are not what is made, or are missing, or are made no more."""
    folders = [root / ".github" / "workflows", root / ".github" / "actions"]
    there = {path.relative_to(root).as_posix() for folder in folders for path in folder.rglob("*.yml")}
    wrong = [path for path, text in texts.items() if not _is(root / path, text)]
    return sorted([*wrong, *(there - texts.keys())])


def write(root: Path, texts: Mapping[str, str]) -> list[str]:
    """Write what is stale below `root`, remove what is made no more, and say which files these were."""
    changed = stale(root, texts)
    for path in changed:
        if path in texts:
            files.write(root / path, texts[path])
        else:
            (root / path).unlink()
    return changed


def gitlab(path: Path = FOLDER / "gitlab.toml") -> dict[str, Any]:
    """What the jobs of GitLab's child pipeline have in common.

    Raises:
        Problem: The data is damaged.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: found[name] for name in ("pipeline", "group", "report")}
    except (OSError, ValueError, KeyError) as error:
        raise Problem(f"{path} is damaged: {error!r}.", f"Restore it with: git checkout -- {path.name}") from None


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text
