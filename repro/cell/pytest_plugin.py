"""The pytest plugin for a test suite of your own: a loopback upstream, and snapshots by epoch of the release you run.

An environment that has `httpx-upgrade-kit` installed has its fixtures in every suite:

- `httpx_upstream`: a real HTTP/1.1 server on loopback, an `Upstream` (`repro/cell/upstream.py`), that records what
  reaches it and misbehaves on request.
- `epoch_snapshot`: `assert epoch_snapshot == value` holds a value against the newest stored one at or before the
  release of httpx that is installed; `--snapshot-update` stores it under that release, unless it says the same as the
  one before.
- `planted_secret`: a random secret to give to the code under test, redacted in whatever is stored.

A suite that asks for none of them notices nothing: there are no hooks but the one that names the options, and whatever
the fixtures need is imported when the first of them is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syrupy.assertion import SnapshotAssertion

    from repro.cell.upstream import Upstream


def pytest_addoption(parser: pytest.Parser) -> None:
    """Name the options, for pyproject.toml, pytest.ini or tox.ini."""
    parser.addini(
        "epoch_folder", "the folder of the snapshots by epoch, from the root directory", default="tests/snapshots"
    )
    parser.addini("epoch_distribution", "httpx, httpx2 or httpxyz; the first that is installed by default", default="")
    parser.addini(
        "epoch_secrets", "environment variables whose values are no snapshot's business", type="args", default=[]
    )


@pytest.fixture
def httpx_upstream() -> Iterator[Upstream]:
    """A loopback upstream for one test; its port is called PORT in snapshots."""
    from repro.cell import redaction
    from repro.cell.upstream import Upstream

    with Upstream() as server:
        redaction.normalise(str(server.port), "PORT")
        yield server
    redaction.forget(str(server.port))


class Secret(str):
    """A secret; pytest shows what a failing test was given, and shows of this that it was one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<a planted secret>"


@pytest.fixture
def planted_secret() -> str:
    """A random secret, which no snapshot shows from now on."""
    from repro.cell import redaction

    return Secret(redaction.plant())


@pytest.fixture
def epoch_snapshot(request: pytest.FixtureRequest) -> SnapshotAssertion:
    """What was observed before: equal to what the epoch says that serves the release which is installed."""
    from repro.problem import Problem

    if not request.config.pluginmanager.hasplugin("syrupy"):
        pytest.fail("epoch_snapshot needs syrupy, which is not loaded here: remove `-p no:syrupy`.", pytrace=False)
    from repro.cell import suite

    try:
        extension = suite.snapshots(request.config)
    except Problem as problem:
        pytest.fail(str(problem), pytrace=False)
    snapshot: SnapshotAssertion = request.getfixturevalue("snapshot")
    return snapshot.use_extension(extension)
