"""The verb `accept`: what it folds, what it says of it, and what it leaves alone."""

from stage import keep, record


def test_accept_says_what_it_left_out_and_what_is_to_be_noted(kit, small_checkout):
    """Accepting names the cells that it left out, every file, and the notes that are still to be written."""
    keep(
        small_checkout,
        record("0.1", {"area/a": 1, "area/b": 1}),
        record("0.2", {"area/a": 2, "area/b": 2}),
        record("0.3", python="3.11.1", outcome="crashed", reason="it ended on SIGKILL"),
    )
    small_checkout.store("httpx-0.2", "area/gone", 1)
    (small_checkout.snapshots / "httpx-0.2" / "notes.toml").write_text(
        '["area/b"]\nchanged = "It is 2."\nkind = "fix"\ncause = "0.2"\ndo = "Count."\n'
    )
    code, out, _ = kit("accept")
    assert code == 0
    assert out == (
        "left out: httpx==0.3 on Python 3.11: crashed: it ended on SIGKILL\n"
        "wrote snapshots/behaviours.json\n"
        "wrote snapshots/httpx-0.1/area/a.json\n"
        "wrote snapshots/httpx-0.1/area/b.json\n"
        "wrote snapshots/httpx-0.2/area/a.json\n"
        "wrote snapshots/httpx-0.2/area/b.json\n"
        "removed snapshots/httpx-0.2/area/gone.json\n"
        "wrote snapshots/outcomes.json\n"
        "to be written: the note of area/a in snapshots/httpx-0.2/notes.toml\n"
        "Accepted the records of 2 releases: 6 snapshots written, 1 removed.\n"
    )


def test_accept_of_a_doubtful_answer_accepts_nothing(kit, small_checkout):
    """One doubtful answer, and the exit code is 1 and every file as it was."""
    keep(small_checkout, record("0.1", {"area/a": 1}), record("0.2", states={"area/a": ("failed", "AssertionError")}))
    code, _, err = kit("accept")
    assert code == 1
    assert "Nothing was accepted" in err
    assert not small_checkout.snapshots.exists()


def test_two_accepts_at_once_are_one(small_checkout):
    """Processes that accept the same records at once leave what one would have left."""
    names = [f"area/{letter}" for letter in "abcdefgh"]
    keep(
        small_checkout,
        *(record(version, dict.fromkeys(names, version)) for version in ("0.1", "0.2", "0.3", "0.4")),
    )
    running = [small_checkout.begin("accept") for _ in range(3)]
    outputs = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], outputs
    expected = {f"httpx-{version}/{name}.json" for version in ("0.1", "0.2", "0.3", "0.4") for name in names}
    assert set(small_checkout.files()) == expected | {"behaviours.json", "outcomes.json"}
    assert sum("34 snapshots written" in output for output in outputs) == 1
    assert sum(" 0 snapshots written, 0 removed" in output for output in outputs) == 2
