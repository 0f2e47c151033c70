"""What the tests of a project did under one release: recorded first, compared later.

A trial is plain data. Its outcome is one of `OUTCOMES`; none of them but `ran` says anything about
a test that it does not list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repro.release import Release

#: How a trial ended. `broken`: pytest itself did not come to run the tests.
OUTCOMES = ("ran", "not-installable", "broken", "crashed", "timed-out")

#: The states of a test that are as its author wants it, and those that are not. Any other says nothing.
GOOD = frozenset({"passed", "xfailed", "xpassed"})
BAD = frozenset({"failed", "error", "hung", "crashed"})


# Bytes, addresses, quoted text that is no name, and numbers.
_DIFFERS = re.compile(r"b'[^']*'|https?://[^\s'\"]+|(['\"])[^'\"]*[^\w'\"][^'\"]*\1|\b0x\w+|\b\d+\b")


@dataclass(frozen=True)
class Frame:
    """One line of a traceback.

    Attributes:
        path: The file, below its place.
        line: The line's number.
        function: The function that it is in.
        code: Its text.
        place: What the file belongs to: `tree` (the project), `packages`, `stdlib` or `elsewhere`.
    """

    path: str
    line: int
    function: str
    code: str
    place: str = "tree"


@dataclass(frozen=True)
class Failure:
    """Why a test is bad.

    Attributes:
        type: The exception's class with its module; a phrase where there was no exception.
        message: What it said.
        frames: The traceback, the innermost line last.
    """

    type: str
    message: str
    frames: tuple[Frame, ...] = ()

    @property
    def kin(self) -> str:
        """What failures have in common that are one: their words, without what differs from test to test."""
        if self.type.rpartition(".")[2] in {"AssertionError", "Failed"}:
            # Two comparisons of a suite that read alike may fail for two reasons; an exception is one.
            own = [frame for frame in self.frames if frame.place == "tree"]
            return f"{self.type}: {own[-1].path}:{own[-1].line}" if own else self.type
        # What is quoted differs from test to test, but for names, which are what an exception is about.
        return _DIFFERS.sub("...", self.says)

    @property
    def says(self) -> str:
        """The failure as one line."""
        first = next((line.strip() for line in self.message.splitlines() if line.strip()), "")
        name = self.type.rpartition(".")[2]
        return f"{name}: {first}" if first else name


@dataclass(frozen=True)
class Test:
    """What one test did.

    Attributes:
        state: One of `GOOD` or `BAD`, `skipped`, or `missing`.
        failure: Why, where it is bad.
    """

    #: It is no test of pytest's, although it is called one.
    __test__ = False

    state: str
    failure: Failure | None = None


@dataclass(frozen=True)
class Warned:
    """A warning that was given while the tests ran.

    Attributes:
        category: Its class, with its module.
        message: Its text.
        path: The file of the line of the project that led to it, or else of the line that it points at.
        line: The number of that line.
        test: The test that ran; None while tests were collected.
        place: What the file belongs to, as for a frame.
    """

    category: str
    message: str
    path: str
    line: int
    test: str | None = None
    place: str = "tree"


@dataclass
class Trial:
    """What the tests of a project did under one release.

    Attributes:
        release: The release.
        outcome: One of `OUTCOMES`.
        reason: Why it is not `ran`; None when it is.
        tests: What each test did, by node id.
        uncollected: Why modules could not be collected, by their path; every test of one is bad.
        warnings: The warnings, each once.
        refused: What the tests tried and were not allowed: a phrase for each, with how often.
        packages: The versions that were installed, by name.
        held: How what cannot be trusted was held, as a phrase.
        seconds: How long its tests ran.
        command: The command that ran them.
    """

    release: Release
    outcome: str
    reason: str | None = None
    tests: dict[str, Test] = field(default_factory=dict)
    uncollected: dict[str, Failure] = field(default_factory=dict)
    warnings: list[Warned] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    held: str = ""
    seconds: float = 0.0
    command: str = ""

    def test(self, name: str) -> Test:
        """What a test did, or would have done.

        One whose module could not be collected is bad, as is every one that a trial never came to.
        """
        if name in self.tests:
            return self.tests[name]
        module = name.partition("::")[0]
        for path, failure in self.uncollected.items():
            # A conftest that cannot be imported takes everything below its folder with it.
            folder = path.rpartition("/")[0]
            if path == module or (path.endswith("conftest.py") and (not folder or module.startswith(f"{folder}/"))):
                return Test("error", failure)
        if self.outcome in {"broken", "crashed"}:
            return Test("error", Failure(self.outcome, self.reason or ""))
        return Test("missing")
