"""When a request is sent again: which failures, how often, after how long a pause; each attempt is counted.

Only what is safe to send twice comes here: `tmdb.py` sends writes once. Retries multiply load exactly when upstream has
too much of it, so they are bounded three times: by number, by the time since the first attempt, and by pauses that
double and are random as a whole ("full jitter"), so that callers who failed together do not come back together.

httpx's own `HTTPTransport(retries=n)` is not used: it repeats connecting only, counts nothing, and is not in 0.11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_not_exception_type,
    retry_if_result,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

if TYPE_CHECKING:
    from repro.hardened.metrics import Metrics
    from repro.hardened.settings import Settings

# How an attempt fails on its way. Before 0.14 classes of httpcore or urllib3 come through, which no name in httpx
# catches, and there is no TransportError; there, whatever a request raises is a failure of its attempt.
FAILURES: tuple[type[Exception], ...] = (getattr(httpx, "TransportError", Exception),)

# Statuses that say "not now": too many requests, a gateway without an answer, overload, a gateway that waited too long.
PASSING = frozenset({429, 502, 503, 504})


def retrying(settings: Settings, metrics: Metrics) -> Retrying:
    """Calls a function until it answers with something else than a passing failure, or the bounds are reached.

    The last answer is returned and the last error raised as they are. Threads share it.
    """
    pause = wait_random_exponential(multiplier=settings.backoff, max=settings.backoff_limit)

    def count_first(state: RetryCallState) -> None:
        if state.attempt_number == 1:
            metrics.attempt("first")

    return Retrying(
        # A redirect is refused every time, and is among the failures where those are all exceptions.
        retry=retry_if_exception_type(FAILURES) & retry_if_not_exception_type(httpx.TooManyRedirects)
        | retry_if_result(lambda response: response.status_code in PASSING),
        stop=stop_after_attempt(settings.attempts) | stop_before_delay(settings.patience),
        wait=lambda state: max(pause(state), asked_to_wait(state)),
        before=count_first,
        before_sleep=lambda state: metrics.attempt(why_again(state)),
        retry_error_callback=lambda state: state.outcome.result(),  # type: ignore[union-attr]  # it has ended
    )


def why_again(state: RetryCallState) -> str:
    """Why the attempt that just failed is followed by another: `timeout`, `connection` or `status 503`."""
    assert state.outcome is not None
    error = state.outcome.exception()
    return reason_of(error) if error else f"status {state.outcome.result().status_code}"


def reason_of(error: BaseException) -> str:
    """`timeout` or `connection`, by the name of the error's class: before 0.14 it may be any library's.

    Names of one's own keep alerts and dashboards whole through an upgrade. Only before 0.13 is a read timeout a
    `connection` failure like any other: urllib3 is below, and its error is passed on as one of the network.
    """
    return "timeout" if "Timeout" in type(error).__name__ else "connection"


def asked_to_wait(state: RetryCallState) -> float:
    """The seconds that upstream asked for with `Retry-After`, else 0; a date is not read.

    Where they go beyond the patience that there is, no other attempt follows.
    """
    outcome = state.outcome
    if outcome is None or outcome.failed:
        return 0
    asked: Any = outcome.result().headers.get("Retry-After", "")
    return int(asked) if asked.isdecimal() and len(asked) <= 6 else 0
