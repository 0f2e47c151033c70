"""The stored tree: readable, without repetition, about behaviours that there are, and each change with its note."""

import ast
import functools

import pytest
from stage import ROOT, release, stored_here

from repro import epochs
from repro.cell.capabilities import AROUND
from repro.kit import notes
from repro.kit.catalogue import Catalogue, Entry, Outcome
from repro.problem import Problem
from repro.record import asks_for

_, STORED, CATALOGUE = stored_here()


def unreadable(store):
    """The stored files that cannot be read, each with its sentence."""
    found = []
    for under, names in store.stored.items():
        for name in sorted(names):
            try:
                store.observation(under, name)
            except Problem as problem:
                found.append(problem.found)
    return found


def repeated(store):
    """The stored epochs that say the same as the epoch before them."""
    return [
        f"{under.slug}/{name}"
        for under, names in store.stored.items()
        for name in sorted(names)
        if (before := store.serving(under, name, before=True)) is not None
        and epochs.same(store.observation(before, name), store.observation(under, name))
    ]


def unwritten(store, releases):
    """The stored changes without a note, and the notes without a stored change."""
    changed = notes.changes(store, releases)
    found = []
    for under in store.stored:
        written = set(notes.read(store, under))
        found += [f"{under.slug} has no note of {name}" for name in sorted(set(changed.get(under, ())) - written)]
        found += [
            f"{under.slug} has a note of {name}, and no change"
            for name in sorted(written - set(changed.get(under, ())))
        ]
    return found


@functools.cache
def asked(tests):
    """The behaviours that the tests below a folder ask for, without parameters: the title of each, by id."""
    found = {}
    for path in tests.rglob("test_*.py"):
        area = path.relative_to(tests).parts[0]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                title = (ast.get_docstring(node) or "").partition("\n")[0]
                found[f"{area}/{node.name.removeprefix('test_')}"] = title
    return found


def out_of_step(known, titles):
    """What the catalogue and the tests do not say alike: behaviours of one of them only, and other titles."""
    stored = {name.partition("-")[0] for name in known.behaviours}
    found = [f"{name} is asked for, and not in the catalogue" for name in sorted(titles.keys() - stored)]
    found += [f"{name} is in the catalogue, and nobody asks for it" for name in sorted(stored - titles.keys())]
    return found + [
        f"{name} has another title in the catalogue"
        for name, entry in sorted(known.behaviours.items())
        if entry.title != titles.get(name.partition("-")[0], entry.title)
    ]


def undated(known, store):
    """The capabilities that a behaviour needs, and of which nothing is stored that says who has them."""
    needs = {need for entry in known.behaviours.values() for need in entry.needs}
    return sorted(need for need in needs if asks_for(need) not in store.behaviours)


def without_outcome(known, releases):
    """The final releases of the data of which no cell is stored."""
    finals = [found for found in releases.all if not found.parsed.is_prerelease]
    return [str(found) for found in finals if not known.outcomes.get(str(found))]


def nobodys(store, known):
    """The stored behaviours that no test asks for: an id is the name of its test, and the parameters after a hyphen."""
    return [name for name in store.behaviours if name.partition("-")[0] not in known]


def test_stored_tree_is_readable():
    """Every stored file of this checkout can be read."""
    assert unreadable(STORED) == []


def test_stored_tree_does_not_repeat_itself():
    """No stored epoch says the same as the one before it."""
    assert repeated(STORED) == []


def test_stored_behaviours_are_asked_for():
    """Every stored behaviour is asked for by a test that there is."""
    assert nobodys(STORED, asked(ROOT / "tests" / "cell")) == []


def test_catalogue_is_in_step_with_the_tests():
    """The catalogue has the behaviours that the tests ask for, and no other, with their titles."""
    assert out_of_step(CATALOGUE, asked(ROOT / "tests" / "cell")) == []


def test_every_answer_is_in_the_catalogue():
    """What is stored is a behaviour of the catalogue, and what asserts has nothing stored."""
    held = {name for name, entry in CATALOGUE.behaviours.items() if entry.held}
    assert set(STORED.behaviours) <= CATALOGUE.behaviours.keys() - held


