"""The changelogs, held to what was seen: what becomes of a line, what no line mentions, and how both are told."""

import functools
import re

import pytest
from packaging.version import Version
from stage import release
from test_snapshots import STORED

from repro.kit import changelog
from repro.kit.changelog import HIDDEN, SEEN, UNASKED, UNSEEN
from repro.kit.report import changelog as told
from repro.kit.report.terminal import Paint
from repro.problem import Problem

#: The httpx releases whose sections are kept: from the first one that installs on.
FIRST = Version("0.7.1")

NOTE = '["area/{}"]\nchanged = "It does."\nkind = "fix"\ncause = "{}"\ndo = "Nothing."\n'


@pytest.fixture
def lines(tmp_path):
    """The lines of a changelog of httpx with these entries, each a table of TOML."""

    def make(*entries, head="format = 1\n"):
        body = "".join(f"[[line]]\n{entry}\n" for entry in entries)
        (tmp_path / "httpx.toml").write_text(head + body, errors="surrogateescape")
        return changelog.load("httpx", tmp_path)

    return make


def entry(rest, at="0.2"):
    """A line of a release."""
    return f'release = "{at}"\nsays = "It does."\n{rest}'


STORED_A = {
    "httpx-0.1": {"area/a": 1, "area/b-one": 1},
    "httpx-0.2": {"area/a": 2},
    "httpx-1.0.dev1": {"area/b-one": 2},
}


@pytest.mark.parametrize(
    ("line", "state", "shown", "why"),
    [
        (entry('behaviours = ["area/a"]'), SEEN, ("area/a",), ""),
        (entry('expected = ["area/a"]'), SEEN, ("area/a",), ""),
        (entry('behaviours = ["area/b"]', "1.0"), SEEN, ("area/b-one",), ""),
        (entry('behaviours = ["area/b"]', "0.3"), UNSEEN, (), "The reason is not found yet."),
        (entry('behaviours = ["area/a"]\nunseen = "It is slow."', "0.3"), UNSEEN, (), "It is slow."),
        (entry('expected = ["area/c"]'), UNASKED, (), "These are not stored yet: area/c."),
        (entry('unasked = "Whether it does."'), UNASKED, (), "Whether it does."),
        (entry('unobservable = "typing: only a checker."'), HIDDEN, (), "typing: only a checker."),
    ],
)
def test_state_is_computed_from_what_is_stored(lines, store, releases, line, state, shown, why):
    """A line is seen where one of its behaviours begins an epoch at its release, or at a pre-release of it."""
    sections = changelog.sections(lines(line), store(STORED_A), releases)
    (held,) = [held for section in sections for held in section.held]
    assert (held.state, held.shown, held.why) == (state, shown, why)


@pytest.mark.parametrize(
    ("line", "cause", "unmentioned"),
    [
        (entry('behaviours = ["area/a"]'), "a commit", ()),
        (entry('pull = [7]\nunasked = "It."'), "encode/httpx pull request 7", ()),
        (entry('pull = [8]\nunasked = "It."'), "encode/httpx pull requests 7, 8 and 9, with httpcore 7", ()),
        (entry('pull = ["encode/httpcore#7"]\nunasked = "It."'), "encode/httpcore pull request 7", ()),
        (entry('pull = ["encode/httpcore#7"]\nunasked = "It."'), "encode/httpx pull request 7", ("area/a",)),
        (entry('pull = [8]\nunasked = "It."'), "encode/httpx pull request 7, with httpcore 8", ("area/a",)),
        (entry('behaviours = ["area/a"]', "0.1"), "encode/httpx pull request 7", ("area/a",)),
    ],
)
def test_change_is_mentioned_by_name_or_by_pull_request(lines, store, releases, line, cause, unmentioned):
    """A change is mentioned where a line of its release names it, or cites the pull request in its note."""
    kept = store(STORED_A)
    (kept.root / "httpx-0.2" / "notes.toml").write_text(NOTE.format("a", cause))
    found = {section.release: section for section in changelog.sections(lines(line), kept, releases)}
    assert found[release("0.2")].unmentioned == unmentioned


def test_change_without_a_note_or_a_section_is_not_mentioned(lines, store, releases):
    """What changed at a release without a section is listed, and so is a change that has no note."""
    line = entry('pull = [7]\nunasked = "It."')
    found = changelog.sections(lines(line), store(STORED_A), releases)
    assert [(str(each.release), len(each.held), each.unmentioned) for each in found] == [
        ("httpx==0.2", 1, ("area/a",)),
        ("httpx==1.0.dev1", 0, ("area/b-one",)),
    ]


