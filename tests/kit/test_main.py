"""The command line: what it prints, and the code it exits with."""

import functools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from scenes import RECORDS, embedded
from stage import MINOR, ROOT, children, golden, record, release, tree

from repro.cell.upstream import Upstream, answering, refusing_port
from repro.kit import __main__ as main
from repro.kit import advisory, changelog, costs, index
from repro.kit.canary import driving
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
            "wrote snapshots/behaviours.json\n"
            "wrote snapshots/httpx-0.1/area/answer.json\n"
            "wrote snapshots/outcomes.json\n"
            "Accepted the records of 1 release: 3 snapshots written, 0 removed.\n"
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


@pytest.fixture
def stored(kit, small_checkout):
    """A small checkout that has a line stored: 0.1 answers 1, 0.2 answers 2, 0.4 cannot be built."""
    keep(
        small_checkout,
        record("0.1", {"area/a": 1, "other/b": 1}),
        record("0.2", {"area/a": 2, "other/b": 1}),
        record("0.4", outcome="not-installable", reason="It never could be built."),
    )
    assert kit("accept")[0] == 0
    return small_checkout


def known(checkout, *at):
    """A file that accepts the change of area/a at these releases."""
    entries = [f'[[accepted]]\nbehaviour = "area/a"\nrelease = "{version}"\nreason = "We know."\n' for version in at]
    path = checkout.root / "accepted.toml"
    path.write_text("\n".join(["format = 1", *entries]))
    return str(path)


def test_stored_releases_are_compared(kit, stored):
    """What differs is printed with the verdict last, and exits with 1; what is equal exits with 0."""
    code, out, err = kit("compare", "0.1", "0.2")
    assert (code, err) == (1, "")
    assert out.startswith("Changed, and nobody has written why: 1 behaviour\n  area/a\n      1 → 2\n")
    assert out.endswith("\n\nCHANGED: httpx==0.1 to httpx==0.2: 1 behaviour changed, 1 unchanged. Exit code 1.\n")
    code, out, _ = kit("compare", "0.2", "0.2")
    assert (code, out) == (
        0,
        "UNCHANGED: httpx==0.2 to httpx==0.2: 0 behaviours changed, 2 unchanged. Exit code 0.\n",
    )
    assert kit("compare", "0.2", "0.1")[0] == 1


def test_answer_is_written_before_the_exit(kit, stored, tmp_path):
    """With a file asked for, the whole answer is in it, the verdict first, and what is printed is where it is."""
    path = tmp_path / "new" / "answer.txt"
    code, out, err = kit("compare", "0.1", "0.2", "--output", str(path))
    assert (code, out) == (1, "")
    says = "CHANGED: httpx==0.1 to httpx==0.2: 1 behaviour changed, 1 unchanged. Exit code 1."
    assert err == f"Wrote {path}.\n{says}\n"
    assert path.read_text().startswith(f"{says}\n\nChanged, ")
    assert kit("compare", "0.1", "0.4", "--output", str(path))[0] == 3
    assert path.read_text().startswith("NOT COMPLETE: ")


def test_answer_may_go_to_a_device(kit, stored):
    """What is no file is written to, and not replaced by one."""
    assert kit("compare", "0.1", "0.2", "--output", os.devnull)[0] == 1
    assert not Path(os.devnull).is_file()


def test_answer_that_cannot_be_written_is_misuse(kit, stored, tmp_path):
    """A place that cannot be written exits with 2, and says what is wrong with it."""
    (tmp_path / "file").write_text("")
    for path, why in ((tmp_path, "Is a directory"), (tmp_path / "file" / "answer", "File exists")):
        code, out, err = kit("compare", "0.1", "0.2", "--output", str(path))
        assert (code, out) == (2, "")
        assert err == (
            f"error: The answer cannot be written to {path}: {why}.\n  Give --output a file that can be written.\n"
        )


