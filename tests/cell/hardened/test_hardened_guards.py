"""The guards in front of the write: a key that comes twice, and a guard that cannot be asked."""

import contextlib
import sqlite3
import threading

import pytest

from repro.cell import redaction
from repro.cell.onceonly_service import PATH, OnceOnlyService
from repro.cell.upstream import answering, silent

pytestmark = pytest.mark.needs("sync client without an event loop", "base_url argument", "timeout argument")

onceonly = pytest.mark.needs("OnceOnly SDK")


@pytest.fixture
def busy(guard_path):
    """Somebody else writes to the guard's file, and does not end."""

    @contextlib.contextmanager
    def held():
        with contextlib.closing(sqlite3.connect(guard_path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield

    return held


@pytest.fixture
def service():
    """The stand-in of OnceOnly; it takes the one key that is planted for it."""
    with redaction.naming(OnceOnlyService(redaction.plant()), "PORT") as server:
        yield server


@pytest.fixture
def asking(start, service):
    """Start the hardened service with OnceOnly as its guard."""
    # Not at the head of this file: where there is no SDK, the guard cannot be imported.
    from repro.hardened.onceonly_guard import OnceOnlyGuard

    def make(*, api_key=service._api_key, timeout=5.0, **settings):
        return start(OnceOnlyGuard(api_key, service.url + "/v1", timeout, 60), **settings)

    return make


def test_sqlite_duplicate(hardened, start):
    """A key that comes twice is done once, also by another process's application; another show's write is another."""
    assert [hardened.write(), hardened.write(), start().write()] == [201, 409, 409]
    assert hardened.write(show=98) == 201
    assert hardened.done == [1437, 98]
    assert hardened.samples("guard_decisions_total") == {"first": 2, "duplicate": 1}


def test_sqlite_expired(start):
    """A key is forgotten when its time is over, and then is nobody's duplicate."""
    hardened = start(guard_ttl=0)
    assert [hardened.write(), hardened.write()] == [201, 201]


def test_sqlite_together(hardened):
    """Of four callers who send the same key at once, one has its write done."""
    statuses = []
    callers = [threading.Thread(target=lambda: statuses.append(hardened.write())) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert (sorted(statuses), hardened.done) == ([201] + [409] * 3, [1437])


def test_sqlite_busy_closed(observe, start, busy):
    """The guard cannot be asked in time, failing closed, and then it can: the statuses, and how often it is done."""
    observe(twice(start(guard_timeout=0.02), busy))


def test_sqlite_busy_open(observe, start, busy):
    """The guard cannot be asked in time, failing open, and then it can: the statuses, and how often it is done."""
    observe(twice(start(guard_timeout=0.02, fail_open=True), busy))


def twice(hardened, busy):
    """A caller that hears nothing of its first write, whatever became of it, and sends it again."""
    with busy():
        first = hardened.write()
    statuses = [first, hardened.write()]
    return {"service": statuses, "done": hardened.done_for(statuses)}


@onceonly
def test_onceonly_duplicate(asking, service):
    """A key that comes twice is done once, and the service was asked with a digest of it."""
    hardened = asking()
    assert ([hardened.write(), hardened.write()], hardened.done) == ([201, 409], [1437])
    (key,) = service.keys
    assert len(key) == 64


@onceonly
def test_onceonly_wire(observe, asking, service):
    """The question to OnceOnly as it is on the wire: its body."""
    asking().write()
    (seen,) = service.requests
    (key,) = service.keys
    redaction.normalise(key, "KEY")
    observe(seen.body.decode())


@onceonly
def test_onceonly_late_closed(observe, asking, service):
    """OnceOnly claims the key and answers too late, failing closed: the statuses, and how often the write is done."""
    hardened = asking(timeout=0.05)
    observe(twice(hardened, lambda: late(service, hardened)))


@onceonly
def test_onceonly_late_open(observe, asking, service):
    """OnceOnly claims the key and answers too late, failing open: the statuses, and how often the write is done."""
    hardened = asking(timeout=0.05, fail_open=True)
    observe(twice(hardened, lambda: late(service, hardened)))


@contextlib.contextmanager
def late(service, hardened):
    """OnceOnly claims keys, and its answers come too late."""
    service.answer(PATH, service.claiming_then(silent))
    yield
    service.answer(PATH, service.check_lock)
    # An answer in time must be in time on a busy machine, too.
    hardened.app.extensions["guard"]._service._sync_client.timeout = 5.0


@onceonly
def test_onceonly_failing(asking, service):
    """OnceOnly fails in every way, failing closed: no write is done, and none is taken for a duplicate."""
    hardened = asking()
    failures = {
        "is down": answering("no", status=500, reason="Internal Server Error"),
        "has enough": answering("no", status=429, reason="Too Many", headers=(("Retry-After", "inf"),)),
        "wants money": answering({"detail": {}}, status=402, reason="Payment Required"),
        "is a web page": answering("<html>maintenance</html>"),
        "says something else": answering({"success": False}),
    }
    for failure in failures.values():
        service.answer(PATH, failure)
        assert (hardened.write(), hardened.done) == (503, [])


@onceonly
def test_onceonly_unauthorized(asking):
    """OnceOnly does not accept the key of the service: the write is refused."""
    hardened = asking(api_key="another")
    assert (hardened.write(), hardened.done) == (503, [])
