"""What becomes of a search when upstream fails, misbehaves or is slow."""

import threading

import pytest

from repro.cell.upstream import (
    answering,
    breaking_off,
    closing,
    dripping,
    refusing_port,
    resetting,
    response,
    silent,
)

pytestmark = pytest.mark.needs("sync client", "base_url argument")


def test_not_found(observe, service):
    """Upstream answers 404."""
    service.upstream.answer(None, answering({"status_code": 34}, status=404, reason="Not Found"))
    observe(service.outcome())


def test_unauthorized(observe, service):
    """Upstream answers 401: the API key is not accepted."""
    service.upstream.answer(None, answering({"status_code": 7}, status=401, reason="Unauthorized"))
    observe(service.outcome())


def test_server_error(observe, service):
    """Upstream answers 500."""
    service.upstream.answer(None, answering("sorry", status=500, reason="Internal Server Error"))
    observe(service.outcome())


def test_redirect(observe, service):
    """Upstream answers 302, to a path where the answer is."""
    raw = response(status=302, reason="Found", headers=(("Location", "/elsewhere"),))
    service.upstream.answer("/elsewhere", service.found)
    service.upstream.answer(None, lambda exchange: exchange.send(raw))
    observe(service.outcome())


def test_refused(observe, service, monkeypatch):
    """Upstream refuses the connection."""
    monkeypatch.setenv("TMDB_BASE_URL", f"http://127.0.0.1:{refusing_port()}/3")
    observe(service.outcome())


def test_reset(observe, service):
    """Upstream resets the connection instead of answering."""
    service.upstream.answer(None, resetting)
    observe(service.outcome())


def test_closed_unanswered(observe, service):
    """Upstream closes the connection instead of answering."""
    service.upstream.answer(None, closing)
    observe(service.outcome())


def test_broken_off(observe, service):
    """Upstream closes the connection in the middle of the body that it announced."""
    service.upstream.answer(None, breaking_off(service.body, after=20))
    observe(service.outcome())


def test_dripping(observe, service):
    """Upstream sends the body in five pieces, one after the other."""
    service.upstream.answer(None, dripping(service.body, 5))
    observe(service.outcome())


def test_malformed(observe, service):
    """Upstream answers with what is no HTTP."""
    service.upstream.answer(None, lambda exchange: exchange.send(b"this is no HTTP\r\n\r\n"))
    observe(service.outcome())


def test_invalid_json(observe, service):
    """Upstream answers 200 with a body that is no JSON."""
    service.upstream.answer(None, answering("<html>maintenance</html>"))
    observe(service.outcome())


@pytest.mark.needs("timeout argument")
def test_slow(observe, service, impatient):
    """Upstream takes a request and does not answer it; the timeout is a fifth of a second, not the default."""
    service.upstream.answer(None, silent)
    observe(service.outcome())


@pytest.mark.needs("timeout argument")
def test_slow_body(observe, service, impatient):
    """Upstream stops in the middle of the body; the timeout is a fifth of a second, not the default."""
    gone = threading.Event()
    service.upstream.answer(None, dripping(service.body, 2, between=gone))
    answer = service.outcome()
    gone.set()
    observe(answer)


def test_after_failing(service):
    """The search after one that upstream reset is answered."""
    service.upstream.answer("/3/search/tv", resetting, service.found)
    service.upstream.answer("/search/tv", resetting, service.found)
    assert [service.search().status_code, service.search().status_code] == [500, 200]
