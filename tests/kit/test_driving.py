"""Sending the requests of a contract to real servers on loopback, and what is measured of them."""

import os
import sys
import time
import types
from dataclasses import replace

import pytest
from stage import eventually

from repro.cell.upstream import Upstream, answering, closing, refusing_port
from repro.kit.canary import driving
from repro.kit.canary.contract import Contract, Metrics, Request
from repro.kit.canary.deployment import Deployment, Server
from repro.problem import Problem

CONTRACT = Contract((Request("search", "GET", "/search"), Request("other", "GET", "/other")), each=6)


@pytest.fixture
def sides():
    """Two servers, and the deployments that they are."""
    with Upstream() as stable, Upstream() as candidate:
        yield {"stable": stable, "candidate": candidate}


def drive(sides, contract=CONTRACT, **options):
    """Drive the servers."""
    deployments = {name: Deployment(name, server.url + "/") for name, server in sides.items()}
    options = {"seed": 0, "until": time.monotonic() + 60} | options
    return driving.drive(deployments, contract, **options)


def test_each_round_asks_stable_twice_and_the_candidate_once(sides):
    """After a warm-up each of the three gets its requests, in turn, and what is answered is kept by side."""
    told = []
    measured = drive(sides, progress=lambda done, of: told.append((done, of)))
    assert told == [(number, 6) for number in range(1, 7)]
    assert {name: (side.sent, len(side.seconds), side.errors) for name, side in measured.arms.items()} == {
        "stable": (6, 6, 0),
        "again": (6, 6, 0),
        "candidate": (6, 6, 0),
    }
    assert all(0 < seconds < 10 for seconds in measured.arms["candidate"].seconds)
    assert len(sides["stable"].requests) == 2 * (driving.WARM_UP + 6)
    assert len(sides["candidate"].requests) == driving.WARM_UP + 6
    assert [len(side.connections) for side in sides.values()] == [2, 1]
    assert measured.stable.answered["search"]["status"] == {"200"}
    assert measured.stable.answered == measured.candidate.answered
    assert (measured.trouble, measured.remarks) == (None, [])
    assert measured.arms["stable"].retries is None


def test_order_is_decided_by_the_seed(sides):
    """Which of the three comes first is another from round to round, and the same with the same seed."""
    seen = []
    sides["stable"].answer("/search", lambda exchange: (seen.append("s"), answering({})(exchange)))
    sides["candidate"].answer("/search", lambda exchange: (seen.append("c"), answering({})(exchange)))
    orders = []
    for seed in (1, 1, 2):
        seen.clear()
        drive(sides, replace(CONTRACT, requests=CONTRACT.requests[:1]), seed=seed)
        orders.append("".join(seen[driving.WARM_UP * 3 :]))
    assert orders[0] == orders[1] != orders[2]
    assert len({orders[0][start : start + 3] for start in range(0, 18, 3)}) > 1


def test_failures_are_errors_and_those_with_an_answer_have_a_latency(sides):
    """An answer that says the server failed is an error with a latency, no answer is one without."""
    sides["candidate"].answer("/search", answering({}, status=500, reason="No"))
    sides["candidate"].answer("/other", closing)
    measured = drive(sides)
    candidate = measured.arms["candidate"]
    assert (candidate.sent, candidate.errors, len(candidate.seconds)) == (6, 6, 3)
    assert measured.candidate.failed["search"]["status"] == {"500"}
    assert "other" not in measured.candidate.answered


def test_redirect_is_an_answer_and_not_followed(sides):
    """A redirect to another host is compared like any answer, and nothing goes there."""
    with Upstream() as elsewhere:
        headers = (("Location", f"{elsewhere.url}/there"),)
        sides["candidate"].answer(None, answering(b"", status=302, reason="Found", headers=headers))
        measured = drive(sides)
        assert elsewhere.connections == []
    assert measured.candidate.answered["search"]["status"] == {"302"}


def test_side_that_does_not_answer_from_the_start_is_said(sides):
    """What cannot be reached is a problem with its URL, and nothing is judged."""
    port = refusing_port()
    there = Deployment("stable", sides["stable"].url), Deployment("candidate", f"http://127.0.0.1:{port}")
    with pytest.raises(Problem) as caught:
        driving.drive({side.name: side for side in there}, CONTRACT, seed=0, until=time.monotonic() + 60)
    assert caught.value.found == f"candidate at http://127.0.0.1:{port} does not answer."
    assert caught.value.code == 3


def test_side_that_falls_silent_ends_the_canary(sides):
    """Twenty requests in a row without an answer are enough to know."""
    calm = [answering({})] * driving.WARM_UP
    sides["candidate"].answer("/search", *calm, closing)
    measured = drive(sides, replace(CONTRACT, requests=CONTRACT.requests[:1], each=100))
    assert measured.trouble == "candidate did not answer 20 times in a row"
    assert measured.arms["candidate"].sent == 20


