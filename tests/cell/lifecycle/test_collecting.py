"""A client that nobody refers to any more, closed or not."""

import pytest

from repro.cell.clients import sync_client

pytestmark = pytest.mark.needs("sync client")


def test_collected_unclosed(collect, observe, upstream):
    """A client that has sent a request, is not closed, and is collected."""
    kept = [sync_client()]
    kept[0].get(upstream.url)
    warnings = collect(kept)
    observe({"connections held open": upstream.held_open(), "warnings": warnings})


def test_collected_unused(collect, observe):
    """A client that was never used, is not closed, and is collected."""
    observe({"warnings": collect([sync_client()])})


def test_collected_closed(collect, upstream):
    """A client that was closed gives no warning when it is collected, and holds nothing open."""
    kept = [sync_client()]
    kept[0].get(upstream.url)
    kept[0].close()
    assert not [warning for warning in collect(kept) if warning != "ResourceWarning"]
    assert upstream.held_open() == 0