def test_accepted_changes_do_not_fail(kit, stored):
    """An accepted change is told and exits with 0; a stale entry exits with 1."""
    code, out, _ = kit("compare", "0.1", "0.2", "--accepted", known(stored, "0.2"))
    assert code == 0
    assert "Accepted: We know." in out
    assert out.splitlines()[-1].startswith("ACCEPTED: ")
    code, out, _ = kit("compare", "0.1", "0.2", "--accepted", known(stored, "0.2", "0.3"))
    assert code == 1
    assert "area/a at httpx==0.3: stale, no such change on this way (We know.)" in out
    assert "\n\nNOT AS ACCEPTED: " in out


def test_only_the_kinds_and_the_area_asked_for_count(kit, stored):
    """Kinds that are not to fail do not, and another area is not told."""
    assert kit("compare", "0.1", "0.2", "--fail-on", "removal,fix")[0] == 0
    assert kit("compare", "0.1", "0.2", "--fail-on", "removal,unexplained")[0] == 1
    code, out, _ = kit("compare", "0.1", "0.2", "--area", "other", "--accepted", known(stored, "0.2"))
    assert (code, out) == (
        0,
        "UNCHANGED: httpx==0.1 to httpx==0.2: 0 behaviours changed, 1 unchanged. Exit code 0.\n",
    )


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("0.4", "httpx==0.4: not-installable: It never could be built."),
        ("9.9", "httpx==9.9: no cell of it is stored; compare with --fresh, which runs it"),
    ],
)
def test_release_of_which_nothing_is_known_exits_with_3(kit, stored, after, said):
    """A release that cannot be built, and one that never ran, are told with the reason or the next step."""
    code, out, _ = kit("compare", "0.1", after)
    assert code == 3
    assert said in out
    assert kit("compare", after, after)[0] == 3
    assert kit("compare", "0.1", after, "--accepted", known(stored, "0.2"))[0] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense", "0.2"), "error: 'nonsense' is not a release.\n"),
        (("0.1", "minors"), "error: 'minors' is more than one release.\n  A side of a comparison is one, as in: nox "),
        (("0.1", "minors", "--fresh"), "error: 'minors' is more than one release.\n  A side of a comparison is one, "),
        (("0.1", "requests==1"), "error: 'requests' is not a distribution this kit knows (httpx, httpx2).\n"),
        (("0.1", "./nowhere"), "error: There is no checkout of httpx at "),
        (("0.1", "0.2", "--area", "nowhere"), "error: 'nowhere' is not an area.\n  The areas are area, other.\n"),
        (("0.1", "0.2", "--accepted", "nowhere"), "error: There are no accepted changes at nowhere.\n  README.md "),
    ],
)
def test_misuse_of_a_comparison_exits_with_2(kit, stored, arguments, said):
    """What cannot be compared is said in a sentence, with what to do, and exits with 2."""
    code, out, err = kit("compare", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(said)
    assert len(err.splitlines()) == 2


def test_checkout_has_nothing_stored(kit, stored):
    """A checkout can be compared only with what just ran, and the command for that is said."""
    code, _, err = kit("compare", "0.1", str(stored.root))
    assert code == 2
    assert err == (
        f"error: {stored.root} is a checkout, of which nothing is stored.\n"
        f"  Run it, with: nox -s compare -- --fresh 0.1 {stored.root}\n"
    )


def test_kind_that_is_none_is_misuse(kit, stored, capsys):
    """A kind of change that is none exits with 2, and the kinds there are, are said."""
    with pytest.raises(SystemExit) as caught:
        kit("compare", "0.1", "0.2", "--fail-on", "removal,surprise")
    assert caught.value.code == 2
    assert "'surprise' is no kind of change; the kinds are removal, behaviour, " in capsys.readouterr().err


def test_nothing_is_compared_without_a_catalogue(kit, stored):
    """A checkout that has lost its catalogue is damaged, and does not call everything unchanged."""
    (stored.snapshots / "behaviours.json").unlink()
    code, _, err = kit("compare", "0.1", "0.2")
    assert code == 2
    assert err.startswith(f"error: There is no catalogue of behaviours below {stored.snapshots}, ")


def test_fresh_cells_run_where_they_are_missing(kit, small_checkout):
    """A fresh comparison runs the cells that are missing, says so beside the answer, and lists what they ran with."""
    keep(small_checkout, record("0.1", {"area/answer": 1}))
    assert kit("accept")[0] == 0
    small_checkout.workspace.record(release("0.1"), MINOR).unlink()
    code, out, err = kit("compare", "--fresh", "0.1", "0.2")
    assert code == 1
    assert out.startswith("Changed, and nobody has written why: 1 behaviour\n  area/answer\n      1 → 2\n")
    assert "\n  package  from  to\n  httpx    0.1   0.2\n" in out
    assert err.count(": running its behaviours, which takes some seconds\n") == 2
    code, again, err = kit("compare", "--fresh", "0.1", "0.2")
    assert (code, again, err) == (1, out, "")


def test_two_cells_that_did_not_run_are_not_unchanged(kit, stored):
    """Where neither cell could be built nothing is unchanged: the code is 3."""
    code, out, _ = kit("compare", "--fresh", "0.4", "0.4")
    assert code == 3
    assert "not-installable: It never could be built." in out


def fresh(checkout, before="httpx-0.1.json", after="httpx-0.2.json"):
    """Leave two of the stored records as cells that just ran."""
    for version, name in (("0.1", before), ("0.2", after)):
        path = checkout.workspace.record(release(version), MINOR)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((RECORDS / name).read_bytes())


FORMATS = {"text": "txt", "markdown": "md", "json": "json", "junit": "xml", "github": "log"}


@pytest.mark.parametrize("form", FORMATS)
def test_stored_records_are_told_in_every_format(kit, stored, snapshot, form, tmp_path):
    """Two stored records give the golden text of each format, printed and written alike, and the same code."""
    fresh(stored)
    code, out, err = kit("compare", "--fresh", "0.1", "0.2", "--format", form)
    assert (code, err) == (1, "")
    assert out.encode() == snapshot(extension_class=golden(FORMATS[form]))
    path = tmp_path / "answer"
    assert kit("compare", "--fresh", "0.1", "0.2", "--format", form, "--output", str(path))[0] == 1
    # In a file of text the verdict is the first part and not the last.
    written, printed = (text.rstrip("\n").split("\n\n") for text in (path.read_text(), out))
    assert written == ([printed[-1], *printed[:-1]] if form == "text" else printed)


def test_stored_records_are_told_as_a_page(kit, stored):
    """The page of a comparison holds the document that the JSON format is, and what is stored beside it."""
    fresh(stored)
    told = json.loads(kit("compare", "--fresh", "0.1", "0.2", "--format", "json")[1])
    code, out, _ = kit("compare", "--fresh", "0.1", "0.2", "--format", "html")
    page = json.loads(embedded(out))
    assert (code, page["comparison"], page["run"]) == (1, told, None)
    assert [epoch["observed"] for epoch in page["behaviours"]["area/a"]["epochs"]] == [1, 2]


def test_report_is_written_as_a_page_too(kit, stored):
    """A report is also written as a page, with the run's own cells in the place of those that are stored."""
    keep(stored, record("0.2", {"area/a": 9}), record("0.3", outcome="crashed", reason="it ended on SIGSEGV"))
    code, out, _ = kit("report", "0.1 0.2 0.3")
    assert code == 3
    assert "\n\nAs a web page: .matrix/report/index.html\n\nNOT COMPLETE: " in out
    page = json.loads(embedded(stored.workspace.page.read_text()))
    assert page["run"]["verdict"].startswith("NOT COMPLETE: 1 cell of 3 ")
    (found,) = page["run"]["differences"]
    assert (found["behaviour"], found["release"], found["before"], found["after"]) == ("area/a", "httpx==0.2", 2, 9)
    assert {(cell["release"], cell["outcome"]) for cell in page["cells"]} >= {
        ("httpx==0.3", "crashed"),
        ("httpx==0.4", "not-installable"),
    }


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("damaged", "The record {} is damaged: "),
        ("too_old", "The record {} is too old: it has format 1, and this kit reads format 2."),
        ("too_new", "The record {} is too new: it has format 3, and this kit reads format 2."),
    ],
)
def test_record_that_cannot_be_read_is_told_in_no_format(kit, stored, form, name, said):
    """A damaged, too old or too new record exits with 2 and its sentence, whatever the format, and nothing is told."""
    fresh(stored, after=f"{name}.json")
    code, out, err = kit("compare", "--fresh", "0.1", "0.2", "--format", form)
    assert (code, out) == (2, "")
    assert err.startswith("error: " + said.format(stored.workspace.record(release("0.2"), MINOR)))


