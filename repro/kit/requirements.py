"""Requirements files, as pip reads them: continuation lines, comments, markers, hashes, `-r` and `-c`.

`locks` reads a project with it. No maintained library reads these files without pip's own internals, and what is wanted
of them is little: each requirement with its place.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_COMMENT = re.compile(r"(^|\s+)#.*$")
_OPTION = re.compile(r"\s+--?[a-z]")
_OTHER_FILE = re.compile(r"(?:-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?<=-[rc]))(.+)")
_SCHEME = re.compile(r"[a-z+]+://|file:", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One requirement of a file.

    Attributes:
        requirement: What it asks for.
        where: The file, from the folder of the project, and the number of the line it starts on.
    """

    requirement: Requirement
    where: str


def lines(path: Path, folder: Path, inside: Path, seen: set[Path] | None = None) -> Iterator[Line]:
    """Every requirement of a file, and of the files that it names, each file once.

    What cannot be a pin is passed over: options, editable projects, local paths and bare URLs. A file that is named by
    a URL or lies outside of `inside` is not read.

    Args:
        path: The file.
        folder: The folder of the project, from which places are told.
        inside: The folder that files have to be in: the repository of the project.
        seen: The files that were read before.

    Raises:
        Problem: A file is missing or is no text, or a line is no requirement.
    """
    seen = set() if seen is None else seen
    if path.resolve() in seen:
        return
    seen.add(path.resolve())
    place = named(path, folder)
    for number, line in _joined(text(path, place)):
        where = f"{place}:{number}"
        if other := _OTHER_FILE.fullmatch(line):
            said = other[1].strip().strip("'\"")
            target = path.parent / said
            if _SCHEME.match(said) or not target.resolve().is_relative_to(inside.resolve()):
                continue
            if not target.is_file():
                raise Problem(f"{where} names {said!r}, and there is no such file.", f"Correct {where}.")
            yield from lines(target, folder, inside, seen)
        elif not line.startswith("-") and not _SCHEME.match(line) and not line.startswith((".", "/")):
            asked = _OPTION.split(line, maxsplit=1)[0].strip()
            try:
                yield Line(Requirement(asked), where)
            except InvalidRequirement:
                if "/" in asked or os.sep in asked or asked.endswith((".whl", ".zip", ".gz")):
                    continue  # a local path, which pip takes as well
                raise Problem(f"{where} is no requirement: {asked!r}.", f"Correct {where}.") from None


def named(path: Path, folder: Path) -> str:
    """A file as it is named in a sentence, from the folder of the project: on one line, whatever it is called."""
    place = os.path.relpath(path, folder)
    return "".join(character if character.isprintable() else "?" for character in place)


def text(path: Path, place: str) -> str:
    """The text of a file.

    Args:
        path: The file.
        place: How it is named where it cannot be read.

    Raises:
        Problem: It is no text, or is not to be read.
    """
    try:
        data = path.read_bytes()
        # PowerShell's `pip freeze > requirements.txt` writes UTF-16, and pip reads it.
        return data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        raise Problem(f"{place} cannot be read: {error}.", "Restore it.") from None


def _joined(content: str) -> Iterator[tuple[int, str]]:
    """The lines of a file without comments, continued ones as one, with the number of the first."""
    begun, parts = 0, list[str]()
    for number, line in enumerate(content.splitlines(), start=1):
        begun = begun if parts else number
        # A comment ends a continuation, also one that ends in a backslash.
        comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not comment:
            parts.append(line[:-1])
            continue
        whole = _COMMENT.sub("", "".join([*parts, "" if comment else line])).strip()
        parts = []
        if whole:
            yield begun, whole
    if whole := _COMMENT.sub("", "".join(parts)).strip():
        yield begun, whole
