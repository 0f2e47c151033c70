"""The embedded guard: keys in a SQLite file, for all processes on one machine that share it.

A claim is on disk when it is given, so it outlives the process and the machine's next start.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING

from repro.hardened.guards import GuardUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class SQLiteGuard:
    """A guard in a file; a connection per question, so threads and forked processes share nothing but the file.

    Args:
        path: The file; made when there is none.
        timeout: Seconds to wait for whoever writes to the file just now.
        ttl: Seconds for which a key is remembered.
    """

    def __init__(self, path: str | Path, timeout: float, ttl: float) -> None:
        self._path = path
        self._timeout = timeout
        self._ttl = ttl
        with self._transaction() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, until REAL NOT NULL)")

    def claim(self, key: str) -> bool:
        """Claim a key; as `Guard.claim`."""
        now = time.time()
        with self._transaction() as connection:
            connection.execute("DELETE FROM claims WHERE until <= ?", (now,))
            claimed = connection.execute("INSERT OR IGNORE INTO claims VALUES (?, ?)", (key, now + self._ttl))
            return claimed.rowcount == 1

    def release(self, key: str) -> None:
        """Forget a key; where that fails it stays claimed, which repeats nothing."""
        with contextlib.suppress(GuardUnavailable), self._transaction() as connection:
            connection.execute("DELETE FROM claims WHERE key = ?", (key,))

    def close(self) -> None:
        """Do nothing: no connection outlives its question."""

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the file from its beginning, committed at its end."""
        try:
            with contextlib.closing(
                sqlite3.connect(self._path, timeout=self._timeout, isolation_level=None)
            ) as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise GuardUnavailable(str(error)) from error
