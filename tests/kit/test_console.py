"""How verbs print: colours, answers that go to a file, and how far something is."""

import os
import sys
from pathlib import Path

import pytest
from stage import keep, record

from repro.kit import console


@pytest.mark.parametrize("terminal", [True, False])
def test_report_is_coloured_only_where_somebody_sees_it(kit, small_checkout, monkeypatch, terminal):
    """A terminal gets colours, unless NO_COLOR is set; a file gets none."""
    keep(small_checkout, record("0.1", {"area/a": 1}))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert ("\x1b[" in kit("report", "0.1")[1]) is terminal
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert "\x1b[" not in kit("report", "0.1")[1]


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


def test_progress_is_a_bar_where_somebody_looks_on(monkeypatch, capsys):
    """On a terminal the progress is one line that grows."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for done in (1, 2):
        console.progress(done, 2)
    assert capsys.readouterr().err == f"\r[{'#' * 20}{' ' * 20}] 1 of 2\r[{'#' * 40}] 2 of 2\n"


def test_progress_is_a_line_now_and_then(capsys):
    """Where nobody looks on, how far it is, is told at each fifth of it."""
    for done in range(1, 11):
        console.progress(done, 10, "rounds")
    assert capsys.readouterr().err.splitlines() == [f"{done} of 10 rounds" for done in (2, 4, 6, 8, 10)]
