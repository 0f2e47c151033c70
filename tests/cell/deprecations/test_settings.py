"""Old ways to write timeouts and limits."""

import pytest

from repro.cell.library import httpx


@pytest.mark.parametrize("argument", ["connect_timeout", "read_timeout", "write_timeout", "pool_timeout"])
def test_timeout(argument, spelling):
    """A `Timeout` of one kind, named with `_timeout` at its end."""
    spelling(lambda: httpx.Timeout(5.0, **{argument: 1.0}))


def test_timeout_without_default(spelling):
    """A `Timeout` of one kind and no default."""
    spelling(lambda: httpx.Timeout(connect=1.0))


def test_timeout_config(spelling):
    """The class `TimeoutConfig`."""
    spelling(lambda: httpx.TimeoutConfig(5.0))


def test_timeout_exception(spelling):
    """The name `Timeout` in an `except` clause."""

    def caught():
        try:
            [].pop()
        except (httpx.Timeout, IndexError):
            return

    spelling(caught)


def test_pool_limits(spelling):
    """The class `PoolLimits`."""
    spelling(lambda: httpx.PoolLimits())  # noqa: PLW0108 - that there is no such name is an answer, too


@pytest.mark.parametrize("argument", ["soft_limit", "hard_limit", "max_keepalive", "max_connections", "pool_timeout"])
def test_pool_limits_argument(argument, spelling):
    """A `PoolLimits` with one argument."""
    spelling(lambda: httpx.PoolLimits(**{argument: 5}))


def test_limits_max_keepalive(spelling):
    """A `Limits` with `max_keepalive=`."""
    spelling(lambda: httpx.Limits(max_keepalive=5))
