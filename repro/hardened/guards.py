"""What keeps a write from being done twice: one interface, and what each choice about it loses.

A caller that hears nothing sends again, and cannot know whether the first time was done. So each write carries an
idempotency key, and the guard remembers keys: the first to claim one does the write, whoever comes later is a
duplicate. `SQLiteGuard` is embedded; it guards the processes that share its file, on one machine. `OnceOnlyGuard` asks
a service, for processes on several.

What a guard cannot give, whichever it is: the claim and the write are two steps. They are in this order, so a process
that dies between them has claimed a write that nobody does, until the key is forgotten: at most once, never exactly
once. The same holds for a write whose answer was lost: nobody knows whether it was done, and the key stays claimed.
Where it is known that it was not done, the claim is released, if the guard can do that.

When the guard itself cannot be asked, the caller chooses:

- `fail_open=True`: the write is done unguarded. None is lost; one that is sent again is done again.
- `fail_open=False`: the write is refused with a 503. None is doubled; one that nobody sends again is lost. And where
  the guard took the claim and only its answer came too late, whoever sends again is told that it is a duplicate, so the
  write is lost even then, until the key is forgotten.

Neither is right for everything: adding to a watchlist twice does no harm, paying twice does.
"""

from __future__ import annotations

from typing import Protocol


class GuardUnavailable(Exception):
    """The guard could not be asked, or what it said is no answer; the key may have been claimed all the same."""


class Guard(Protocol):
    """Remembers keys."""

    def claim(self, key: str) -> bool:
        """Claim a key: True for the first who does, False for everybody after it.

        Raises:
            GuardUnavailable: It could not be asked within its timeout.
        """

    def release(self, key: str) -> None:
        """Forget a key whose write was certainly not done; a guard that cannot do that does nothing."""

    def close(self) -> None:
        """Let go of what the guard holds open."""


def admit(guard: Guard, key: str, *, fail_open: bool) -> str:
    """Whether a write may be done: `first` and `unguarded` may, `duplicate` and `refused` may not.

    Args:
        guard: Who is asked.
        key: The key of the write.
        fail_open: What to do when the guard cannot be asked; see above for what either choice loses.
    """
    try:
        return "first" if guard.claim(key) else "duplicate"
    except GuardUnavailable:
        return "unguarded" if fail_open else "refused"
