"""JSON lines appended to a file, one write for each, whatever the tests do to `os`, `open` or `json` meanwhile."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Lines:
    """A file that lines are appended to.

    It is opened for each line: a test may close every descriptor there is, and a number kept here would then name
    somebody else's file. The functions are held by the instance, where a fake file system does not look for them.

    Args:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self._open = os.open
        self._write = os.write
        self._close = os.close
        self._flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._encode = json.JSONEncoder(default=str).encode

    def add(self, entry: dict[str, Any]) -> None:
        """Append one line; a full disk is no reason to fail a test."""
        line = (self._encode(entry) + "\n").encode("ascii")
        try:
            file = self._open(self.path, self._flags, 0o600)
            try:
                self._write(file, line)
            finally:
                self._close(file)
        except OSError:
            pass
