"""What an upgrade does to a project, told as text and as Markdown."""

import pytest

from repro.kit.downstream import verdict
from repro.kit.downstream.drift import Difference, Drift
from repro.kit.downstream.grounds import Ground, Notice
from repro.kit.downstream.trial import Failure, Frame, Test, Trial, Warned
from repro.kit.downstream.upgrade import Upgrade
from repro.kit.notes import Note
from repro.kit.report import downstream
from repro.kit.report.terminal import Paint
from repro.release import Release

WAY = [Release("httpx", version) for version in ("0.27.0", "0.27.2", "0.28.0", "0.28.1")]
PROJECT = {"asked": "mine", "python": "3.12", "held": ["it has httpx==0.27.0"], "redirected": None, "command": "pytest"}
FAILURE = Failure(
    "builtins.TypeError",
    "no argument 'proxies'",
    (Frame("mine.py", 4, "make", "httpx.Client(proxies=p)"), Frame("httpx/_client.py", 9, "f", "g()", "packages")),
)
NOTE = Note("`proxies` is gone.", "removal", "pull request 1", "Give `proxy`.")


def trial(release, **states):
    """What tests did under a release."""
    tests = {name: Test(state, FAILURE if state == "failed" else None) for name, state in states.items()}
    return Trial(release, "ran", tests=tests, packages={"httpx": release.version}, held="it was held")


def upgraded(before, after, began=None, **fields):
    """An upgrade from its two ends."""
    first, last = trial(WAY[0], **before), trial(WAY[-1], **after)
    found = Upgrade(WAY, {WAY[0]: first, WAY[-1]: last}, verdict.compare(first, last), began or {}, cells=2, **fields)
    found.failures = {name: FAILURE for name, state in after.items() if state == "failed"}
    return found


def told(found, *, grounds=None, notices=(), companions=None, width=100):
    """The document, and the text of it."""
    body = downstream.document(found, PROJECT, grounds or {}, notices, companions or {})
    return body, downstream.text(body, paint=Paint(coloured=False), width=width)


def test_regression_is_told_with_what_to_do():
    """A regression is told with its release, the project's own lines, the known change, and what to do about it."""
    found = upgraded({"one": "passed"}, {"one": "failed"}, {"one": (WAY[1], WAY[2])})
    ground = Ground(WAY[2], "deprecations/proxies", NOTE, "removal", 9, "the failure names `proxies`")
    body, text = told(found, grounds={"one": [ground]}, companions={"one": ["beside it: respx"]})
    assert "regressed: 1 test, first bad at httpx==0.28.0, still good at httpx==0.27.2" in text
    assert "  TypeError: no argument 'proxies'\n    mine.py:4 in make: httpx.Client(proxies=p)\n  - one\n" in text
    assert "known change: httpx==0.28.0 removal deprecations/proxies (the failure names `proxies`)" in text
    assert "    do: Give `proxy`.\n    cause: pull request 1\n  beside it: respx\n" in text
    assert text.endswith("BREAKS: 1 test regressed from httpx==0.27.0 to httpx==0.28.1, first at httpx==0.28.0.\n")
    marked = downstream.markdown(body)
    assert marked.startswith("## BREAKS: 1 test regressed")
    assert "**httpx==0.28.0, removal**: `proxies` is gone.\n*Do:* Give `proxy`.\n\nbeside it: respx\n" in marked
    assert "- at `mine.py:4 in make: httpx.Client(proxies=p)`" in marked


def test_regressions_that_are_kin_are_told_once():
    """Tests that broke alike are told together, the first of them by name; the document names them all."""
    names = [f"test {number}" for number in range(8)]
    found = upgraded(dict.fromkeys(names, "passed"), dict.fromkeys(names, "failed"))
    body, text = told(found)
    assert "regressed: 8 tests; since when: run it again with --bisect" in text
    assert "  - test 4\n  - and 3 more; --format json names them all\n" in text
    assert "known change: none that the kit has seen fits it" in text
    assert "searched" not in text
    assert body["regressions"][0]["tests"] == names


def test_gap_that_could_not_be_asked_is_told():
    """Where releases between could not say anything, that is told beside the two that could."""
    found = upgraded({"one": "passed"}, {"one": "failed"}, {"one": (WAY[0], WAY[2])})
    assert "bad at httpx==0.28.0, good at httpx==0.27.0; between: not asked" in told(found)[1]


def test_change_without_a_note_is_told():
    """A fitting change that nobody wrote about is named all the same."""
    ground = Ground(WAY[2], "area/name", None, "unexplained", 9, "it raises TypeError now")
    body, text = told(upgraded({"one": "passed"}, {"one": "failed"}), grounds={"one": [ground]})
    assert "nobody wrote why yet" in text
    assert "nobody wrote why yet" in downstream.markdown(body)