def test_records_that_differ_in_more_are_refused(kit, stored):
    """Records of two Pythons are compared only by who says so, and then the answer tells both."""
    keep(stored, record("0.1", {"area/a": 1}, "3.11.1"))
    stored.workspace.record(release("0.1"), "3.11").rename(stored.workspace.record(release("0.1"), MINOR))
    keep(stored, record("0.2", {"area/a": 1}, f"{MINOR}.99"))
    code, out, err = kit("compare", "--fresh", "0.1", "0.2")
    assert (code, out) == (2, "")
    assert f"differ in more than the release: Python 3.11.1 and {MINOR}.99." in err
    code, out, _ = kit("compare", "--fresh", "0.1", "0.2", "--anyway")
    assert code == 0
    assert f"  Python   3.11.1  {MINOR}.99\n" in out


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


def test_changelog_is_held_to_what_is_stored(kit, small_checkout, monkeypatch, tmp_path):
    """Every release is told, or the one that was asked for; one that nothing is known of exits with 2."""
    (tmp_path / "httpx.toml").write_text(
        'format = 1\n[[line]]\nrelease = "0.2"\nsays = "It answers 2."\nbehaviours = ["area/answer"]\n'
        '[[line]]\nrelease = "0.3"\nsays = "It is typed."\nunobservable = "typing: it is."\n'
    )
    monkeypatch.setattr("repro.kit.changelog.load", functools.partial(changelog.load, root=tmp_path))
    monkeypatch.setattr("repro.kit.changelog.KEPT", {"httpx": "encode/httpx"})
    small_checkout.store("httpx-0.1", "area/answer", 1)
    small_checkout.store("httpx-0.2", "area/answer", 2)
    code, out, err = kit("changelog")
    assert (code, err) == (0, "")
    assert "CHANGELOG: of 2 lines, 1 seen, " in out
    assert "httpx==0.3: 1 line\n" in out
    code, out, err = kit("changelog", "0.2")
    assert (code, err) == (0, "")
    assert "CHANGELOG: of 1 line, 1 seen, " in out
    code, out, err = kit("changelog", "0.1")
    assert (code, out) == (2, "")
    assert err.startswith("error: No changelog has a section of 0.1, ")


