"""The Python files of a project: read and parsed, and who is above whom in them. Nothing of them is run."""

from __future__ import annotations

import ast
import os
import re
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

#: Folders that hold what others wrote, or what a tool made.
_NOT_OURS = re.compile(r"\..*|.*\.egg-info|__pycache__|node_modules|site-packages|(virtual)?v?env|build|dist")

_TESTS = re.compile(r"tests?|testing|conftest\.py|test_.*\.py|.*_tests?\.py")


@dataclass(frozen=True)
class Broken:
    """A file that could not be read.

    Attributes:
        name: Its place in the project.
        line: The line at which it ends to be Python; 1 where it is no text.
        reason: Why.
    """

    name: str
    line: int
    reason: str


@dataclass(eq=False)
class Source:
    """A file of the project.

    Attributes:
        path: The file.
        name: Its place in the project, with slashes.
        text: What is in it.
        tree: The same, parsed.
    """

    path: Path
    name: str
    text: str
    tree: ast.Module
    _above: dict[ast.AST, ast.AST] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self._above[child] = node

    @property
    def of_tests(self) -> bool:
        """Whether it belongs to the tests, by its name or its folder."""
        return any(_TESTS.fullmatch(part) for part in self.name.split("/"))

    @cached_property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.text.splitlines()

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All that is in it."""
        return list(ast.walk(self.tree))

    @cached_property
    def bound(self) -> dict[str, str]:
        """What each name stands for that an import gives: `httpx.Client` for `from httpx import Client as Http`.

        A relative import begins with its dots.
        """
        found = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    target = alias.name if alias.asname else alias.name.partition(".")[0]
                    found[alias.asname or target] = target
            elif isinstance(node, ast.ImportFrom):
                start = "." * node.level + (node.module or "")
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{start}.{alias.name}"
        return found

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node is in, from the inside out."""
        while (parent := self._above.get(node)) is not None:
            yield parent
            node = parent

    def parent(self, node: ast.AST) -> ast.AST | None:
        """What a node is directly in."""
        return self._above.get(node)

    def function(self, node: ast.AST) -> Function | None:
        """The function that a node is in."""
        return next((a for a in self.above(node) if isinstance(a, ast.FunctionDef | ast.AsyncFunctionDef)), None)

    def owner(self, node: ast.AST) -> ast.ClassDef | None:
        """The class that a node is in."""
        return next((above for above in self.above(node) if isinstance(above, ast.ClassDef)), None)

    def code(self, line: int) -> str:
        """A line without its indentation."""
        return self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""


def read(folder: Path) -> tuple[list[Source], list[Broken]]:
    """The files of a project, by their place in it, and those that could not be read.

    Raises:
        Problem: There is no such folder, or no Python in it.
    """
    if not folder.is_dir():
        raise Problem(f"There is no folder {folder}.", "Give the folder of a project: nox -s usage -- PATH A B")
    found: list[Source] = []
    broken: list[Broken] = []
    for path in sorted(_python(folder)):
        name = path.relative_to(folder).as_posix()
        read = _source(path, name)
        (broken if isinstance(read, Broken) else found).append(read)  # type: ignore[arg-type]  # each into its own list
    if not found and not broken:
        raise Problem(f"There is no Python in {folder}.", "Give the folder of a project: nox -s usage -- PATH A B")
    return found, broken


def _python(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        here = Path(place)
        folders[:] = [
            name for name in folders if not _NOT_OURS.fullmatch(name) and not (here / name / "pyvenv.cfg").is_file()
        ]
        yield from (here / name for name in names if name.endswith(".py"))


def _source(path: Path, name: str) -> Source | Broken:
    try:
        text = path.read_text(encoding="utf-8")
        with warnings.catch_warnings():
            # What the compiler has to say about the project's texts is no matter of this.
            warnings.simplefilter("ignore")
            return Source(path, name, text, ast.parse(text))
    except SyntaxError as error:
        return Broken(name, error.lineno or 1, f"it is no Python that this one reads: {error.msg}")
    except (ValueError, OSError) as error:
        return Broken(name, 1, f"it cannot be read: {error}")
