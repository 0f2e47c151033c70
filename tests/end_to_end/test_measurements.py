"""What the kit stands up and measures whole: the services of a canary, and the rounds of a measurement of costs."""

import sys
import time

import numpy as np
from services import FOUND, ask, up
from stage import MINOR, children, release

from repro.kit import costs
from repro.kit.canary import driving
from repro.kit.canary.contract import SEARCH, Contract
from repro.kit.workspace import ROOT, Workspace
from repro.release import Checkout, Releases


def test_what_arrives_upstream_is_measured(here):
    """What the stand-in behind a side saw is part of what the side answers; its key and its names are not."""
    contract = Contract((SEARCH,), each=2)
    with up() as sides:
        measured = driving.drive(sides, contract, seed=0, until=time.monotonic() + 60)
    found = measured.stable.answered["search"]
    assert found["request upstream"] == {"GET /3/search/tv?query=firefly&page=1"}
    assert found["header upstream accept"] == {"*/*"}
    assert not {"header upstream x-api-key", "header upstream host", "header upstream user-agent"} & found.keys()
    assert {name: (side.retries, side.connections) for name, side in measured.arms.items()} == dict.fromkeys(
        ("stable", "again", "candidate"), (0, 2)
    )


def test_stand_in_does_what_its_profile_says(here):
    """One request in fifty is answered 503 by a failing upstream, and one of a burst's two hundred not at all."""
    with up({"stable": release("0.28.1")}, "failing") as sides:
        statuses = [ask(sides["stable"])[0] for _ in range(50)]
    assert statuses == [200] * 49 + [500]


def test_hardened_service_is_stood_up(here):
    """The hardened service answers the same, keeps its connection upstream, and leaves no file behind."""
    with up({"stable": release("0.28.1")}, service="hardened") as sides:
        assert [ask(sides["stable"]) for _ in range(2)] == [(200, FOUND)] * 2
        assert [seen["connection"] for seen in sides["stable"].upstream.lines()] == [1, 1]
    assert list(ROOT.glob("*.sqlite3*")) == []


def test_each_round_is_a_process_of_each_release(here, monkeypatch):
    """Every process measures everything on real servers, and nothing runs afterwards."""
    monkeypatch.setattr(costs, "KEPT", 3)
    monkeypatch.setattr(costs, "FRESH", 2)
    told = []
    subjects = release("0.28.1"), Checkout("/src/httpx")
    found = costs.measure(
        subjects,
        sys.executable,
        MINOR,
        Releases.load(),
        Workspace(),
        rounds=2,
        progress=lambda done, of: told.append((done, of)),
        say=told.append,
    )
    assert told == ["building httpx==0.28.1", "building /src/httpx", (1, 2), (2, 2)]
    assert list(found) == ["httpx==0.28.1", "/src/httpx"]
    for each in (*found["httpx==0.28.1"], *found["/src/httpx"]):
        assert each.keys() == {"import", "client", "made", "open", "kept", "fresh", "tls", "http2"}
        assert [len(each[name]) for name in ("kept", "fresh", "tls", "http2")] == [3, 2, 3, 3]
        assert np.all(np.asarray([each["import"], each["client"], *each["kept"]]) > 0)
    assert children("repro.cell.costs") == []
