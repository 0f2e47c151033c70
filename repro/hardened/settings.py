"""What can be set, with defaults for production; `create_app()` reads it from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

BASE_URL = "https://api.themoviedb.org/3"


@dataclass(frozen=True)
class Settings:
    """The settings of one application.

    Attributes:
        api_key: The key for TMDb.
        base_url: Where TMDb is, with its path and without a slash at the end.
        account: The account whose watchlist is written.
        connect: Seconds to open a connection.
        read: Seconds without a byte of the answer.
        write: Seconds without a byte of the request taken.
        pool: Seconds to wait for a connection of the pool.
        attempts: How often a safe request is sent at most, the first time included.
        backoff: The longest pause before the second attempt, in seconds; it doubles with each attempt after it.
        backoff_limit: The longest pause before any attempt, in seconds.
        patience: Seconds after the first attempt began from which on no further one begins.
        guard_path: The file of the embedded guard; shared by every process that must not repeat another's write.
        guard_timeout: Seconds to wait for the guard.
        guard_ttl: Seconds for which a key is remembered; longer than any caller goes on trying.
        fail_open: Whether a write is done when the guard cannot be asked; `guards.py` says what either choice loses.
    """

    api_key: str = field(repr=False)
    base_url: str = BASE_URL
    account: int = 0
    connect: float = 1.0
    read: float = 3.0
    write: float = 3.0
    pool: float = 1.0
    attempts: int = 3
    backoff: float = 0.1
    backoff_limit: float = 2.0
    patience: float = 8.0
    guard_path: str = "watchlist-guard.sqlite3"
    guard_timeout: float = 1.0
    guard_ttl: int = 24 * 60 * 60
    fail_open: bool = False

    @classmethod
    def from_environment(cls) -> Settings:
        """The settings that the environment gives; the rest are the defaults.

        Raises:
            KeyError: There is no `TMDB_API_KEY`: better when the application starts than at its first request.
        """
        return cls(
            api_key=os.environ["TMDB_API_KEY"],
            base_url=os.environ.get("TMDB_BASE_URL", BASE_URL).rstrip("/"),
            account=int(os.environ.get("TMDB_ACCOUNT", "0")),
            guard_path=os.environ.get("GUARD_PATH", cls.guard_path),
            fail_open=os.environ.get("GUARD_FAIL_OPEN") == "1",
        )
