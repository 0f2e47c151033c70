"""How long answers from stored snapshots take."""

import sys

from repro.kit import latency
from repro.kit.latency import BARE, Latency


def test_commands_are_what_a_person_runs():
    """The kit's own verbs are measured, each in a process of its own, after an interpreter that does nothing."""
    found = latency.commands([("0.1", "0.2")])
    assert list(found) == [BARE, "compare 0.1 0.2", "report and its page"]
    assert found["compare 0.1 0.2"] == [sys.executable, "-m", "repro.kit", "compare", "0.1", "0.2"]


def test_every_command_runs_as_often_as_told(tmp_path):
    """Each command runs so many times, where it is told to, and its time is taken each time."""
    write = "import os, sys; open(sys.argv[1], 'a').write('x')"
    wanted = {name: [sys.executable, "-c", write, name] for name in ("one", "other")}
    found = latency.measure(wanted, tmp_path, 3)
    assert [(each.name, len(each.seconds)) for each in found] == [("one", 3), ("other", 3)]
    assert all(second > 0 for each in found for second in each.seconds)
    assert ((tmp_path / "one").read_text(), (tmp_path / "other").read_text()) == ("xxx", "xxx")


def test_latency_is_told_as_a_multiple_of_the_first():
    """A latency is told in seconds, median and slowest, and as a multiple of the first one's median."""
    told = latency.lines([Latency(BARE, [0.1, 0.2, 0.3]), Latency("compare", [1.0, 1.2, 9.0])])
    assert [line.split() for line in told[1:]] == [
        ["starting", "Python", "0.20", "0.30", "1"],
        ["compare", "1.20", "9.00", "6"],
    ]


def test_latency_prints_how_long_answers_take(kit, small_checkout, monkeypatch):
    """The verb measures comparisons around the release data and back, and prints what was measured."""
    asked = []

    def measure(wanted, root, times):
        asked.append((list(wanted), root, times))
        return [latency.Latency(latency.BARE, [1.0])]

    monkeypatch.setattr(latency, "measure", measure)
    code, out, _ = kit("latency", "--times", "2")
    assert code == 0
    assert "starting Python" in out
    ((names, root, times),) = asked
    assert (root, times) == (small_checkout.root, 2)
    assert names[1:3] == ["compare httpx==0.2 httpx==0.1", "compare httpx==0.1 httpx==0.2"]
