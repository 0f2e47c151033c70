"""The answer to a pull request: what changes for a project whose httpx it moves, as a comment and an exit code.

From and to are read from the locks of both sides where they are not given; nothing of the project is run or imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from repro.epochs import Epochs
from repro.kit import acceptance, catalogue, comparison, locks
from repro.kit.report import document, markdown
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from repro.release import Release, Releases

_BENEATH = (
    "The release of {} stays, and what is beneath it moves. What is stored was seen with one version of that, so "
    "what it changes is not known here."
)


@dataclass(frozen=True)
class Answer:
    """What is said of a pull request.

    Attributes:
        before: The release that it comes from; None where it moves nothing.
        after: The release that it goes to; None where it moves nothing.
        said: Where the move was read, or that there is none, as Markdown.
        code: The exit code: 1 where something changes that is not accepted.
        body: The document of the comparison; None where there was nothing to compare.
    """

    before: Release | None
    after: Release | None
    said: str
    code: int
    body: dict[str, Any] | None = None

    @property
    def moved(self) -> bool:
        """Whether httpx, or what is beneath it, moves."""
        return self.after is not None


def comment(said: str, body: dict[str, Any] | None, parts: Sequence[str] = (), *, limit: int = markdown.LIMIT) -> str:
    """The answer as the comment of a pull request: what was found in the project, what changes, where it was read.

    Args:
        said: Where the move was read, or that there is none.
        body: The document of the comparison; None where there was nothing to compare.
        parts: What its own tests showed and which of its lines are touched, as Markdown.
        limit: The most characters that it may have. The comparison is told shorter to keep within it; of what was found
            in the project, what is beyond half of it is said to be left out.
    """
    most = limit // (2 * len(parts)) if parts else 0
    told = [_at_most(part, most) for part in parts]
    left = limit - sum(len(part) + 1 for part in told) - len(said) - 2
    compared = markdown.markdown(body, limit=left) if body else ""
    return "\n".join(part for part in (*told, compared, said) if part)


def _at_most(text: str, most: int) -> str:
    """A text that ends with a line, and says what it leaves out."""
    if len(text) <= most:
        return text
    return f"{text[:most].rpartition(chr(10))[0]}\n\nThe rest is in the summary of its job.\n"


@dataclass(frozen=True)
class Question:
    """What is asked about a project.

    Attributes:
        project: The folder of the project, as the pull request leaves it.
        base: The same before it; None where there is no pull request.
        before: The release to come from, as a person writes it; empty for what the base is at.
        after: The release to go to; empty for what the project is at, or the newest where there is no base.
        accepted: The file of accepted changes, from the folder of the project; empty for none.
        fail_on: The kinds of change that fail.
    """

    project: Path
    base: Path | None = None
    before: str = ""
    after: str = ""
    accepted: str = ""
    fail_on: Sequence[str] = comparison.HURTS


def answer(question: Question, snapshots: Path, releases: Releases) -> Answer:
    """Answer what changes for a project.

    Args:
        question: What is asked.
        snapshots: Where what was seen is stored.
        releases: The release data.

    Raises:
        Problem: The project, its locks or its accepted changes cannot be read, or a release is none.
    """
    move = _move(question, releases)
    if move is None:
        return Answer(None, None, "httpx does not move here, and nothing beneath it.\n", 0)
    said = _said(move)
    if move.before == move.after:
        return Answer(move.before, move.after, f"## {_code(str(move.after))}\n\n{said}", 0)
    store, known = Epochs(snapshots, releases), catalogue.read(snapshots)
    sides = [comparison.stored(release, store, known) for release in (move.before, move.after)]
    found = comparison.compare(sides[0], sides[1], store, known, releases)
    accepted = acceptance.read(question.project / question.accepted, releases) if question.accepted else []
    today = datetime.now().astimezone().date()
    judged = acceptance.judge(found, accepted, fail_on=question.fail_on, area=None, today=today)
    body = document.document(found, judged)
    return Answer(move.before, move.after, said, judged.code, body)


def _move(question: Question, releases: Releases) -> locks.Move | None:
    """What moves: as given, else as the locks of both sides say."""
    if question.before and question.after:
        return locks.Move(releases.parse(question.before), releases.parse(question.after), ("as given", "as given"))
    if question.base and not question.base.is_dir():
        return None  # the project begins here
    if question.base and not question.before and not question.after:
        return locks.moved(question.base, question.project, releases=releases)
    before = (releases.parse(question.before), "as given") if question.before else None
    after = (releases.parse(question.after), "as given") if question.after else None
    # Where only one side is given, the other is what the project is at: the base to come from, the head to go to.
    before = before or _at(question.base or question.project, releases)
    if after is None and question.base:
        after = _at(question.project, releases)
    after = after or (releases.newest(before[0].distribution), "the newest release")
    return locks.Move(before[0], after[0], (before[1], after[1])) if before[0] != after[0] else None


def _at(folder: Path, releases: Releases) -> tuple[Release, str]:
    """The release that a project is at, and where that is said."""
    found = locks.at(folder, releases=releases)
    if found is None:
        raise Problem(f"{folder} has no httpx in its locks and requirements.", "Say the releases: --from and --to.")
    return found


def _said(move: locks.Move) -> str:
    """Where the move was read, and what moves beneath it."""
    lines = [f"From {_code(move.where[0])} to {_code(move.where[1])}."] if move.before != move.after else []
    lines += [
        f"- {_code(name)}: {_code(before or 'none')} → {_code(after or 'none')}"
        for name, (before, after) in move.beneath.items()
    ]
    lines += [f"- {_code(sentence)}" for sentence in move.disagreements]
    if move.before == move.after:
        lines += ["", _BENEATH.format(move.after.distribution)]
    return "".join(f"{line}\n" for line in lines)


def _code(text: str) -> str:
    """A name, a version or a place of the project, none of which is markup here."""
    return "`" + " ".join(text.replace("`", "'").split())[:300] + "`"
