"""Verifies a candidate beside stable: sends, measures, judges. Prints nothing."""

from __future__ import annotations

import contextlib
import signal
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from repro.kit.canary import driving, facets
from repro.kit.canary.contract import Request
from repro.kit.canary.judge import judge
from repro.kit.report import canary
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from repro.kit.canary.contract import Contract
    from repro.kit.canary.deployment import Deployment

#: Where a service serves the description of itself, if it does.
OPENAPI = "/openapi.json"
#: How much of the time stays for judging and for taking down, in seconds; a tenth where that is less.
RESERVE = 5.0


@dataclass(frozen=True)
class Options:
    """How a verification is done.

    Attributes:
        each: How many requests go to each side; None for what the contract says.
        rate: How many requests a second go to one deployment at most; None for what the contract says.
        seed: Decides the order and what is drawn.
        trust: A file of certificates to trust instead of the system's; None for the system's.
    """

    each: int | None = None
    rate: float | None = None
    seed: int = 0
    trust: str | None = None


def verify(
    deployments: Mapping[str, Deployment],
    contract: Contract,
    sides: Mapping[str, str],
    options: Options,
    *,
    until: float,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> dict[str, Any]:
    """Verify a candidate; the verdict as a document.

    Args:
        deployments: Both sides, by name.
        contract: What to send.
        sides: What each side is: a release or a URL.
        options: How it is done.
        until: When to stop sending, as `time.monotonic` counts.
        progress: Told how many rounds are done, and of how many.

    Raises:
        Problem: A side cannot be reached at all, or its metrics cannot be read.
    """
    contract = replace(contract, each=options.each or contract.each, rate=options.rate or contract.rate)
    measured = driving.drive(
        deployments, contract, seed=options.seed, until=until, trust=options.trust, progress=progress
    )
    if not any(deployment.servers for deployment in deployments.values()):
        _described(deployments, contract, measured, options)
    breaches, varying = facets.breaches(measured.stable, measured.candidate, contract.ignore)
    arms = measured.arms
    verdict = judge(
        arms["stable"],
        arms["again"],
        arms["candidate"],
        breaches,
        limits=contract.limits,
        trouble=measured.trouble,
        seed=options.seed,
    )
    return canary.document(verdict, measured, contract, varying, sides, seed=options.seed)


def _described(
    deployments: Mapping[str, Deployment], contract: Contract, measured: driving.Measured, options: Options
) -> None:
    """Compare the OpenAPI documents of both sides, where stable serves one."""
    request = Request("the OpenAPI document", "GET", OPENAPI)
    for side, kept in (("stable", measured.stable), ("candidate", measured.candidate)):
        _, status, found = driving.Client(deployments[side], contract, options.trust).send(request)
        if side == "stable" and status != 200:  # noqa: PLR2004 - it serves none
            return
        if found:
            kept.add(request.name, {name: value for name, value in found.items() if not name.startswith("header ")})


def checked_url(text: str, what: str) -> str:
    """A URL that a deployment can be at.

    Raises:
        Problem: It is none, or holds a password, which would be printed.
    """
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise Problem(f"{text!r} is no URL of a deployment.", f"Give {what} one, as --{what} https://service.example")
    if parts.username or parts.password:
        raise Problem(
            f"The URL of {what} holds a user or a password, which would be printed.",
            'Put it into a header of the contract, as Authorization = "Basic ${CREDENTIALS}".',
        )
    return text


@contextlib.contextmanager
def bounded(seconds: float) -> Iterator[float]:
    """Bound the whole: the moment until which to send, as `time.monotonic` counts.

    Raises:
        Problem: The block was not left in time; what it stood up is taken down on the way.
    """

    def overdue(_number: int, _frame: Any) -> None:
        raise Problem(
            f"It could not be finished within {seconds:g} s.", "Allow more time, with --timeout SECONDS.", code=3
        )

    before = signal.signal(signal.SIGALRM, overdue)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield time.monotonic() + seconds - min(RESERVE, seconds / 10)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
