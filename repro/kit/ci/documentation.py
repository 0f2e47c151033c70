"""Holds the README to what its commands do: each command that it shows is run, and its output is the one that is shown.

A command is a line of an indented block, or in code style, that begins with a program; its output is the block of text
that follows. `documentation.toml` says of each what is expected of it, or why it is not run.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from repro.problem import Problem
from repro.release import check_format

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA = Path(__file__).with_name("documentation.toml")
FORMAT = 1

_COMMAND = re.compile(r"(?:[A-Z_]+=(?:\"[^\"]*\"|\S+) )*(?:nox(?: .*)?|(?:pip|pytest|python -m|waitress-serve) .+)")
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_NUMBER = re.compile(r"\d[\d.,]*")
_COMMENT = re.compile(r"\s{2,}# .*$")


@dataclass(frozen=True)
class Shown:
    """A command that a document shows.

    Attributes:
        command: The command.
        output: The output that is shown for it; None where none is.
        line: The number of its line.
    """

    command: str
    output: str | None
    line: int


@dataclass(frozen=True)
class Check:
    """What is expected of a command.

    Attributes:
        command: The command, as it is shown.
        run: What is run in its place, where the command itself cannot be.
        code: Its exit code.
        figures: Whether figures may be others than those that are shown, as times are.
        skip: Why it is not run; None where it is.
    """

    command: str
    run: str | None = None
    code: int = 0
    figures: bool = False
    skip: str | None = None


def shown(text: str) -> list[Shown]:
    """The commands that a document shows, each once, in order.

    Args:
        text: The document, as Markdown.
    """
    found: dict[str, Shown] = {}
    last: str | None = None
    fence: str | None = None
    block: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if fence is None and line.startswith("```"):
            fence, block = line[3:], []
        elif fence is not None and line.startswith("```"):
            if fence == "text" and last and found[last].output is None:
                found[last] = Shown(last, "\n".join(block), found[last].line)
            fence, last = None, None
        elif fence is not None:
            block.append(line)
        else:
            last = None if line.startswith("#") else last
            indented = line.startswith("    ")
            said = [_COMMENT.sub("", line.strip())] if indented else _INLINE.findall(line)
            for command in said:
                if _COMMAND.fullmatch(command):
                    found.setdefault(command, Shown(command, None, number))
                    last = command if indented else last
    return list(found.values())


def checks(path: Path = DATA) -> list[Check]:
    """What is expected of each command.

    Raises:
        Problem: The data is damaged, too old or too new.
    """
    mend = f"Restore it with: git checkout -- repro/kit/ci/{path.name}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        check_format(data.get("format"), FORMAT, f"The data {path}", mend)
        return [Check(**entry) for entry in data["command"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(f"The data {path} is damaged: {error}.", mend) from None


def gaps(found: Sequence[Shown], known: Sequence[Check]) -> list[str]:
    """What a document and the data do not have in common, each as a sentence."""
    commands = {one.command for one in found}
    kept = {check.command for check in known}
    return [
        *(
            f"line {one.line} shows {one.command!r}, of which nothing is expected"
            for one in found
            if one.command not in kept
        ),
        *(f"{check.command!r} is not shown any more" for check in known if check.command not in commands),
    ]


def differs(wanted: str, printed: str, *, figures: bool = False) -> str | None:
    """The first part of an output that is shown and was not printed; None where all of it was, in order.

    Lines may be broken elsewhere, and `...` stands for anything; so does what is before the shown part, and after it.

    Args:
        wanted: What is shown.
        printed: What was printed.
        figures: Whether figures may be others.
    """
    words = _words(printed, figures=figures)
    place = 0
    for part in re.split(r"(?m)^\s*\.\.\.\s*$", wanted):
        asked = _words(part, figures=figures)
        starts = range(place, len(words) - len(asked) + 1)
        start = next((start for start in starts if words[start : start + len(asked)] == asked), None)
        if start is None:
            return _nearest(asked, words[place:])
        place = start + len(asked)
    return None


def tried(check: Check, wanted: str | None, root: Path, timeout: float) -> str | None:
    """Run a command: how it differs from what is shown, or None where it does not.

    Args:
        check: What is expected of it.
        wanted: The output that is shown; None where none is.
        root: The checkout that it runs in.
        timeout: Seconds that it may take.
    """
    # As a person runs it: outside of the run of nox that this may be a part of, on a line as wide as the README's.
    env = {name: value for name, value in os.environ.items() if name not in {"REPRO_RUN", "RELEASES", "CI"}}
    env |= {"COLUMNS": "100", "NO_COLOR": "1"}
    command = check.run or check.command
    with subprocess.Popen(
        ["bash", "-c", command],  # noqa: S607 - the shell of the machine
        cwd=root,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            printed, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return f"took longer than {timeout:.0f} seconds"
    if process.returncode != check.code:
        last = "\n".join(f"  {line}" for line in printed.splitlines()[-10:])
        return f"exits with {process.returncode}, and {check.code} is expected:\n{last}"
    part = differs(wanted, printed, figures=check.figures) if wanted is not None else None
    return f"does not print: {part}" if part else None


def _nearest(asked: list[str], words: list[str]) -> str:
    """Of words that were not printed together, the first that break off where they fit longest."""
    longest = 0
    for start, word in enumerate(words):
        if word == asked[0]:
            fits = next(
                (n for n, (a, b) in enumerate(zip(asked, words[start:], strict=False)) if a != b), len(asked) - 1
            )
            longest = max(longest, fits)
    return " ".join(asked[max(longest - 5, 0) : longest + 6])


def _words(text: str, *, figures: bool) -> list[str]:
    words = re.sub(r"\x1b\[[0-9;]*m", "", text).split()
    return [_NUMBER.sub("0", word) for word in words] if figures else words
