"""What the behaviours reach of a release: counted in a real cell, held to the reasons that are kept, and told."""

import os
import re
import sys

import pytest
from stage import MINOR, SMALL, Checkout, Shelf, release

from repro.kit import environment, process, reach, supervisor
from repro.kit.reach import Gap, Held, Module, Reach, Reason, Reasons
from repro.kit.report import reach as told
from repro.kit.report.terminal import Paint
from repro.problem import Problem
from repro.release import Releases

CODE = """
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import nothing


class Client:
    @property
    def part(self):
        return 1

    @part.setter
    def part(self, value):
        print(value)


def threaded(): return 1


def forked():
    return 1


def branching(value):
    if value:
        value += 1
    if not value:  # pragma: no cover
        value = 2
        value = 3
    return value


def looping(values):
    for value in values:
        if value:
            branching(value)
"""

BEHAVIOURS = '''
import os
import threading

from repro.cell.library import httpx


def test_threads():
    """It is reached in a thread."""
    thread = threading.Thread(target=httpx.threaded)
    thread.start()
    thread.join()


def test_children():
    """It is reached in a child."""
    child = os.fork()
    if not child:
        httpx.forked()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def test_fails():
    """It fails, which is told and hides nothing."""
    raise LookupError


def test_branches():
    """It is reached here."""
    httpx.looping([1])
'''

ONE, OTHER, BRANCH = Gap("a", "f", "1-2", "return 1"), Gap("a", "C.g", "5", "raise It"), Gap("b", "", "3->end", "if x:")
FOUND = Reach(release("0.1"), "3.11", (Module("a", 30, 3, 4, 1, (ONE, OTHER)), Module("b", 10, 0, 2, 1, (BRANCH,))))


@pytest.fixture
def cell(tmp_path, monkeypatch):
    """A checkout whose httpx 0.5 can be measured."""
    shelf = Shelf(tmp_path / "shelf")
    shelf.folder.mkdir()
    # The environment of these tests, which the cell borrows, has the real one.
    name, _, version = reach.TOOL.partition("==")
    shelf.wheel(name, version, {"nothing.py": ""})
    shelf.wheel("httpx", "0.5", {"httpx/__init__.py": "from httpx._part.code import *\n", "httpx/_part/code.py": CODE})
    monkeypatch.setenv("UV_FIND_LINKS", f"{shelf.folder},{os.environ['UV_FIND_LINKS']}")
    return Checkout(tmp_path / "checkout", SMALL)


def measure(cell, version="0.5"):
    """What is reached of a release in a checkout."""
    return reach.measure(release(version), sys.executable, MINOR, cell.releases, cell.workspace)


def test_lines_and_branches_are_counted_in_threads_and_children(cell):
    """What runs in a thread or a forked child is reached, and what upstream marks as not counting counts."""
    cell.behaviours(BEHAVIOURS)
    found = measure(cell)
    assert (str(found.release), found.python, found.doubtful) == ("httpx==0.5", MINOR, ("area/fails",))
    package, code = found.modules
    assert package == Module("__init__", 1, 0, 0, 0)
    assert code == Module(
        "_part.code",
        22,
        4,
        10,
        3,
        (
            Gap("_part.code", "Client.part", "11", "return 1"),
            Gap("_part.code", "Client.part", "15", "print(value)"),
            Gap("_part.code", "branching", "26->28", "if value:"),
            Gap("_part.code", "branching", "29-30", "value = 2"),
            Gap("_part.code", "looping", "36->35", "if value:"),
        ),
    )
    assert found.gaps == list(code.gaps)
    assert not list(cell.workspace.made.glob("reach-*"))
    assert not cell.workspace.records.exists()


def test_release_that_cannot_be_built_is_not_measured(cell):
    """A release that cannot be installed cannot be measured, and the reason says why."""
    with pytest.raises(Problem, match=re.escape("httpx==0.4 cannot be measured: It never could be built..")) as caught:
        measure(cell, "0.4")
    assert caught.value.code == 3


def test_behaviours_that_do_not_end_are_not_measured(cell, light, monkeypatch):
    """Half a run says nothing about what is reached, and neither does one in which nothing was counted."""
    monkeypatch.setattr(environment, "build", lambda *_, **__: light)
    cell.workspace.made.mkdir()
    with pytest.raises(Problem, match="cannot be measured: it ended with exit code 5") as caught:
        measure(cell)
    assert caught.value.code == 3
    monkeypatch.setattr(supervisor, "pytest", lambda *_, **__: process.Ended(0, overdue=False, output=""))
    with pytest.raises(Problem, match=r"cannot be measured: coverage\.py says 'No data to combine'"):
        measure(cell)


