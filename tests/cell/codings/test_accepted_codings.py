"""`Accept-Encoding`, where the libraries of all codings are installed."""

import pytest

from repro.cell import codings
from repro.cell.optional import companion


@pytest.mark.needs("optional packages", "sync client")
def test_accepted(observe, upstream):
    """The codings that a client accepts when brotli and zstd are installed."""
    companion.ask(codings.sent, upstream.url)
    observe(upstream.requests[-1].header("Accept-Encoding"))
