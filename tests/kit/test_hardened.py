"""What of the hardened service is the same under every release: its settings, its bounds, what it refuses to take."""

import atexit
import types

import pytest
from tenacity import Future, RetryCallState

from repro.hardened import attempts, guards
from repro.hardened.app import close_app, create_app
from repro.hardened.metrics import Metrics
from repro.hardened.settings import Settings


@pytest.fixture
def app(tmp_path):
    """An application that nobody is behind."""
    made = create_app(Settings("key", base_url="http://127.0.0.1:9", guard_path=str(tmp_path / "guard")))
    yield made
    close_app(made)


def state(retrying, number, response=None):
    """The state of a request after its attempt of that number."""
    made = RetryCallState(retrying, None, (), {})
    made.attempt_number = number
    made.outcome_timestamp = made.start_time
    made.outcome = Future(number)
    made.outcome.set_result(response or types.SimpleNamespace(status_code=503, headers={}))
    return made


@pytest.fixture
def retrying():
    """What sends again, with the default settings."""
    return attempts.retrying(Settings("key"), Metrics("http://127.0.0.1:9"))


@pytest.mark.parametrize(("number", "longest"), [(1, 0.1), (2, 0.2), (3, 0.4), (20, 2.0)])
def test_pauses_double_up_to_a_limit(retrying, number, longest):
    """A pause is random, between nothing and a limit that doubles with each attempt, and never goes beyond its own."""
    pauses = [retrying.wait(state(retrying, number)) for _ in range(200)]
    assert 0 <= min(pauses) < longest / 4
    assert longest * 3 / 4 < max(pauses) <= longest


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0", 0), ("inf", 0), ("-1", 0), ("1e9", 0), ("9" * 5000, 0), ("Wed, 25 Nov 2026 13:00:00 GMT", 0)],
)
def test_asked_to_wait(retrying, header, seconds):
    """Whole seconds are heeded; a date, and what is no number of seconds, is not."""
    answer = types.SimpleNamespace(status_code=503, headers={"Retry-After": header})
    assert attempts.asked_to_wait(state(retrying, 1, answer)) == seconds


def test_patience_ends(retrying):
    """No attempt begins beyond the patience that there is, whatever is left of the number."""
    late = state(retrying, 1)
    late.upcoming_sleep = 8.1
    assert retrying.stop(late)
    late.upcoming_sleep = 1.0
    assert not retrying.stop(late)


def test_settings_from_environment(monkeypatch):
    """The environment gives the key, the places and the choice between open and closed; the key shows nowhere."""
    monkeypatch.setenv("TMDB_API_KEY", "a secret")
    monkeypatch.setenv("TMDB_BASE_URL", "http://127.0.0.1:9/3/")
    monkeypatch.setenv("GUARD_FAIL_OPEN", "1")
    settings = Settings.from_environment()
    assert (settings.api_key, settings.base_url, settings.fail_open) == ("a secret", "http://127.0.0.1:9/3", True)
    assert "a secret" not in repr(settings)


def test_no_key_no_application(monkeypatch):
    """Without its key the application does not start."""
    monkeypatch.delenv("TMDB_API_KEY", raising=False)
    with pytest.raises(KeyError, match="TMDB_API_KEY"):
        create_app()


def test_ended_application_is_forgotten(app, monkeypatch):
    """An application that was ended is not kept for the end of the process."""
    forgotten = []
    monkeypatch.setattr(atexit, "unregister", forgotten.append)
    close_app(app)
    assert forgotten == [app.extensions["ends"].close]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"id": 1}, {}),
        ({"id": "1"}, {"Idempotency-Key": "k"}),
        ({"id": True}, {"Idempotency-Key": "k"}),
        ({}, {"Idempotency-Key": "k"}),
        ([1], {"Idempotency-Key": "k"}),
    ],
)
def test_write_that_is_none(app, body, headers):
    """A write without a key, or of something else than a number, is refused before anybody is asked."""
    assert app.test_client().post("/movies/watchlist", json=body, headers=headers).status_code == 400


def test_search_for_nothing(app):
    """A search without its query is a mistake of the caller's."""
    assert app.test_client().get("/movies/search").status_code == 400


def test_paths_make_no_series(app):
    """What callers ask for beyond the routes is counted as one, whatever they type."""
    client = app.test_client()
    client.get("/one")
    client.get("/two")
    assert 'service_requests_total{method="GET",route="none",status="404"} 2.0' in client.get("/metrics").text


@pytest.mark.parametrize(("fail_open", "decision"), [(True, "unguarded"), (False, "refused")])
def test_caller_chooses(fail_open, decision):
    """What becomes of a write when the guard cannot be asked is the caller's choice."""

    class Down:
        def claim(self, key):
            raise guards.GuardUnavailable("down")

    assert guards.admit(Down(), "key", fail_open=fail_open) == decision