@pytest.mark.parametrize(
    ("gap", "module", "name", "at", "covers"),
    [
        (ONE, "a", None, None, True),
        (ONE, "b", None, None, False),
        (ONE, "a", "f", None, True),
        (OTHER, "a", "C", None, True),
        (ONE, "a", "C", None, False),
        (ONE, "a", "", None, False),
        (BRANCH, "b", "", "if", True),
        (ONE, "a", "f", "raise", False),
    ],
)
def test_reason_names_a_place(gap, module, name, at, covers):
    """A reason is about a module, a class or function in it, or a line of that."""
    assert Reason("It is so.", module, name, at).covers(gap) is covers


def test_gaps_are_held_to_their_reasons():
    """Each gap has the first reason that covers it or none, and a reason that covers nothing is stale."""
    first, second, stale = Reason("One.", "a", "f"), Reason("Two.", "a"), Reason("Three.", "c")
    reasons = Reasons(release("0.1"), (first, second, stale))
    assert reach.hold(FOUND, reasons) == Held({"One.": [ONE], "Two.": [OTHER], None: [BRANCH]}, (stale,))
    assert reach.hold(FOUND, Reasons(release("0.2"), (first, stale))) == Held({None: [ONE, OTHER, BRANCH]}, ())


def test_share_is_never_rounded_up():
    """A bound that is missed by a line is not shown as reached."""
    assert (reach.share(9199, 10000), reach.share(1, 1), reach.share(0, 0)) == (91.9, 100.0, 100.0)


@pytest.mark.parametrize(("bound", "suffices"), [(None, True), (92.5, True), (92.6, False)])
def test_bound_is_of_lines(bound, suffices):
    """A bound is a share of lines, whatever the branches are."""
    assert FOUND.suffices(bound) is suffices


def test_reach_is_told():
    """What is reached is told by module, what is not by reason, and last what it comes to."""
    stale = Reason("Three.", "c", "g", "if"), Reason("Four.", "d")
    held = Held({"One.": [ONE, OTHER], None: [BRANCH]}, stale)
    assert told.text(FOUND, held, bound=95, width=80, paint=Paint(coloured=False)) == (
        "What the behaviours reach of httpx==0.1 on Python 3.11\n"
        "  module  statements  missed  reached  branches  missed  reached\n"
        "  a       30          3       90.0%    4         1       75.0%\n"
        "  b       10          0       100.0%   2         1       50.0%\n"
        "  all     40          3       92.5%    6         2       66.6%\n"
        "\n"
        "Not reached: One.\n"
        "  a  f    1-2\n"
        "  a  C.g  5\n"
        "\n"
        "Not reached, and no reason is kept:\n"
        "  b    3->end\n"
        "\n"
        "Reasons of nothing, for all of it is reached:\n"
        "  c  g  if  Three.\n"
        "  d         Four.\n"
        "\n"
        "REACHED: 92.5 % of 40 lines and 66.6 % of 6 branches of httpx==0.1; 1 gap without a reason, 2 stale reasons. "
        "Wanted are 95 % of lines. Exit code 1.\n"
    )


def test_what_is_not_there_is_not_told():
    """Where nothing is left, nothing is listed; that a behaviour was not as stored is said."""
    found = Reach(release("0.1"), "3.11", (Module("a", 1, 0, 0, 0),), doubtful=("area/a", "area/b"))
    text = told.text(found, Held({}, ()), bound=None, width=80, paint=Paint(coloured=False))
    assert "eason" not in text.rpartition("\n\n")[0]
    assert text.endswith("0 stale reasons. Not as stored: area/a, area/b. Exit code 0.\n")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("format = ", "is damaged: "),
        ("# \udcff", "is damaged: 'utf-8'"),
        ("format = 0", "is too old"),
        ("format = 2", "is too new"),
        ("format = 1\nleft = []", "is damaged: KeyError('release')"),
        ("format = 1\nleft = []\nrelease = 1", "is damaged: AttributeError("),
        ('format = 1\nrelease = "httpx==0.1"\n[[left]]\nmodule = "a"', "is damaged: TypeError("),
    ],
)
def test_unreadable_reasons_are_said(tmp_path, text, found):
    """A file of reasons that is damaged, too old or too new is said to be that."""
    path = tmp_path / "reach.toml"
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(Problem, match=re.escape(found)):
        reach.load(path)


def test_kept_reasons_are_sentences():
    """The reasons that are kept are about a known release, each is a sentence, and no place has two."""
    kept = reach.load()
    assert kept.release in Releases.load().all
    assert all(re.fullmatch(r"[A-Z].*\.", each.reason) for each in kept.left)
    places = [(each.module, each.name, each.at) for each in kept.left]
    assert sorted(map(str, places)) == sorted({str(place) for place in places})
