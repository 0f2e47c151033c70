"""What releases cost beside the first: measured in real processes, and computed."""

import random
import sys

import pytest
from stage import MINOR, children, release

from repro.kit import costs, environment, process
from repro.kit.report.bench import PROTOCOLS
from repro.kit.workspace import Workspace
from repro.problem import Problem
from repro.release import Releases


def measured(rounds=15, slower=1.0, *, http2=True, noise=0.2):
    """What the processes of a release measure, round by round, beside noise that falls on whole rounds."""
    draw, drift = random.Random(7 + bool(slower != 1)), random.Random(1)
    found = []
    for _ in range(rounds):
        load = slower * (1 + drift.random())
        values = {
            name: [load * draw.uniform(1, 1 + noise) for _ in range(count)]
            for name, count in (("import", 1), ("client", 1), ("kept", 60), ("fresh", 20), ("tls", 60), ("http2", 60))
        }
        found.append(
            {
                **values,
                "import": values["import"][0],
                "client": values["client"][0],
                "made": 1000.0 * slower,
                "open": 1200.0 * slower,
                "http2": [2 * seconds for seconds in values["http2"]] if http2 else None,
            }
        )
    return found


def by_name(found):
    """The ratios by measure and release."""
    return {(each.measure, each.release): each for each in found}


def test_what_costs_the_same_is_shown_as_no_difference():
    """Whatever falls on a round falls on both, so that the interval of equals holds 1, and is not wide."""
    found = costs.ratios({"a": measured(), "b": measured()})
    assert {each.measure for each in found} == {*(name for name, _, _ in costs.MEASURES), PROTOCOLS}
    for each in found:
        if each.measure != PROTOCOLS:
            assert each.low <= 1 <= each.high, each
            assert each.high / each.low < 1.6, each


def test_what_costs_half_as_much_again_is_shown():
    """A release that takes half as long again has that ratio, and its rate the inverse."""
    found = by_name(costs.ratios({"a": measured(), "b": measured(slower=1.5)}))
    for name, percent in (("import time", None), ("p50, kept connection", 50), ("p99, client per request", 99)):
        each = found[name, "b"]
        assert each.low > 1.2, (percent, each)
        assert each.value == pytest.approx(1.5, rel=0.25)
    rate = found["requests a second, kept connection", "b"]
    assert rate.high < 1
    assert found["memory of a client", "b"].value == 1.5


def test_protocols_are_compared_within_a_release():
    """HTTP/2 is beside HTTP/1.1 of the same release, for the first one too."""
    found = by_name(costs.ratios({"a": measured(), "b": measured(http2=False)}))
    assert found[PROTOCOLS, "a"].value == pytest.approx(2, rel=0.2)
    assert found[PROTOCOLS, "b"].value is None
    assert found["p50, HTTP/2 over TLS", "b"].value is None


def test_too_few_values_are_no_ratio():
    """A percentile that has no bound is not compared, and nothing is where there are too few rounds to draw from."""
    found = by_name(costs.ratios({"a": measured(5), "b": measured(5)}))
    assert found["p99, client per request", "b"] == costs.Ratio("p99, client per request", "b", n=100)
    assert found["p95, kept connection", "b"].value is not None
    assert {each.value for each in costs.ratios({"a": measured(4), "b": measured(4)})} == {None}


def test_what_is_drawn_is_decided_by_the_seed():
    """The same measurements and the same seed give the same intervals."""
    both = {"a": measured(5), "b": measured(5, slower=1.2)}
    assert costs.ratios(both, seed=1) == costs.ratios(both, seed=1)
    assert costs.ratios(both, seed=1) != costs.ratios(both, seed=2)


@pytest.fixture
def here(monkeypatch):
    """Every environment is the one that these tests run in, which has a real httpx; few requests are sent."""
    monkeypatch.setattr(environment, "build", lambda *_, **__: sys.executable)
    monkeypatch.setattr(costs, "KEPT", 3)
    monkeypatch.setattr(costs, "FRESH", 2)


def run(*subjects, **options):
    """Measure releases."""
    return costs.measure(subjects, sys.executable, MINOR, Releases.load(), Workspace(), **options)


def test_round_is_a_process_of_a_release(here):
    """A round measures a release in a process, on real servers, and is told; nothing runs afterwards."""
    told = []
    found = run(release("0.28.1"), rounds=1, progress=lambda done, of: told.append((done, of)), say=told.append)
    assert told == ["building httpx==0.28.1", (1, 1)]
    (measured,) = found["httpx==0.28.1"]
    assert [len(measured[name]) for name in ("kept", "fresh", "tls", "http2")] == [3, 2, 3, 3]
    assert children("repro.cell.costs") == []


def test_release_that_cannot_be_built_is_said(monkeypatch):
    """An environment that cannot be built is a problem with its reason."""

    def fail(*_, **__):
        raise environment.NotBuilt("no such wheel")

    monkeypatch.setattr(environment, "build", fail)
    with pytest.raises(Problem, match=r"httpx==0.28.1 cannot be built: no such wheel"):
        run(release("0.28.1"))


def test_process_that_fails_is_said(here, monkeypatch):
    """A process that ends without an answer is a problem with its last words."""
    monkeypatch.setattr(costs, "KEPT", "none")
    with pytest.raises(Problem, match=r"httpx==0.28.1 could not be measured: ValueError: invalid literal") as caught:
        run(release("0.28.1"), rounds=1)
    assert caught.value.code == 3


def test_process_that_fails_silently_is_said(here, monkeypatch):
    """A process that ends without a word is said to have."""
    monkeypatch.setattr(process, "run", lambda *_, **__: process.Ended(-9, overdue=True, output=""))
    with pytest.raises(Problem, match="could not be measured: it said nothing"):
        run(release("0.28.1"), rounds=1)