def test_other_verdicts_are_told():
    """What is unstable, fixed or absent is named, and what is bad on both sides is counted."""
    before = {"one": "failed", "two": "failed", "three": "passed", **{f"gone {n}": "passed" for n in range(6)}}
    after = {"one": "passed", "two": "failed", "three": "passed"}
    _, text = told(upgraded(before, after))
    assert "fixed: 1 test\n  - one (failed, then passed)\n" in text
    assert "absent: 6 tests\n  - gone 0 (passed, then missing)\n" in text
    assert "  - and 1 more\n" in text
    assert "same: 2 tests, 1 of them bad under both\n  - 1 as two: TypeError: no argument 'proxies'\n" in text
    assert text.endswith(
        "HOLDS: 2 tests good under httpx==0.28.1 as under httpx==0.27.0; 1 test bad under both; "
        "6 tests good before and not there any more.\n"
    )


def test_what_does_not_repeat_is_the_verdict_where_nothing_else_is():
    """Tests that did not repeat are no success."""
    found = upgraded({"one": "passed"}, {"one": "failed"})
    found.verdicts = [verdict.Verdict("one", "unstable", Test("passed"), Test("failed"))]
    assert told(found)[1].endswith("UNSTABLE: 1 test did not repeat.\n")


def test_outputs_are_told_place_by_place():
    """An output that drifted is told with its places, its release, or why it could not be captured."""
    drifts = [
        Drift("answer", "changed", (Difference("GET /", "/id", shape=False, said="1, was 2"),)),
        Drift("gone", "absent", after="it took longer than 3 s"),
        Drift("kept", "same"),
    ]
    found = upgraded({"one": "passed"}, {"one": "passed"}, drifts=drifts, drifted={"answer": WAY[2]})
    body, text = told(found)
    assert "output answer: changed, first seen at httpx==0.28.0\n  GET / /id: 1, was 2\n" in text
    assert "output gone: absent\n  after: it took longer than 3 s\noutput kept: same\n" in text
    assert text.endswith("BREAKS: 2 outputs drifted.\n")
    assert "output kept: same" in downstream.markdown(body)
    found = upgraded({"one": "passed"}, {"one": "passed"}, drifts=drifts[2:])
    assert told(found)[1].endswith(
        "HOLDS: 1 test good under httpx==0.28.1 as under httpx==0.27.0, and 1 output as before.\n"
    )


def test_warnings_are_told_with_when_they_bite():
    """A warning is told with the release that ends it and its lines, or the tests that saw it."""
    given = Warned("DeprecationWarning", "old", "mine.py", 3, "one")
    notices = [
        Notice(given, ("mine.py:3",), 1, WAY[2], removed=True, behaviour="a/b", note=NOTE),
        Notice(given, (), 2, WAY[2], removed=False, behaviour="a/b", note=None),
        Notice(given, (), 1, None, removed=False, behaviour="a/b", note=None),
    ]
    _, text = told(upgraded({"one": "passed"}, {"one": "passed"}), notices=notices)
    assert "warned: DeprecationWarning: old (an error at httpx==0.28.0)\n  mine.py:3\n  do: Give `proxy`.\n" in text
    assert "(silent at httpx==0.28.0)\n  from 2 tests, at a line of a library\n" in text
    assert "(no known release ends it)" in text


def test_cells_are_told_with_what_moved_and_what_was_refused():
    """Each release is told with what moved beside httpx, what was refused, and what could not be collected."""
    found = upgraded({"one": "passed"}, {"one": "passed"})
    found.after.packages |= {f"package-{number}": "1" for number in range(6)}
    found.after.refused = {"writing to /etc/x": 3}
    found.after.uncollected = {"b.py": FAILURE}
    _, text = told(found)
    assert (
        "httpx 0.27.0 -> 0.28.1, package-0 absent -> 1, package-1 absent -> 1, package-2 absent -> 1 and 3 more" in text
    )
    assert "refused: writing to /etc/x (3 times)\nheld: it was held\n" in text
    assert "httpx==0.28.1: b.py could not be collected: TypeError: no argument 'proxies'" in text


