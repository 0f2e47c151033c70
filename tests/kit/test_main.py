"""The command line: what it prints, and the code it exits with."""

import functools
import json
import os
import subprocess
import sys

import pytest
from stage import MINOR, ROOT, record, release, tree

from repro.cell.upstream import refusing_port
from repro.kit import __main__ as main
from repro.kit import advisory, index
from repro.release import DATA, Releases


@pytest.fixture
def kit(small_checkout, monkeypatch, capsys):
    """The command line of a small checkout, in this process: its exit code, what it printed, and its errors."""

    class Small(Releases):
        @classmethod
        def load(cls, path=small_checkout.root / "repro" / "releases.toml"):
            return super().load(path)

    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(main, "Releases", Small)
    monkeypatch.setattr(main, "DATA", small_checkout.root / "repro" / "releases.toml")
    monkeypatch.setattr(main, "Workspace", lambda: small_checkout.workspace)

    def run(*arguments):
        code = main.main(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def keep(checkout, *records):
    """Leave records as cells of a checkout leave them."""
    for entry in records:
        entry.write(checkout.workspace.record(entry.release, entry.minor))


def test_cell_is_run_and_told_in_a_line(small_checkout):
    """A cell whose answer is not stored exits with 1; once accepted, with 0; and a second accept changes nothing."""
    code, output = small_checkout.run("cell", "0.1")
    title = f"httpx==0.1 on Python {sys.version.split()[0]}: ran 1 behaviour, 0 absent"
    assert (code, output) == (1, f"{title}, 1 not as stored: area/answer\n")
    code, output = small_checkout.run("accept")
    assert (code, output) == (
        0,
        (
            "wrote snapshots/httpx-0.1/area/answer.json\n"
            "Accepted the records of 1 release: 1 snapshot written, 0 removed.\n"
        ),
    )
    assert small_checkout.run("cell", "0.1") == (0, f"{title}, all as stored\n")
    before = small_checkout.files()
    assert small_checkout.run("accept") == (0, "Accepted the records of 1 release: 0 snapshots written, 0 removed.\n")
    assert small_checkout.files() == before


def test_cell_runs_under_the_python_it_is_told(kit, small_checkout):
    """A Python that there is none of is a cell that cannot be installed, and its record says which."""
    code, out, _ = kit("cell", "0.1", "--python", "3.0")
    assert code == 3
    assert out.startswith("httpx==0.1 on Python 3.0: not-installable: ")
    assert small_checkout.workspace.record(release("0.1"), "3.0").is_file()


def test_cell_that_crashed_says_where_it_printed(kit, small_checkout):
    """A cell that crashed exits with 3 and names its log, below the checkout."""
    small_checkout.behaviours('import os\n\n\ndef test_a():\n    """It ends."""\n    os._exit(3)\n')
    code, out, _ = kit("cell", "0.1")
    assert code == 3
    assert out.endswith(f"  what it printed: .matrix/logs/httpx-0.1-py{MINOR}.log\n")
    assert (small_checkout.root / f".matrix/logs/httpx-0.1-py{MINOR}.log").is_file()


def test_cell_says_what_takes_time(kit, monkeypatch):
    """While the index cannot be reached, the person who waits is told."""
    monkeypatch.delenv("UV_OFFLINE")
    monkeypatch.delenv("UV_FIND_LINKS")
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{refusing_port()}/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setattr(main.supervisor.environment, "BACK_OFF", (0.01,))
    code, out, _ = kit("cell", "0.1")
    assert code == 3
    told, ended = out.splitlines()
    assert told.endswith(": the index could not be reached, trying again in 0.01 s")
    assert "not-installable: the package index could not be reached in 2 tries (" in ended


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cell", "nonsense"), "error: 'nonsense' is not a release.\n  Write a version, "),
        (("cell", "boundary"), "error: 'boundary' is more than one release.\n  A cell is one; run several with: "),
        (("cell", "requests==1"), "error: 'requests' is not a distribution this kit knows (httpx, httpx2).\n"),
        (("report", "./nowhere"), "error: There is no checkout of httpx at "),
        (("accept",), "error: There is no record to accept.\n  Run the cells first, with: nox\n"),
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
    [[], ["nonsense"], ["cell"], ["cell", "0.1", "--timeout", "soon"], ["cell", "0.1", "--python", "python3"]],
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


def test_report_is_about_the_newest_records(kit, small_checkout):
    """Outside of a run, the report is about the records there are, of every Python, and exits with their code."""
    keep(
        small_checkout,
        record("0.1", {"area/a": 1}),
        record("0.2", {"area/a": 2}),
        record("0.2", {"area/a": 2}, "3.99.1"),
    )
    small_checkout.store("httpx-0.1", "area/a", 1)
    code, out, _ = kit("report", "0.1 0.2")
    assert code == 1
    assert "httpx==0.2: 1 behaviour changed after httpx==0.1" in out
    assert "3.99" in out
    assert out.endswith("Exit code 1.\n")
    small_checkout.store("httpx-0.2", "area/a", 2)
    assert kit("report", "0.1 0.2")[0] == 0
    code, out, _ = kit("report", "0.1 0.3")
    assert code == 3
    assert "httpx==0.3" in out
    assert "no record" in out


def test_report_of_a_run_is_about_its_own_cells(kit, small_checkout, tmp_path, monkeypatch):
    """In a run, a record that an earlier run left speaks for nothing, and the same report is printed once."""
    monkeypatch.setenv("REPRO_RUN", str(tmp_path / "run"))
    (tmp_path / "run").mkdir()
    keep(small_checkout, record("0.1", {"area/a": 1}), record("0.2", {"area/a": 1}))
    small_checkout.store("httpx-0.1", "area/a", 1)
    main.Run(tmp_path / "run").begin("httpx-0.1", "httpx==0.1", MINOR)
    code, out, _ = kit("report", "0.1 0.2")
    assert code == 3
    assert f"httpx==0.2 on Python {MINOR}: its session ended before the cell did; run nox again" in out
    code, again, _ = kit("report", "0.1 0.2")
    assert (code, again) == (3, out.splitlines()[-1] + "\n")
    assert (tmp_path / "run" / "codes").read_text() == "report 3\nreport 3\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_report_is_coloured_only_where_somebody_sees_it(kit, small_checkout, monkeypatch, terminal):
    """A terminal gets colours, unless NO_COLOR is set; a file gets none."""
    keep(small_checkout, record("0.1", {"area/a": 1}))
    monkeypatch.setattr(main, "_coloured", main._coloured)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert ("\x1b[" in kit("report", "0.1")[1]) is terminal
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert "\x1b[" not in kit("report", "0.1")[1]


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
        "wrote snapshots/httpx-0.1/area/a.json\n"
        "wrote snapshots/httpx-0.1/area/b.json\n"
        "wrote snapshots/httpx-0.2/area/a.json\n"
        "wrote snapshots/httpx-0.2/area/b.json\n"
        "removed snapshots/httpx-0.2/area/gone.json\n"
        "to be written: the note of area/a in snapshots/httpx-0.2/notes.toml\n"
        "Accepted the records of 2 releases: 4 snapshots written, 1 removed.\n"
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
    assert set(small_checkout.files()) == expected
    assert sum("32 snapshots written" in output for output in outputs) == 1
    assert sum(" 0 snapshots written, 0 removed" in output for output in outputs) == 2


def test_verb_finishes_what_an_interrupt_left(kit, small_checkout):
    """Whichever verb comes next, it finishes an interrupted accept before it reads anything."""
    small_checkout.store("httpx-0.1", "area/a", 1)
    staging = small_checkout.snapshots / ".transaction"
    staging.mkdir()
    (staging / "0").write_text(json.dumps({"format": 1, "observed": 2}))
    (staging / "journal.json").write_text(json.dumps({"httpx-0.1/area/a.json": "0"}))
    keep(small_checkout, record("0.1", {"area/a": 2}))
    assert kit("report", "0.1")[0] == 0
    assert not staging.exists()


def test_disk_that_cannot_be_written_exits_with_3(kit, small_checkout):
    """What the system refuses is said in a sentence, without a traceback."""
    (small_checkout.root / ".matrix").write_text("in the way")
    code, _, err = kit("cell", "0.1")
    assert code == 3
    assert err.startswith("error: ")
    assert err.endswith("\n  Nothing stored was changed. Mend this, and run it again.\n")


def test_new_releases_are_added_and_checked(kit, small_checkout, monkeypatch):
    """What the index has and the data has not exits the check with 1; adding it makes the check exit with 0."""
    on_index = {"httpx": ["0.1", "0.5"], "httpx2": ["2.0", "2.1"]}
    data = small_checkout.root / "repro" / "releases.toml"
    before = data.read_text()
    monkeypatch.setattr(index.missing, "__defaults__", (on_index.__getitem__,))
    code, out, _ = kit("releases", "--check")
    assert (code, data.read_text()) == (1, before)
    assert out == "httpx: 0.5\nhttpx2: 2.1\nThe release data lacks these. Add them with: nox -s releases\n"
    code, out, _ = kit("releases")
    assert code == 0
    assert out.endswith('Added to repro/releases.toml. Run them with: RELEASES="httpx==0.5 httpx2==2.1" nox\n')
    assert kit("releases", "--check") == (0, "The release data has every release on the index.\n", "")


def test_advisory_is_held_against_what_is_stored(kit, small_checkout, monkeypatch, tmp_path):
    """A claim that does not hold is told and fails nothing; claims that cannot be read exit with 2."""
    path = tmp_path / "advisory.toml"
    path.write_text(
        'format = 1\nsource = "here"\nsafe = []\nabsent = []\n'
        '[[claim]]\nid = "it-answers"\nclaim = "It answers 2."\nstance = "states"\nreading = "At 0.1."\n'
        '[[claim.expect]]\nbehaviour = "area/answer"\nreleases = ["httpx==0.1"]\nis = 2\nreason = "It says so."\n'
    )
    monkeypatch.setattr("repro.kit.advisory.load", functools.partial(advisory.load, path))
    small_checkout.store("httpx-0.1", "area/answer", 1)
    code, out, err = kit("advisory")
    assert (code, err) == (0, "")
    assert "\nDOES NOT HOLD  it-answers\n" in out
    assert "\nCLAIMS: of 1, 1 does not hold.\n" in out
    path.write_text("{")
    code, out, err = kit("advisory")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: The advisory's claims {path} are damaged: ")


def test_certificates_are_made_in_the_checkout(kit, small_checkout):
    """The certificates are made where cells look for them."""
    folder = small_checkout.root / "repro" / "cell"
    folder.unlink()
    folder.mkdir()
    assert kit("certificates") == (0, "Made repro/cell/certificates, valid until 2038-01-01.\n", "")
    assert {"certificates/authority.pem", "certificates/server.pem"} <= set(tree(folder))


def test_throughput_prints_what_a_cell_costs(kit, monkeypatch):
    """The verb that measures prints what was measured."""
    from repro.kit import throughput

    asked = []

    def measure(subjects, workspace, *, warm):
        asked.append(([str(subject) for subject in subjects], warm))
        return throughput.Cost(1, 1.0, 2.0, 0.5, 0.5, 0.5)

    monkeypatch.setattr(throughput, "measure", measure)
    code, out, _ = kit("throughput", "0.1", "0.2", "--warm")
    assert (code, asked) == (0, [(["httpx==0.1", "httpx==0.2"], True)])
    assert "2.00" in out


def test_kit_is_a_module_that_runs():
    """Without a verb the kit says which there are, and exits with 2."""
    done = subprocess.run([sys.executable, "-m", "repro.kit"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "VERB" in done.stderr
    assert DATA.is_file()
    assert "REPRO_RUN" not in os.environ