def test_process_that_ends_ends_the_canary(sides, tmp_path):
    """What the kit stood up and is no longer there is named, at the first request after it went."""
    gone = Server("the stand-in behind stable", [sys.executable, "-c", "print(1)"], dict(os.environ), tmp_path)
    gone.end()
    there = {name: Deployment(name, server.url, (gone,)) for name, server in sides.items()}
    measured = driving.drive(there, CONTRACT, seed=0, until=time.monotonic() + 60)
    assert measured.trouble == "the stand-in behind stable ended in the middle"
    assert measured.arms["stable"].sent == 1


def test_time_that_is_up_ends_the_sending(sides):
    """What was measured until then is judged, and a remark says how much it is."""
    measured = drive(sides, until=time.monotonic())
    assert measured.remarks == ["time was up after 0 of 6 requests a side"]
    assert measured.trouble is None


def test_rate_is_kept(sides, monkeypatch):
    """A deployment gets no more requests a second than the contract allows, both turns of stable together."""
    now = [0.0]

    def sleep(seconds):
        now[0] += seconds

    clock = types.SimpleNamespace(monotonic=lambda: now[0], perf_counter=lambda: now[0], sleep=sleep)
    monkeypatch.setattr(driving, "time", clock)
    drive(sides, replace(CONTRACT, each=1, rate=200), until=60)
    requests = len(sides["stable"].requests)
    assert requests == 2 * (driving.WARM_UP + 1)
    assert now[0] == pytest.approx((requests - 1) / 200)


METRICS = b"""# TYPE attempts counter
attempts_total{reason="first"} 5
attempts_total{reason="again"} %d
# TYPE opened counter
opened_total %d
"""


def counting(server, *values):
    """Serve metrics with these values of further attempts and of connections, one pair after the other."""
    kind = (("Content-Type", "text/plain"),)
    server.answer("/metrics", *(answering(METRICS % pair, headers=kind) for pair in values))


def test_deployments_count_for_themselves(sides):
    """What the metrics of a side counted meanwhile is its own; stable's is shared by its two."""
    counting(sides["stable"], (3, 10), (6, 10))
    counting(sides["candidate"], (0, 1), (9, 7))
    metrics = Metrics("/metrics", 'attempts_total{reason="again"}', "opened_total")
    measured = drive(sides, replace(CONTRACT, metrics=metrics))
    assert {name: (side.retries, side.connections) for name, side in measured.arms.items()} == {
        "stable": (2, 0),
        "again": (1, 0),
        "candidate": (9, 6),
    }


def test_deployments_may_count_one_thing_only(sides):
    """What the contract names no counter of stays unknown."""
    for server in sides.values():
        counting(server, (0, 1), (0, 3))
    measured = drive(sides, replace(CONTRACT, metrics=Metrics("/metrics", None, "opened_total")))
    candidate = measured.arms["candidate"]
    assert (candidate.retries, candidate.connections) == (None, 2)


@pytest.mark.parametrize(
    ("answer", "metrics", "said"),
    [
        (answering(b"opened_total 1\n"), Metrics("/metrics", "attempts_total"), "have no counter attempts_total"),
        (answering(b"{}\n"), Metrics("/metrics", "attempts_total"), "cannot be read"),
        (closing, Metrics("/metrics", None, "opened_total"), "cannot be read"),
    ],
)
def test_metrics_that_cannot_be_read_are_said(sides, answer, metrics, said):
    """Metrics without the counter, in another form, or not there at all are a problem."""
    sides["stable"].answer("/metrics", answer)
    with pytest.raises(Problem, match=said):
        drive(sides, replace(CONTRACT, metrics=metrics))


#: A stand-in that was asked twice over one connection.
SEEN = """
import sys
asked = '{"connection": 1, "request": "GET /a", "headers": [["Host", "h"], ["X-Api-Key", "k"], ["Accept", "*/*"]]}'
print('{"port": 7}', flush=True)
sys.stdin.readline()
print(asked + "\\n" + asked, flush=True)
sys.stdin.read()
"""


def test_what_arrived_upstream_is_counted_and_read(tmp_path):
    """What the stand-in saw is requests, new connections and facets; its key and its names are none of them."""
    with Server("it", [sys.executable, "-c", SEEN], dict(os.environ), tmp_path) as server:
        client = driving.Client(Deployment("stable", "http://127.0.0.1:1", upstream=server), CONTRACT, None)
        server._process.stdin.write(b"go\n")
        server._process.stdin.flush()
        found = eventually(lambda: next((seen for seen in [client.upstream()] if seen[0]), None))
        assert found == (
            2,
            1,
            {
                "request upstream": "GET /a",
                "header upstream accept": "*/*",
                "headers upstream, in order": "Host, X-Api-Key, Accept",
            },
        )
        assert client.upstream() == (0, 0, {})