def test_sweep_tells_how_many_regressed_at_each_release():
    """After a sweep the table says of every release between how many tests regressed there."""
    found = upgraded({"one": "passed"}, {"one": "passed"})
    found.trials[WAY[1]] = trial(WAY[1], one="failed")
    found.cells = 3
    found.between = {WAY[1]: ["one"]}
    found.began, found.failures = {"one": (WAY[0], WAY[1])}, {"one": FAILURE}
    _, text = told(found)
    assert "regressed  seconds" in text
    assert "regressed: 1 test, first bad at httpx==0.27.2, still good at httpx==0.27.0" in text


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        ("not-installable", "with httpx==0.28.1; --anyway passes over what it asks of httpx."),
        ("timed-out", "NOT COMPLETE: httpx==0.28.1 timed-out."),
    ],
)
def test_release_that_says_nothing_is_no_success(outcome, says):
    """Where the other release did not run to its end, that is the verdict, with the reason in the table."""
    found = upgraded({"one": "passed"}, {"one": "passed"})
    found.after.outcome, found.after.reason = outcome, "a conflict"
    body, text = told(found)
    assert text.endswith(f"{says}\n")
    assert "  httpx==0.28.1: a conflict\n" in text
    assert "`httpx==0.28.1`: a conflict" in downstream.markdown(body)


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        ("broken", "NOTHING TO COMPARE: under httpx==0.27.0, which the project has, it is broken."),
        ("ran", "NOTHING TO COMPARE: no test ran under httpx==0.27.0; name the tests' command with --command."),
    ],
)
def test_nothing_to_compare_is_said(outcome, says):
    """Where the release that the project has says nothing, no other is judged by it."""
    found = Upgrade(WAY, {WAY[0]: Trial(WAY[0], outcome)})
    body = downstream.document(found, {**PROJECT, "command": "", "redirected": "imports of a to b"}, {}, [], {})
    text = downstream.text(body, paint=Paint(coloured=False), width=100)
    assert text.endswith(f"{says}\n")
    assert "  redirected: imports of a to b\n" in text


def test_tests_that_are_all_gone_are_said():
    """Where none of the good tests is there any more, nothing was compared."""
    says = "NOTHING TO COMPARE: no test that is good under httpx==0.27.0 is there under httpx==0.28.1."
    assert told(upgraded({"one": "passed"}, {"two": "passed"}))[1].endswith(f"{says}\n")


def test_what_is_known_is_told_once():
    """Where the same change fits two groups of regressions, it is told at the first, and the second points at it."""
    other = Failure("builtins.ValueError", "else")
    found = upgraded({"one": "passed", "two": "passed"}, {"one": "failed", "two": "failed"})
    found.failures["two"] = other
    ground = Ground(WAY[2], "deprecations/proxies", NOTE, "removal", 9, "the failure names `proxies`")
    _, text = told(found, grounds={"one": [ground], "two": [ground]})
    assert text.count("do: Give `proxy`.") == 1
    assert text.count("known change: as above") == 1


def test_search_tells_how_many_releases_it_ran():
    """After a search the table says how many of the releases between were run for it."""
    found = upgraded({"one": "passed"}, {"one": "failed"}, {"one": (WAY[1], WAY[2])})
    found.cells = 4
    assert "  searched: 2 of the 2 releases between were run\n" in told(found)[1]


def test_suite_that_cannot_be_collected_says_what_is_missing():
    """Where no file of a suite can be collected, what the first lacks is the verdict, and how to give it."""
    missing = Failure("ModuleNotFoundError", "No module named 'sdk'")
    found = Upgrade(WAY, {WAY[0]: Trial(WAY[0], "ran", uncollected={"a.py": missing})})
    assert told(found)[1].endswith(
        "NOTHING TO COMPARE: no test ran under httpx==0.27.0; 1 file could not be collected "
        "(ModuleNotFoundError: No module named 'sdk'); give what is missing with --with.\n"
    )


def test_what_is_bad_under_both_is_explained():
    """Why tests are bad under both is told by kind, the most frequent first, for they say nothing of the upgrade."""
    before = {f"test {number}": "failed" for number in range(9)}
    found = upgraded(before, before)
    for number in range(5):
        found.before.tests[f"test {number}"] = Test("failed", Failure("E", "x" * number))
    found.verdicts = verdict.compare(found.before, found.after)
    body, text = told(found)
    assert [entry["tests"] for entry in body["bad_under_both"]] == [4, 1, 1, 1, 1, 1]
    assert "  - 4 as test 5: TypeError: no argument 'proxies'\n  - 1 as test 0: E\n" in text
    assert "  - and 3 other kinds; --format json names them all\n" in text


def test_files_that_are_collected_under_neither_are_said():
    """Files of tests that could be collected under neither release are no part of what holds, and that is said."""
    found = upgraded({"one": "passed"}, {"one": "passed"})
    found.before.uncollected = found.after.uncollected = {"b.py": FAILURE}
    assert told(found)[1].endswith("; 1 file of tests could be collected under neither.\n")
