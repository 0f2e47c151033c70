"""Whether the jobs that a branch requires have passed: one check to protect it by, whatever jobs there are."""

from __future__ import annotations

import json

from repro.problem import Problem


def failing(needs: str) -> list[str]:
    """The jobs that did not succeed, each with what became of it. One that was skipped did not succeed either.

    Args:
        needs: The `needs` context of GitHub Actions, as JSON.

    Raises:
        Problem: That is none, or names no job.
    """
    try:
        found = {str(name): str(job["result"]) for name, job in json.loads(needs).items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem(f"NEEDS is no result of jobs: {error!r}.", "Set it to: ${{ toJSON(needs) }}") from None
    if not found:
        raise Problem("NEEDS names no job.", "Name the jobs in `needs` of this one.")
    return [f"{name}: {result}" for name, result in sorted(found.items()) if result != "success"]
