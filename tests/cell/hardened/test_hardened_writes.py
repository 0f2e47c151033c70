"""Writes of the two services when upstream fails: what the caller gets, and how often the work is done.

The reproduction writes nothing as published; here it has a view that writes in its own manner. The caller of either
sends again, with the same idempotency key, until it is told that the work is done or that it was asked for before.
"""

import threading

import pytest

from repro.cell.upstream import answering, holding, refusing_port, resetting

pytestmark = pytest.mark.needs("sync client without an event loop", "base_url argument", "timeout argument")


def both(reproduction, hardened, *answers):
    """A caller of each that sends a write until it is taken, upstream doing the work and then answering with these."""
    reproduction.write_then(*answers)
    hardened.write_then(*answers)
    return written(reproduction, hardened)


def written(reproduction, hardened):
    """The statuses that the caller of each gets until its write is taken, and how often it is done."""
    (theirs, theirs_done), (ours, ours_done) = reproduction.written(), hardened.written()
    return {"reproduction": theirs, "reproduction, done": theirs_done, "hardened": ours, "hardened, done": ours_done}


def test_write(reproduction, hardened):
    """Upstream is well: a write is done once by either service."""
    assert both(reproduction, hardened, answering({"success": True})) == {
        "reproduction": [201],
        "reproduction, done": 1,
        "hardened": [201],
        "hardened, done": 1,
    }
    assert [request.target for request in hardened.upstream.requests] == ["/3/account/0/watchlist"]


def test_write_late(observe, reproduction, impatient, start):
    """Upstream does the work, and answers after the service gave it up."""
    late = threading.Event()
    answer = both(reproduction, start(read=0.05), holding(late, answering({"success": True})))
    late.set()
    observe(answer)


def test_write_reset(reproduction, hardened):
    """Upstream does the work, and resets the connection instead of answering."""
    assert both(reproduction, hardened, resetting) == {
        "reproduction": [500, 500, 500],
        "reproduction, done": 3,
        "hardened": [502, 409, 409],
        "hardened, done": 1,
    }


def test_write_closed_idle(observe, reproduction, hardened):
    """A write when upstream has closed the connection of the search before it, as it does with idle ones."""
    for side in (reproduction, hardened):
        side.write_then(answering({"success": True}))
        side.search()
        side.upstream.end_idle()
        if side.upstream.held_open():
            side.upstream.reached(end=True)
    observe(written(reproduction, hardened))


def test_write_unavailable(reproduction, hardened):
    """Upstream does the work and answers 503, and then as ever: the hardened service does not guess."""
    assert both(reproduction, hardened, hardened.unavailable, answering({"success": True})) == {
        "reproduction": [500, 201],
        "reproduction, done": 2,
        "hardened": [502, 409, 409],
        "hardened, done": 1,
    }


def test_write_refused(observe, hardened):
    """Upstream refuses the connection of a write, and is there when the caller sends it again."""
    there = hardened.app.extensions["settings"].base_url
    hardened.set(base_url=f"http://127.0.0.1:{refusing_port()}/3")
    first = hardened.write()
    hardened.set(base_url=there)
    observe({"service": [first, hardened.write()], "done": len(hardened.done)})


def test_write_rejected(hardened):
    """Upstream answers a write with 404, so it is not done: the same key may be sent again."""
    hardened.upstream.answer("/3/account/0/watchlist", answering("no", status=404, reason="Not Found"))
    assert hardened.write() == 502
    hardened.write_then(answering({"success": True}))
    assert (hardened.write(), hardened.done) == (201, [1437])