def test_certificates_are_made_in_the_checkout(kit, small_checkout):
    """The certificates are made where cells look for them."""
    folder = small_checkout.root / "repro" / "cell"
    folder.unlink()
    folder.mkdir()
    assert kit("certificates") == (0, "Made repro/cell/certificates, valid until 2038-01-01.\n", "")
    assert {"certificates/authority.pem", "certificates/server.pem"} <= set(tree(folder))


@pytest.mark.parametrize(("bound", "code"), [((), 0), (("--fail-under", "92"), 1)])
def test_coverage_prints_what_is_reached(kit, monkeypatch, bound, code):
    """The verb prints what was measured, and fails where that is less than is wanted."""
    from repro.kit import reach

    asked = []

    def measure(subject, python, minor, releases, workspace, *, say):
        asked.append((str(subject), minor))
        return reach.Reach(subject, minor, (reach.Module("_client", 10, 1, 0, 0),))

    monkeypatch.setattr(reach, "measure", measure)
    ended, out, _ = kit("coverage", "0.2", *bound)
    assert (ended, asked) == (code, [("httpx==0.2", MINOR)])
    assert "REACHED: 90.0 % of 10 lines" in out


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


def test_latency_prints_how_long_answers_take(kit, small_checkout, monkeypatch):
    """The verb measures comparisons around the release data and back, and prints what was measured."""
    from repro.kit import latency

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


