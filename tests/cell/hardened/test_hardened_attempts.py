"""Attempts of the two services: how often upstream is asked for a search when it fails, and what the caller gets."""

import threading

import pytest

from repro.cell.upstream import answering, breaking_off, holding, resetting, silent

pytestmark = pytest.mark.needs("sync client without an event loop", "base_url argument", "timeout argument")


def both(reproduction, hardened, *answers):
    """One search of each, upstream answering it with these."""
    reproduction.answer(*answers)
    hardened.answer(*answers)
    return {"reproduction": reproduction.outcome(), "hardened": hardened.outcome()}


def test_attempts_slow(observe, reproduction, impatient, start):
    """Upstream takes a search and does not answer it."""
    observe(both(reproduction, start(read=0.05), silent))


def test_attempts_reset(observe, reproduction, hardened):
    """Upstream resets every connection instead of answering."""
    observe(both(reproduction, hardened, resetting))


def test_attempts_reset_once(observe, reproduction, hardened):
    """Upstream resets the connection instead of answering, and answers when it is asked again."""
    observe(both(reproduction, hardened, resetting, hardened.found))


def test_attempts_broken_off(observe, reproduction, hardened):
    """Upstream closes the connection in the middle of the body, and answers whole when it is asked again."""
    observe(both(reproduction, hardened, breaking_off(b'{"results": []}', after=5), hardened.found))


def test_attempts_burst(reproduction, hardened):
    """Upstream answers two searches with 503, and then as ever: the caller of the hardened service does not notice."""
    assert both(reproduction, hardened, hardened.unavailable, hardened.unavailable, hardened.found) == {
        "reproduction": {"service": 500, "upstream asked": 1},
        "hardened": {"service": 200, "upstream asked": 3, "attempts": {"first": 1, "status 503": 2}},
    }


def test_attempts_unavailable(reproduction, hardened):
    """Upstream answers 503 for good: three attempts for a search, where the reproduction makes one."""
    assert both(reproduction, hardened, hardened.unavailable) == {
        "reproduction": {"service": 500, "upstream asked": 1},
        "hardened": {"service": 502, "upstream asked": 3, "attempts": {"first": 1, "status 503": 2}},
    }


def test_attempts_asked_to_wait(hardened):
    """Upstream asks for an hour's pause: it is longer than the service's patience, so there is one attempt."""
    later = answering("later", status=503, reason="Service Unavailable", headers=(("Retry-After", "3600"),))
    hardened.answer(later)
    assert hardened.outcome() == {"service": 502, "upstream asked": 1, "attempts": {"first": 1}}


def test_attempts_not_found(hardened):
    """Upstream answers 404, which another attempt would not change."""
    hardened.answer(answering("no", status=404, reason="Not Found"))
    assert hardened.outcome() == {"service": 502, "upstream asked": 1, "attempts": {"first": 1}}


def test_attempts_measured(hardened):
    """Each attempt is measured, and every answer to a caller is counted under its status."""
    hardened.answer(hardened.unavailable)
    hardened.search()
    hardened.answer(hardened.found)
    hardened.search()
    assert hardened.samples("upstream_seconds_count") == {"GET": 4}
    page = hardened.app.test_client().get("/metrics").text
    for status in (200, 502):
        assert f'service_requests_total{{method="GET",route="/movies/search",status="{status}"}} 1.0' in page


def test_late_answer(start):
    """Upstream answers a search after the service gave it up: the next search does not get that answer."""
    hardened = start(read=0.05, attempts=1)
    late = threading.Event()
    hardened.answer(holding(late, answering({"results": [{"id": 1, "name": "late"}]})), hardened.found)
    assert hardened.search().status_code in {502, 504}
    hardened.be_patient()
    late.set()
    if hardened.upstream.held_open():
        hardened.upstream.reached()
    assert hardened.search().json == [{"id": 1437, "title": "Firefly"}]


@pytest.mark.needs("connection limits")
def test_pool_after_timeouts(observe, start, two_connections):
    """A search after two that upstream did not answer, with a client that may have two connections."""
    hardened = start(read=0.05, attempts=1)
    hardened.answer(silent, silent, hardened.found)
    hardened.search()
    hardened.search()
    hardened.be_patient()
    observe(hardened.search().status_code)
