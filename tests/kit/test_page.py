"""The web page: what it holds, and that nothing in it can be taken for markup or act by itself."""

import base64
import hashlib
import json
import re

import pytest
from scenes import embedded
from stage import release

from repro.epochs import dump
from repro.kit.catalogue import Catalogue, Entry, Outcome
from repro.kit.report import page
from repro.problem import Problem

ENTRY = Entry("What is it?", "tests/cell/area/test_a.py::test_a", ["sync client"], held=False)
HELD = Entry("Does it hold?", "tests/cell/area/test_a.py::test_b", [], held=True)
KNOWN = Catalogue(
    {"area/a": ENTRY, "area/b": HELD},
    {"httpx==0.1": {"3.11": Outcome("ran")}, "httpx==0.4": {"3.11": Outcome("not-installable", "It never could be.")}},
)
NOTE = '["area/a"]\nchanged = "It can."\nkind = "addition"\ncause = "0.2"\n'
MORE = '["area/a"]\nchanged = "It counts."\nkind = "fix"\ncause = "0.2"\ndo = "Count."\n'
ASKS = "capabilities/has-sync_client"


@pytest.fixture
def gathered(store, releases):
    """What the page shows of a small store."""
    kept = store(
        {
            "httpx2-2.0": {"area/a": 3},
            "httpx-0.1": {"area/a": 1, ASKS: True},
            "httpx-0.2": {"area/a": {"n": [True]}},
            "httpx-0.4": {ASKS: False},
        }
    )
    (kept.root / "httpx-0.2" / "notes.toml").write_text(NOTE)
    (kept.root / "httpx2-2.0" / "notes.toml").write_text(MORE)
    return page.data(kept, releases, KNOWN)


def test_page_holds_every_line_with_its_releases(gathered):
    """The lines come in the order of the release data, pre-releases with them, each with what it forked from."""
    assert gathered["format"] == 2
    assert gathered["lines"] == [
        {
            "distribution": "httpx",
            "forked_from": None,
            "releases": ["0.1", "0.2", "0.2.1", "0.3", "0.4", "1.0.dev1"],
        },
        {"distribution": "httpx2", "forked_from": "httpx==0.2.1", "releases": ["2.0b1", "2.0"]},
    ]


def test_page_holds_each_behaviour_with_its_epochs(gathered):
    """A behaviour has its epochs in the order of the lines, each with its answer, and its note where there is one."""
    assert gathered["behaviours"] == {
        "area/a": {
            "title": "What is it?",
            "test": "tests/cell/area/test_a.py::test_a",
            "needs": ["sync client"],
            "held": False,
            "epochs": [
                {"release": "httpx==0.1", "observed": 1, "note": None},
                {
                    "release": "httpx==0.2",
                    "observed": {"n": [True]},
                    "note": {"changed": "It can.", "kind": "addition", "cause": 0, "do": None},
                },
                {
                    "release": "httpx2==2.0",
                    "observed": 3,
                    "note": {"changed": "It counts.", "kind": "fix", "cause": 0, "do": 1},
                },
            ],
        },
        "area/b": {
            "title": "Does it hold?",
            "test": "tests/cell/area/test_a.py::test_b",
            "needs": [],
            "held": True,
            "epochs": [],
        },
    }


def test_texts_of_notes_are_said_once(gathered):
    """What notes give as cause and advice is kept once, and a note has its place."""
    assert gathered["texts"] == ["0.2", "Count."]


def test_page_holds_what_releases_lack(gathered):
    """A capability has epochs as well: which release brought it, and which took it away."""
    assert gathered["capabilities"] == {
        "sync client": [{"release": "httpx==0.1", "has": True}, {"release": "httpx==0.4", "has": False}]
    }


def test_page_holds_its_cells_and_nothing_that_was_not_given(gathered):
    """A cell is its release, its Python, its outcome and its reason; advisory, run and comparison are left out."""
    assert gathered["cells"] == [
        {"release": "httpx==0.1", "python": "3.11", "outcome": "ran", "reason": None},
        {"release": "httpx==0.4", "python": "3.11", "outcome": "not-installable", "reason": "It never could be."},
    ]
    assert (gathered["advisory"], gathered["run"], gathered["comparison"]) == (None, None, None)


def test_page_holds_what_it_was_given(store, releases):
    """An advisory, a run and a comparison are embedded as they are."""
    given = {"advisory": {"claims": [], "advice": []}, "run": {"verdict": "well"}, "comparison": {"from": "httpx==0.1"}}
    assert given.items() <= page.data(store({}), releases, Catalogue({}, {}), **given).items()


def test_damaged_snapshot_is_said(store, releases):
    """A stored file that cannot be read is a problem with its place, and not a page with a hole."""
    kept = store({"httpx-0.1": {"area/a": 1}})
    kept.path(release("0.1"), "area/a").write_text(dump(1)[:-4])
    with pytest.raises(Problem, match="is damaged"):
        page.data(kept, releases, KNOWN)


@pytest.mark.parametrize(
    "hostile",
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "<img src=x onerror=alert(1)>",
        "&lt;b&gt;",
        "\u2028\u2029",
        "half \udc80",
        "É",
        "$data ${policy} $",
    ],
)
def test_data_is_never_markup(hostile):
    """Whatever an answer is, the page embeds it as JSON that ends nothing, and that reads back as it was."""
    given = {"format": 1, hostile: [hostile]}
    text = embedded(page.html(given))
    assert json.loads(text) == given
    assert not re.search(r"[<>&\u2028\u2029\udc80]", text)


def test_only_its_own_script_and_style_may_act():
    """The policy of the page names the one script and the one style by what they are, and allows nothing else."""
    text = page.html({})
    policy = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', text).group(1)

    def digest(pattern):
        (found,) = re.findall(pattern, text, re.DOTALL)
        return base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()

    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src 'sha256-{digest('<script>(.*?)</script>')}'",
        f"style-src 'sha256-{digest('<style>(.*?)</style>')}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_page_names_no_other_place():
    """The page refers to nothing outside of itself, and its script turns no data into markup or code."""
    text = page.html({})
    for word in ("http:", "https:", "//www", "@import", "url(", "src=", "<link", " style=", " onclick="):
        assert word not in text, word
    script = re.search("<script>(.*?)</script>", text, re.DOTALL).group(1)
    for word in ("HTML", "document.write", "eval(", "Function(", "fetch(", "XMLHttp", "import(", "<!--", "</"):
        assert word not in script, word


def test_script_is_its_files():
    """Every script beside the page is part of it."""
    assert sorted(page.SCRIPTS) == sorted(path.name for path in page.SOURCES.glob("*.js"))
