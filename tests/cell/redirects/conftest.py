"""An upstream that redirects."""

import pytest

from repro.cell.upstream import answering

REASONS = {
    201: "Created",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    305: "Use Proxy",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
}


@pytest.fixture
def redirect():
    """Redirect a path of an upstream: `redirect(upstream, "/from", "/to", status=302, headers=())`."""

    def to(server, path, location, status=302, headers=()):
        # Nothing has a body, so that a HEAD is answered as it should be.
        server.answer(None, answering())
        lines = headers if location is None else (("Location", location), *headers)
        server.answer(path, answering(status=status, reason=REASONS[status], headers=tuple(lines)))

    return to