@pytest.mark.parametrize(
    ("entries", "head", "found"),
    [
        ([], "format = 1\n", "is damaged: KeyError('line')"),
        ([], "format = ", "is damaged: "),
        ([], "# \udcff", "is damaged: 'utf-8'"),
        ([], "format = 0\n", "is too old"),
        ([], "format = 2\n", "is too new"),
        ([entry("")], "format = 1\n", "wants either behaviours"),
        ([entry('behaviours = ["area/a"]\nunasked = "It."')], "format = 1\n", "wants either behaviours"),
        ([entry('unobservable = "typing: it"\nunasked = "It."')], "format = 1\n", "wants either behaviours"),
        ([entry('unasked = "It."\nunseen = "It."')], "format = 1\n", "names no behaviour"),
        ([entry('unasked = "It."', "later")], "format = 1\n", "Invalid version"),
        ([entry('unasked = "It."\nother = 1')], "format = 1\n", "unexpected keyword"),
    ],
)
def test_unreadable_file_is_said(lines, entries, head, found):
    """A file that is damaged, too old or too new is said to be that, with the command to restore it."""
    with pytest.raises(Problem, match=re.escape(found)):
        lines(*entries, head=head)


def test_missing_file_is_said(tmp_path):
    """A changelog that is not there is said to be missing."""
    with pytest.raises(Problem, match="There is no changelog at"):
        changelog.load("httpx", tmp_path)


def test_text_tells_each_line_and_sums_up(lines, store, releases):
    """Each line is told with its state, aligned and wrapped; the summary is last."""
    written = lines(
        entry('pull = [7, "encode/httpcore#8"]\nbehaviours = ["area/a"]'),
        entry('unobservable = "typing: it."'),
        entry('unasked = "Whether it does."'),
    )
    found = changelog.sections(written, store(STORED_A), releases)
    text = told.text(found, width=60, paint=Paint(coloured=False))
    assert text == (
        "httpx==0.2: 3 lines\n"
        "  seen               It does. (#7, encode/httpcore#8)\n"
        "                     area/a\n"
        "  not observable     It does.\n"
        "                     typing: it.\n"
        "  not asked yet      It does.\n"
        "                     Whether it does.\n"
        "\n"
        "httpx==1.0.dev1: no section\n"
        "  not mentioned      area/b-one\n"
        "\n"
        "CHANGELOG: of 3 lines, 1 seen, 0 claimed, not seen, 1 not asked yet, 1 not observable. Of 2 that a caller"
        " could see, 50% are seen. No line mentions 1 change.\n"
    )
    alone = told.text([found[1]], width=60, paint=Paint(coloured=False))
    assert alone.endswith("0 not observable. No line mentions 1 change.\n")


REAL = {name: changelog.load(name) for name in changelog.KEPT}


@pytest.fixture(scope="module")
def held():
    """Every line of the real changelogs, held to what is stored."""
    return [
        held
        for lines in REAL.values()
        for section in changelog.sections(lines, STORED, STORED.releases)
        for held in section.held
    ]


@pytest.mark.parametrize("distribution", REAL)
def test_every_final_release_has_its_section(distribution):
    """Every final release from 0.7.1 on has lines, and no line is of a release that there is not."""
    known = {Version(version) for version in STORED.releases.line(distribution).versions}
    told_of = {line.release.parsed for line in REAL[distribution]}
    assert told_of <= known
    assert {version for version in known if version >= FIRST and not version.is_prerelease} <= told_of


def test_no_line_names_an_unknown_behaviour(held):
    """What a line names as stored is stored."""
    unknown = [
        (each.line.release.version, name)
        for each in held
        for name in each.line.behaviours
        if not any(stored == name or stored.startswith(f"{name}-") for stored in STORED.behaviours)
    ]
    assert unknown == []


def test_lines_say_what_became_of_them(held):
    """A line that is said to be unseen is, and one that names stored behaviours without a reason is seen."""
    wrong = [
        (each.line.release.version, each.line.says, each.state)
        for each in held
        if (each.line.unseen is not None and each.state != UNSEEN)
        or (each.line.behaviours and each.line.unseen is None and each.state != SEEN)
    ]
    assert wrong == []


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