def test_reader_that_has_seen_enough_is_no_error(small_checkout):
    """An answer that nobody reads to its end ends without a word, as a program does that a pipe breaks."""
    keep(small_checkout, record("0.1", {"area/a": "x" * 500_000}), record("0.2", {"area/a": 2}))
    assert small_checkout.run("accept")[0] == 0
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


@pytest.fixture
def sides():
    """Two servers that a canary can be asked about."""
    with Upstream() as stable, Upstream() as candidate:
        yield stable, candidate


CONTRACT = """
format = 1
requests = 5
[[request]]
path = "/search"
[[request]]
name = "add"
method = "POST"
path = "/add"
idempotency_key = "Idempotency-Key"
"""


def test_canary_of_deployments_is_told_in_every_format(kit, sides, tmp_path, monkeypatch):
    """A candidate that answers otherwise is held with 1, in the form and at the place asked for."""
    monkeypatch.setattr(driving, "WARM_UP", 1)
    stable, candidate = sides
    candidate.answer("/search", answering({"ok": 1}))
    (tmp_path / "contract.toml").write_text(CONTRACT)
    asked = ("canary", "--stable", stable.url, "--candidate", candidate.url)
    asked += ("--contract", str(tmp_path / "contract.toml"), "--allow", "add")
    code, out, err = kit(*asked)
    assert code == 1
    assert err.splitlines()[-1] == "5 of 5 requests a side"
    last = out.splitlines()[-1]
    assert last.startswith(f"HOLD {candidate.url} (contract): GET /search: json /ok is 1, and true at stable")
    code, out, _ = kit(*asked, "--format", "json", "--requests", "2")
    assert (code, json.loads(out)["kind"]) == (1, "contract")
    code, out, _ = kit(*asked, "--format", "markdown", "--requests", "2")
    assert (code, out.splitlines()[0][:7]) == (1, "## HOLD")
    page = tmp_path / "canary.html"
    code, out, err = kit(*asked, "--format", "html", "--requests", "2", "--output", str(page))
    assert (code, out) == (1, "")
    assert err.splitlines()[-2] == f"Wrote {page}."
    assert "<svg" in page.read_text()


