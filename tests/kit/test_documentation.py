"""The README, held to what its commands do."""

import pytest
from stage import ROOT

from repro.kit.ci import documentation
from repro.kit.ci.documentation import Check, Shown
from repro.problem import Problem

PAGE = """# A page

Run it with `nox -s lint`, or with `--format json`:

    nox -s compare -- A B    # a second
    snapshots/area/answer.json

It prints, at its end:

```text
one
  two
...
four
```

```toml
nox = 1
```

    RELEASES="0.1 0.2" nox && pip install x

## A heading

```text
nox -s nothing
```

    nox -s compare -- A B
"""


def test_readme_and_its_data_are_of_the_same_commands():
    """Of every command that the README shows something is expected, and of no other."""
    found = documentation.shown((ROOT / "README.md").read_text())
    assert documentation.gaps(found, documentation.checks()) == []
    assert len([one for one in found if one.output]) >= 5


def test_commands_are_found_with_their_outputs():
    """A command is a line of an indented block or in code style; its output is the text that follows it."""
    assert documentation.shown(PAGE) == [
        Shown("nox -s lint", None, 3),
        Shown("nox -s compare -- A B", "one\n  two\n...\nfour", 5),
        Shown('RELEASES="0.1 0.2" nox && pip install x', None, 21),
    ]


def test_what_document_and_data_do_not_share_is_said():
    """A command without an expectation, and an expectation without a command, are named."""
    assert documentation.gaps([Shown("nox", None, 9)], [Check("nox -l")]) == [
        "line 9 shows 'nox', of which nothing is expected",
        "'nox -l' is not shown any more",
    ]


@pytest.mark.parametrize(
    ("wanted", "printed"),
    [
        ("one two\nthree", "zero\none  two three\nfour"),
        ("one\n...\nthree", "one\ntwo\nthree"),
        ("one\n  ...\none", "one two one"),
        ("...\none", "\x1b[1mone\x1b[0m"),
        ("", "anything"),
    ],
)
def test_output_is_as_shown(wanted, printed):
    """What is shown was printed in order: lines may break elsewhere, and dots stand for anything."""
    assert documentation.differs(wanted, printed) is None


@pytest.mark.parametrize(
    ("wanted", "printed", "part"),
    [
        ("one two three", "one two four", "one two three"),
        ("one\n...\none", "one two", "one"),
        ("a b c d e f g h i j k l m n o", "a b a b c d e f g h X", "d e f g h i j k l m n"),
        ("one two", "one", "one two"),
        ("one", "", "one"),
    ],
)
def test_first_part_that_was_not_printed_is_said(wanted, printed, part):
    """Where something else was printed, the words around the first that is not are told."""
    assert documentation.differs(wanted, printed) == part


def test_figures_may_differ_where_that_is_said():
    """A time is not a claim: where figures may differ, the words are compared without them."""
    assert documentation.differs("2207 passed in 65.12s", "2301 passed in 70.01s", figures=True) is None
    assert documentation.differs("2207 passed in 65.12s", "2301 passed in 70.01s") is not None


@pytest.mark.parametrize(
    ("check", "wanted", "said"),
    [
        (Check("echo one"), "one", None),
        (Check("echo one"), None, None),
        (Check("echo one"), "two", "does not print: two"),
        (Check("never", run="echo one; exit 3", code=3), "one", None),
        (Check("echo oh; exit 1"), None, "exits with 1, and 0 is expected:\n  oh"),
        (Check("echo $COLUMNS $REPRO_RUN."), "100 .", None),
    ],
)
def test_command_is_run_and_compared(tmp_path, monkeypatch, check, wanted, said):
    """The exit code and the output of a command are held to what is expected, outside of any run of nox."""
    monkeypatch.setenv("REPRO_RUN", "somewhere")
    assert documentation.tried(check, wanted, tmp_path, 60) == said


def test_command_that_hangs_is_stopped(tmp_path):
    """A command is bounded, and what became of it is said."""
    check = Check("sleep 60 & wait")
    assert documentation.tried(check, None, tmp_path, 0.5) == "took longer than 0 seconds"


@pytest.mark.parametrize(
    ("text", "said"), [("[", "damaged"), ("format = 9", "too new"), ("format = 1\n[[command]]\nx = 1", "damaged")]
)
def test_damaged_data_is_a_problem(tmp_path, text, said):
    """Data that cannot be read is said to be damaged or too new."""
    (tmp_path / "documentation.toml").write_text(text)
    with pytest.raises(Problem, match=said):
        documentation.checks(tmp_path / "documentation.toml")
