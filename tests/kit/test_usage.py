"""The verb `usage`: which lines of a project a change touches, and how that is told."""

import json

import pytest

from repro.kit.verbs import usage


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


def test_progress_is_said_once_it_takes_long(monkeypatch, capsys):
    """Nothing is said of what is soon over; what takes longer says how far it is."""
    now = iter([0.0, 1.0, 3.0, 3.0, 4.0])
    monkeypatch.setattr(usage.time, "monotonic", lambda: next(now))
    progress = usage._Progress()
    for done in (1, 2, 3):
        progress(done, 9)
    assert capsys.readouterr().err == "2 of 9 files\n"
