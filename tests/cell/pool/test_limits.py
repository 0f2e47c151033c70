"""How the limits of a connection pool are written, and what a limit is taken for."""

import pytest

from repro.cell import capabilities, outcomes
from repro.cell.library import httpx

NAMES = (
    "max_connections",
    "max_keepalive_connections",
    "max_keepalive",
    "hard_limit",
    "soft_limit",
    "keepalive_expiry",
    "pool_timeout",
)


def held(limits):
    """The limits that an object holds, under the names that it has for them."""
    found = {name: getattr(limits, name) for name in NAMES if hasattr(limits, name)}
    return ", ".join(f"{name}={value}" for name, value in found.items())


def written(ways):
    """What comes of each way of writing limits."""
    return {text: outcomes.of(lambda make=make: held(make())) for text, make in ways.items()}


def test_names(observe):
    """Which name the class of the limits has, and what it holds when it is given nothing."""
    names = ("Limits", "PoolLimits", "ConnectionLimits")
    observe(written({f"{name}()": lambda name=name: getattr(httpx, name)() for name in names}))


def test_limits_spellings(observe):
    """Which ways of writing `Limits` the release takes."""
    observe(
        written(
            {
                "max_connections=10": lambda: httpx.Limits(max_connections=10),
                "max_keepalive_connections=5": lambda: httpx.Limits(max_keepalive_connections=5),
                "max_keepalive=5": lambda: httpx.Limits(max_keepalive=5),
                "keepalive_expiry=30": lambda: httpx.Limits(keepalive_expiry=30),
                "keepalive_expiry=None": lambda: httpx.Limits(keepalive_expiry=None),
                "10": lambda: httpx.Limits(10),
            }
        )
    )


def test_pool_limits_spellings(observe):
    """Which ways of writing `PoolLimits`, the older name of the class, the release takes."""
    observe(
        written(
            {
                "hard_limit=10, soft_limit=5": lambda: httpx.PoolLimits(hard_limit=10, soft_limit=5),
                "hard_limit=10": lambda: httpx.PoolLimits(hard_limit=10),
                "soft_limit=5": lambda: httpx.PoolLimits(soft_limit=5),
                "pool_timeout=1": lambda: httpx.PoolLimits(pool_timeout=1),
                "max_connections=10, max_keepalive=5": lambda: httpx.PoolLimits(max_connections=10, max_keepalive=5),
            }
        )
    )


def test_equality(observe):
    """Whether limits of the same numbers are equal, and limits of others."""
    cls = getattr(httpx, "Limits", None) or getattr(httpx, "PoolLimits", None)
    observe(
        {
            "the same numbers": outcomes.of(lambda: cls(max_connections=10) == cls(max_connections=10)),
            "other numbers": outcomes.of(lambda: cls(max_connections=10) == cls(max_connections=20)),
        }
    )


@pytest.mark.needs("sync client")
def test_client_arguments(observe):
    """Under which argument a client takes limits, of either class."""

    def made(**options):
        # Without respelling: how it is written is the question.
        capabilities.sync_client()(**options).close()
        return "taken"

    observe(
        {
            "limits=Limits(...)": outcomes.of(lambda: made(limits=httpx.Limits(max_connections=10))),
            "limits=None": outcomes.of(lambda: made(limits=None)),
            "pool_limits=Limits(...)": outcomes.of(lambda: made(pool_limits=httpx.Limits(max_connections=10))),
            "pool_limits=PoolLimits(...)": outcomes.of(lambda: made(pool_limits=httpx.PoolLimits(hard_limit=10))),
            "max_connections=10": outcomes.of(lambda: made(max_connections=10)),
        }
    )
