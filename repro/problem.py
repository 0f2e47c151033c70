"""Ground floor: the one exception for what a person can mend.

Everything that is not a bug of the kit reaches its user as a `Problem`: what was found and where, and the command
to run next. The command line prints it and exits with its code; a traceback means a bug.
"""

from __future__ import annotations


class Problem(Exception):
    """Something that the person running the kit can mend.

    Args:
        found: What was found and where, as one sentence.
        mend: What to do about it, with the command to run next.
        code: The exit code: 2 for misuse or a damaged file, 3 for a cell that could not be built or finished.
    """

    def __init__(self, found: str, mend: str, *, code: int = 2) -> None:
        super().__init__(found)
        self.found = found
        self.mend = mend
        self.code = code

    def __str__(self) -> str:
        return f"{self.found}\n  {self.mend}"
