"""`raise_for_status`: for which status it raises, what it raises, and what it answers where it does not."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import plain_client
from repro.cell.library import httpx
from repro.cell.responses import response
from repro.cell.upstream import answering
from repro.cell.values import told

STATUSES = {
    "up_to_299": [100, 101, 200, 299],
    "from_300": [300, 301, 304],
    "from_400": [404, 499, 503, 599, 600],
}


@pytest.mark.parametrize("statuses", [pytest.param(statuses, id=name) for name, statuses in STATUSES.items()])
def test_raise_for_status(observe, statuses):
    """What `raise_for_status` answers, or raises and says, by the status."""
    observe({str(status): told(lambda status=status: response(status).raise_for_status()) for status in statuses})


def test_caught(observe):
    """The `except` clauses that catch what `raise_for_status` raises."""
    observe(outcomes.caught(lambda: response(404).raise_for_status()))


def test_error(observe):
    """What the error of `raise_for_status` refers to."""
    found = {}
    try:
        response(404).raise_for_status()
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        for name in ("request", "response"):
            found[name] = told(lambda name=name, error=error: type(getattr(error, name)).__name__)
    observe(found)


def test_without_request(observe):
    """What `raise_for_status` answers, or raises and says, where the response belongs to no request."""
    observe(
        {str(status): told(lambda status=status: httpx.Response(status).raise_for_status()) for status in (200, 404)}
    )


def test_redirect_location(observe):
    """What `raise_for_status` raises and says for a redirect that has a Location."""
    observe(told(lambda: response(302, headers={"Location": "/b"}).raise_for_status()))


@pytest.mark.needs("sync client")
def test_own_reason(observe, upstream):
    """The first line of what `raise_for_status` says where upstream gave a reason of its own."""
    upstream.answer("/a", answering(status=404, reason="No Such Thing"))
    with plain_client() as client:
        observe(told(lambda: message(client.get(upstream.url + "/a"))))


def message(answer):
    """The first line of the error that an answer raises."""
    raising = answer.raise_for_status
    try:
        raising()
    except Exception as error:  # noqa: BLE001 - its class is asked for elsewhere
        return str(error).splitlines()[0]
    return None
