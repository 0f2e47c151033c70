"""What changes for a project, told as a document, as text and as Markdown."""

import pytest
from projects import change

from repro.kit.report.terminal import Paint
from repro.kit.usage import survey, telling

PLAIN = Paint(coloured=False)

TOLD = """\
Gone: `Client(proxies=)`
  What is about proxies is other. (2.0.0b1)
  Not explained: area/gone. How is it?
  Do: Do otherwise.
    app.py:6  httpx.Client(proxies={"a": proxy})
    app.py:8  proxies=proxy,

Silently different: `Client(timeout=)`
  Undone: It is so again. (2.0.0b1)
  Do: Do otherwise.
    app.py:19  make(1, timeout=3)  (passed on by make)

About every request or client of this code, whatever it says
  What is about every is other. (2.0.0b1)

Not followed
  broken.py:1: it is no Python that this one reads: invalid syntax
  app.py:7: what callers elsewhere give to `make`, which passes it on to `Client`: whether
    `timeout=` is given

The API difference was not read: it cannot be installed.
Changes that touch no code that is there: 1 worded differently; --all looks for them as well.

TOUCHED: httpx==0.28.1 to httpx2==2.0.0b1: 3 changes on 3 lines of code and 0 of tests; 1 change
  about every request; 2 places could not be followed. Exit code 1.
"""


@pytest.fixture
def told(look, tmp_path):
    """The document of a survey that has something of everything."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "broken.py").write_text("def f(:\n")
    again = change("gone", "fix", before=["timeout"], after=["x"], changed="It is so again.", back=True)
    found = look(
        change("proxies", "removal"),
        change("gone", noted=False, before=["proxies"], after=["x"]),
        again,
        change("every"),
        change("text", "message"),
    )
    return telling.document(found, "project")


def test_survey_is_told_as_text(told):
    """What hurts most comes first, each with what to do and its lines; the verdict comes last in a terminal."""
    text = telling.text(told, width=100, paint=PLAIN)
    assert text == TOLD
    assert telling.text(told, width=100, paint=PLAIN, last=False).startswith("TOUCHED")


def test_survey_is_told_as_markdown(told):
    """The same as Markdown: a heading for each group, what to do, and a table of the lines."""
    text = telling.markdown(told)
    assert text.startswith("## `project`: `httpx==0.28.1` → `httpx2==2.0.0b1`\n\n**TOUCHED: ")
    assert "### Gone: `Client(proxies=)`\n\n- What is about proxies is other. (2.0.0b1)\n" in text
    assert "- **Do:** Do otherwise.\n" in text
    assert "| `app.py`:8 | `proxies=proxy,` | code |\n" in text
    assert "### About every request or client of this code\n" in text
    assert "### Not followed\n\n- `broken.py`:1: " in text


def test_long_lists_are_cut_in_text_and_said_to_be(look):
    """More lines and notes than anybody reads are counted in text; tests are listed apart."""
    calls = "import httpx\n" + "httpx.Client(proxies=1)\n" * (telling.MOST_PLACES + 2)
    changes = [change("proxies", "removal", changed=f"It is {n}.") for n in range(telling.MOST_NOTES + 1)]
    body = telling.document(look(*changes, text=calls, name="tests/test_a.py"), "project")
    text = telling.text(body, width=100, paint=PLAIN)
    assert "and 1 note more: --format json has them all" in text
    assert "    in tests\n" in text
    assert "    and 2 lines more: --format json has them all" in text
    assert " on 0 lines of code and 22 of tests" in text


def test_code_in_markdown_stays_code():
    """Code with backticks and bars is quoted so that it stays one cell; prose keeps its stars."""
    place = {"file": "a.py", "line": 1, "code": "x = `a` | b", "in": "code", "about": "Client", "via": None}
    loss = {"what": "It *is* `Client.*`.", "places": [place]}
    body = {
        "project": "p",
        "from": "a",
        "to": "b",
        "touched": [],
        "everywhere": [],
        "difference": [loss],
        "unfollowed": [],
        "difference_unread": None,
        "left_out": {},
        "verdict": {"code": 1, "says": "It is."},
    }
    text = telling.markdown(body)
    assert "### API difference, not executed\n\nIt \\*is\\* `Client.*`.\n" in text
    assert "| `a.py`:1 | `` x = `a` \\| b `` | code |" in text
    assert "API difference, not executed\n  It *is*" in telling.text(body, width=80, paint=PLAIN)


def test_nothing_touched_is_said(look):
    """Where nothing is touched, that is the whole answer, with the number of files."""
    body = telling.document(look(text="x = 1\n"), "project")
    assert body["verdict"] == {
        "code": 0,
        "says": "NOTHING TOUCHED: httpx==0.28.1 to httpx2==2.0.0b1, in 1 file. Exit code 0.",
    }


def test_untold_is_counted(look, packages):
    """What the API alone says is counted in the verdict."""
    found = look(text="import httpx\nhttpx.Client(1).post\n", after=survey.Side(packages[1], "httpx"))
    body = telling.document(found, "project")
    assert " more by the API alone" in body["verdict"]["says"]
