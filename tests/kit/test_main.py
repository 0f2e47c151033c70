"""The command line: the code that a verb exits with, whichever it is, and what is said where it comes to nothing."""

import json
import os
import signal
import subprocess
import sys

import pytest
from stage import MINOR, ROOT, keep, record

from repro.kit import transaction
from repro.release import DATA


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cell", "nonsense"), "error: 'nonsense' is not a release.\n  Write a version, "),
        (("cell", "boundary"), "error: 'boundary' is more than one release.\n  A cell is one; run several with: "),
        (("cell", "requests==1"), "error: 'requests' is not a distribution this kit knows (httpx, httpx2).\n"),
        (("report", "./nowhere"), "error: There is no checkout of httpx at "),
        (("accept",), "error: There is no record to accept.\n  Run the cells first, with: nox\n"),
        (("coverage", "0.1 0.2"), "error: '0.1 0.2' is not one release.\n"),
        (("coverage", "./repro"), "error: './repro' is not one release.\n"),
        (("throughput", "nonsense"), "error: 'nonsense' is not a release.\n"),
    ],
)
def test_misuse_exits_with_2_and_its_sentence(kit, arguments, said):
    """What a person got wrong is said in a sentence, with what to do, and exits with 2."""
    code, out, err = kit(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(said)


@pytest.mark.parametrize(
    "arguments",
    [
        ["latency", "--times", "0"],
        [],
        ["nonsense"],
        ["cell"],
        ["cell", "0.1", "--timeout", "soon"],
        ["cell", "0.1", "--python", "python3"],
    ],
)
def test_wrong_arguments_exit_with_2(kit, arguments):
    """Arguments that cannot be read exit with 2 as well."""
    with pytest.raises(SystemExit) as caught:
        kit(*arguments)
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("damage", "verb", "said"),
    [
        ("repro/releases.toml", "report", "The release data {} is damaged: "),
        (".matrix/records/httpx-0.1-py{minor}.json", "report", "The record {} is damaged: "),
        (".matrix/records/httpx-0.1-py{minor}.json", "accept", "The record {} is damaged: "),
        ("snapshots/httpx-0.1/area/answer.json", "report", "The snapshot {} is damaged: "),
        ("snapshots/httpx-0.1/area/answer.json", "accept", "The snapshot {} is damaged: "),
        ("snapshots/httpx-0.2/notes.toml", "report", "The notes {} are damaged: "),
        ("snapshots/httpx-0.2/notes.toml", "accept", "The notes {} are damaged: "),
    ],
)
def test_damaged_file_exits_with_2_and_changes_nothing(kit, small_checkout, damage, verb, said):
    """A damaged file is named, whichever verb comes upon it, and nothing stored changes."""
    keep(small_checkout, record("0.1", {"area/answer": 1}), record("0.2", {"area/answer": 2}))
    small_checkout.store("httpx-0.1", "area/answer", 1)
    small_checkout.store("httpx-0.2", "area/answer", 2)
    path = small_checkout.root / damage.format(minor=MINOR)
    path.write_text("{")
    before = small_checkout.files()
    code, _, err = kit(verb, *(["0.1 0.2"] if verb == "report" else []))
    assert code == 2
    assert err.startswith("error: " + said.format(path))
    assert len(err.splitlines()) == 2
    assert small_checkout.files() == before


def test_verb_finishes_what_an_interrupt_left(kit, small_checkout, monkeypatch):
    """Whichever verb comes next, it finishes an interrupted accept before it reads anything, and says so."""
    small_checkout.store("httpx-0.1", "area/a", 1)
    with monkeypatch.context() as patch:
        patch.setattr(transaction, "_finish", lambda _root: None)
        transaction.apply(small_checkout.snapshots, {"httpx-0.1/area/a.json": json.dumps({"format": 1, "observed": 2})})
    keep(small_checkout, record("0.1", {"area/a": 2}))
    code, _, err = kit("report", "0.1")
    assert (code, err) == (0, f"note: An interrupted change of {small_checkout.snapshots} is finished.\n")
    assert not (small_checkout.snapshots / transaction.STAGING).exists()


def test_disk_that_cannot_be_written_exits_with_3(kit, small_checkout):
    """What the system refuses is said in a sentence, without a traceback."""
    (small_checkout.root / ".matrix").write_text("in the way")
    code, _, err = kit("cell", "0.1")
    assert code == 3
    assert err.startswith("error: ")
    assert err.endswith("\n  Nothing stored was changed. Mend this, and run it again.\n")


def test_reader_that_has_seen_enough_is_no_error(kit, small_checkout, measured):
    """An answer that nobody reads to its end ends without a word, as a program does that a pipe breaks."""
    keep(small_checkout, record("0.1", {"area/a": "x" * 500_000}), record("0.2", {"area/a": 2}))
    assert kit("accept")[0] == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "repro.kit", "compare", "0.1", "0.2", "--format", "json"],
        cwd=small_checkout.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout.read(1) == b"{"
    process.stdout.close()
    assert (process.wait(20), process.stderr.read()) == (128 + signal.SIGPIPE, b"")


def test_kit_is_a_module_that_runs():
    """Without a verb the kit says which there are, and exits with 2."""
    done = subprocess.run([sys.executable, "-m", "repro.kit"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "VERB" in done.stderr
    assert DATA.is_file()
    assert "REPRO_RUN" not in os.environ
