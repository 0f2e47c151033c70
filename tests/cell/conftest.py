"""The behaviours: everything in this folder runs in every cell, under every release.

`pytest tests/cell` works in any environment that has an httpx, flask, pytest and syrupy. Its first lines say what else
a cell has and the environment lacks: what needs it is left out, or differs from what is stored.
"""

# ruff: noqa: E402 - the walls of the cell go up before anything of the release is imported

import gc

from repro.cell import enclosure
from repro.cell.optional import companion

# What is imported and collected from here on is there for good; `pytest_collection_finish` lets the collector in again.
gc.disable()
enclosure.enter()
companion.begin()

import pytest

from repro.cell import redaction
from repro.cell.clients import plain_client
from repro.cell.observing import (  # noqa: F401 - pytest finds hooks and fixtures by their names here
    lacking,
    observe,
    pytest_addoption,
    pytest_collection_finish,
    pytest_configure,
    pytest_make_collect_report,
    pytest_report_header,
    pytest_runtest_makereport,
    pytest_runtest_protocol,
    pytest_runtest_setup,
    pytest_sessionfinish,
    pytest_warning_recorded,
)
from repro.cell.upstream import Upstream, server_context

# The hardened service needs more than a release does; what is not there in an environment made by hand is left out.
collect_ignore = ["hardened"] if {"prometheus-client", "tenacity"} & {*lacking()} else []


@pytest.fixture
def upstream():
    """A loopback upstream for one behaviour; its port is called PORT in observations."""
    with redaction.naming(Upstream(), "PORT") as server:
        yield server


@pytest.fixture
def secure():
    """An upstream that speaks TLS; its port is called SECURE in observations."""
    with redaction.naming(Upstream(server_context()), "SECURE") as server:
        yield server


@pytest.fixture
def client():
    """A synchronous client for plain connections, without options."""
    with plain_client() as sender:
        yield sender