def test_canary_shows_a_bar_where_somebody_looks_on(kit, monkeypatch, capsys):
    """On a terminal the progress is one line that grows."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for done in (1, 2):
        main._progress(done, 2)
    assert capsys.readouterr().err == f"\r[{'#' * 20}{' ' * 20}] 1 of 2\r[{'#' * 40}] 2 of 2\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "A canary has two sides"),
        (("0.1",), "A canary has two sides"),
        (("0.1", "0.2", "--stable", "http://a"), "A canary has two sides"),
        (("--stable", "http://a"), "A canary has two sides"),
        (("--stable", "http://a", "--candidate", "http://b"), "What to send to the deployments is not said."),
        (("0.1", "0.2", "--profile", "wild"), "'wild' is no fault profile."),
        (("0.1 0.2", "0.3"), "'0.1 0.2' is more than one release."),
    ],
)
def test_canary_that_is_misused_says_how_it_is_meant(kit, arguments, said):
    """What is missing or contradicts is said, with an example, and exits with 2."""
    code, _, err = kit("canary", *arguments)
    assert code == 2
    assert said in err


def test_canary_of_releases_serves_and_ends(kit, monkeypatch):
    """Two releases are served and driven; a service that only fails under both proves nothing."""
    monkeypatch.setattr(driving, "WARM_UP", 1)
    code, out, err = kit("canary", "0.1", "0.2", "--requests", "2", "--timeout", "50")
    assert code == 1, err
    assert "building httpx==0.1, for stable" in err
    assert out.splitlines()[-1].startswith("HOLD httpx==0.2 (insufficient data)")
    assert children("repro.cell.s") == []


def test_bench_tells_ratios_in_every_form(kit, monkeypatch, tmp_path):
    """Releases are measured beside the first, in the form and at the place asked for."""
    monkeypatch.setattr(costs, "measure", lambda subjects, *_, **__: {str(each): COSTS for each in subjects})
    code, out, _ = kit("bench", "0.1", "0.2")
    assert code == 0
    assert out.splitlines()[-1] == "Nothing is shown to cost more than under httpx==0.1."
    code, out, _ = kit("bench", "0.1", "0.2", "--format", "json", "--rounds", "6")
    assert json.loads(out)["first"] == "httpx==0.1"
    page = tmp_path / "bench.html"
    code, out, err = kit("bench", "0.1 0.2", "--format", "html", "--output", str(page))
    assert (code, out) == (0, "")
    assert err.startswith(f"Wrote {page}.")
    assert "<svg" in page.read_text()


COSTS = [
    {"import": 1, "client": 1, "made": 1, "open": 1, "kept": [1], "fresh": [1], "tls": [1], "http2": [1]}
    for _ in range(6)
]


def test_bench_of_one_release_twice_is_misuse(kit):
    """A release beside itself is no comparison."""
    code, _, err = kit("bench", "0.1", "0.1")
    assert code == 2
    assert "A release is named twice." in err


def test_rounds_are_counted(capsys):
    """The rounds of a measurement are told now and then: at each fifth of them."""
    for done in range(1, 11):
        main._rounds(done, 10)
    assert capsys.readouterr().err.splitlines() == [f"{done} of 10 rounds" for done in (2, 4, 6, 8, 10)]


@pytest.fixture
def touched(kit, small_checkout, tmp_path):
    """A project that passes `proxies=`, and a line stored in which what is said of that changes at 0.2."""
    answers = ({"proxies/argument-proxies": answer, "redirects/attribute_of_client": answer} for answer in (1, 2))
    keep(small_checkout, *(record(version, answer) for version, answer in zip(("0.1", "0.2"), answers, strict=True)))
    assert kit("accept")[0] == 0
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text("import httpx\n\nclient = httpx.Client(proxies={})\n")
    return str(project)


def test_usage_lists_the_lines_that_a_change_touches(kit, touched):
    """What changes is told with the lines of the project that it touches, and exits with 1; where none, with 0."""
    code, out, err = kit("usage", touched, "0.1", "0.2")
    assert (code, err) == (1, "")
    assert out.startswith("Changed, and nobody has written why: `Client(proxies=)`\n")
    assert "    app.py:3  client = httpx.Client(proxies={})\n" in out
    assert out.rstrip().endswith("1 change on 1 line of code and 0 of tests. Exit code 1.")
    code, out, _ = kit("usage", touched, "0.2", "0.2")
    assert (code, out) == (0, "NOTHING TOUCHED: httpx==0.2 to httpx==0.2, in 1 file. Exit code 0.\n")


def test_usage_is_told_in_every_format(kit, touched, tmp_path):
    """The same is a document and Markdown, and may be written to a file, with its verdict where it is seen."""
    body = json.loads(kit("usage", touched, "0.1", "0.2", "--format", "json")[1])
    assert [place["line"] for group in body["touched"] for place in group["places"]] == [3]
    assert kit("usage", touched, "0.1", "0.2", "--format", "markdown")[1].startswith("## `project`: `httpx==0.1`")
    path = tmp_path / "usage.txt"
    code, out, err = kit("usage", touched, "0.1", "0.2", "--output", str(path))
    assert (code, out) == (1, "")
    assert path.read_text().startswith("TOUCHED: ")
    assert "TOUCHED: " in err


def test_usage_reads_what_can_be_installed(kit, touched):
    """Where B cannot be installed its code is not compared, which is said; where A cannot, nothing can be followed."""
    assert "The API difference was not read: httpx==0.4 cannot be read: " in kit("usage", touched, "0.1", "0.4")[1]
    code, _, err = kit("usage", touched, "0.4", "0.1")
    assert code == 3
    assert "httpx==0.4 cannot be read: It never could be built." in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", "0.1", "0.2"), "There is no project at "),
        ((".", "all", "0.2"), "'all' is not one release."),
        ((".", "0.1", "."), "'.' is not one release."),
    ],
)
def test_misuse_of_usage_exits_with_2(kit, touched, arguments, said, monkeypatch):
    """What is no project or no release is misuse, and is said."""
    monkeypatch.chdir(touched)
    code, _, err = kit("usage", *arguments)
    assert code == 2
    assert said in err