def test_every_capability_that_is_needed_is_dated():
    """Each capability of a release that a behaviour needs is asked for by a behaviour whose answers are stored."""
    assert [need for need in undated(CATALOGUE, STORED) if need not in AROUND] == []


def test_every_final_release_has_its_outcome():
    """Of each final release of the data it is stored how its cell ended."""
    assert without_outcome(CATALOGUE, STORED.releases) == []


def test_notes_and_stored_changes_are_one_to_one():
    """Every stored change has its note, and every note its change."""
    assert unwritten(STORED, STORED.releases) == []


def test_stored_releases_are_known():
    """Everything stored is about a release of the data."""
    assert set(STORED.stored) <= set(STORED.releases.all)


def test_unreadable_files_are_found(store):
    """A file that cannot be read is named."""
    kept = store({"httpx-0.1": {"area/a": 1, "area/b": 1}})
    kept.path(release("0.1"), "area/b").write_text("{")
    ((found),) = unreadable(kept)
    assert found.startswith(f"The snapshot {kept.path(release('0.1'), 'area/b')} is damaged")


def test_repetition_is_found_through_the_fork(store):
    """An epoch that repeats the one before it is found, in its line and across a fork."""
    kept = store(
        {
            "httpx-0.1": {"area/a": 1},
            "httpx-0.2": {"area/a": 1},
            "httpx-0.3": {"area/a": 2},
            "httpx2-2.0": {"area/a": 1},
        }
    )
    assert repeated(kept) == ["httpx-0.2/area/a", "httpx2-2.0/area/a"]


def test_changes_and_notes_that_lack_each_other_are_found(store, releases):
    """A change without a note is found, and a note without a change."""
    kept = store({"httpx-0.1": {"area/a": 1}, "httpx-0.2": {"area/a": 2, "area/new": 1}})
    note = '["area/new"]\nchanged = "It is new."\nkind = "addition"\ncause = "0.2"\n'
    (kept.root / "httpx-0.2" / "notes.toml").write_text(note)
    assert unwritten(kept, releases) == [
        "httpx-0.2 has no note of area/a",
        "httpx-0.2 has a note of area/new, and no change",
    ]


@pytest.mark.parametrize(
    ("name", "known"), [("area/a", True), ("area/a-one", True), ("area/b", False), ("other/a", False)]
)
def test_behaviour_that_nobody_asks_for_is_found(store, tmp_path, name, known):
    """A stored behaviour is somebody's when there is a test of its name in its area, with any parameters."""
    (tmp_path / "tests" / "area").mkdir(parents=True)
    (tmp_path / "tests" / "area" / "test_topic.py").write_text("def test_a(observe): ...\n")
    assert nobodys(store({"httpx-0.1": {name: 1}}), asked(tmp_path / "tests")) == ([] if known else [name])


def test_catalogue_out_of_step_is_found():
    """A behaviour that one side does not know is found, and a title that changed; parameters are one behaviour."""
    entries = {
        name: Entry("Why?", f"tests/cell/{name}", [], held=False) for name in ("area/a-1", "area/a-2", "area/gone")
    }
    titles = {"area/a": "Why?", "area/new": "How?"}
    assert out_of_step(Catalogue(entries, {}), titles) == [
        "area/new is asked for, and not in the catalogue",
        "area/gone is in the catalogue, and nobody asks for it",
    ]
    assert out_of_step(Catalogue({"area/a-1": entries["area/a-1"]}, {}), {"area/a": "How?"}) == [
        "area/a-1 has another title in the catalogue"
    ]


def test_capability_that_is_not_dated_is_found(store):
    """A need whose question has no stored answer is found."""
    known = Catalogue({"area/a": Entry("Why?", "tests/cell/area/a", ["sync client", "HTTP/2"], held=False)}, {})
    assert undated(known, store({"httpx-0.1": {asks_for("HTTP/2"): True}})) == ["sync client"]


def test_final_release_without_an_outcome_is_found(releases):
    """A final release of the data without a cell is found; a pre-release may have none."""
    ran = {"3.11": Outcome("ran")}
    known = Catalogue(
        {}, {f"httpx=={version}": ran for version in ("0.1", "0.2.1", "0.3", "0.4")} | {"httpx2==2.0": {}}
    )
    assert without_outcome(known, releases) == ["httpx==0.2", "httpx2==2.0"]
