"""Which stored changes fit what a project shows, and when a warning that it is given bites."""

import pytest
from stage import compared_here, stored_here

from repro.kit import about, notes
from repro.kit.downstream import grounds, span
from repro.kit.downstream.trial import Failure, Frame, Warned

RELEASES, STORE, _ = stored_here()
ABOUT = about.load()
PROXIES = "The 'proxies' argument is now deprecated. Use 'proxy' or 'mounts' instead."


def fitting(before, after, failure, source="", warned=()):
    """The changes that fit a failure: release, behaviour and why."""
    among = set(span.between(RELEASES.parse(before), RELEASES.parse(after), RELEASES)[1:])
    shown = grounds.Evidence(failure, frozenset(warned), source)
    found = grounds.fitting(shown, compared_here(before, after), among, ABOUT.of_change)
    return [(str(ground.release), ground.behaviour, ground.why) for ground in found]


def test_argument_that_is_gone_is_recognised():
    """A TypeError that names an argument is joined to the release that took the argument away."""
    failure = Failure("builtins.TypeError", "Client.__init__() got an unexpected keyword argument 'proxies'")
    (release, behaviour, why), *_ = fitting("0.27.2", "0.28.1", failure)
    assert (release, behaviour) == ("httpx==0.28.0", "deprecations/client_proxies")
    assert why == "the failure names `proxies`; it raises TypeError now"


def test_warning_before_is_the_best_ground():
    """A test that was warned before is joined to what it was warned of, ahead of all else."""
    failure = Failure("builtins.TypeError", "Client.__init__() got an unexpected keyword argument 'proxies'")
    warned = [f"DeprecationWarning: {PROXIES}"]
    ((_, behaviour, why),) = fitting("0.27.2", "0.28.1", failure, "httpx.Client(proxies=proxies)", warned)
    assert behaviour == "deprecations/client_proxies"
    assert why.startswith("the test was warned of it; the failure names `proxies`")


def test_kind_of_client_counts():
    """What fails in an asynchronous client is joined to the change of that client."""
    failure = Failure("builtins.TypeError", "AsyncClient.__init__() got an unexpected keyword argument 'app'")
    (_, behaviour, _), *_ = fitting("0.27.2", "0.28.1", failure, "AsyncClient(app=app)")
    assert behaviour == "deprecations/async_client_app"


def test_status_that_was_compared_is_recognised():
    """A failed comparison that shows both answers of a change is joined to it."""
    failure = Failure("AssertionError", "assert 302 == 200\n +  where 302 = <Response [302 Found]>.status_code")
    assert fitting("0.19.0", "0.20.0", failure) == [("httpx==0.20.0", "redirects/by_default", "it was 200 and is 302")]


def test_other_redirects_are_recognised():
    """A redirect of another status than the stored one is joined to what changed about redirects."""
    assert ("httpx==0.20.0", "an answer that redirects is compared") in [
        (release, why)
        for release, _, why in fitting("0.19.0", "0.20.0", Failure("AssertionError", "assert 303 == 200"))
    ]


def test_bytes_that_differ_in_blanks_are_recognised():
    """A failed comparison of JSON that differs only in blanks is joined to the release that dropped them."""
    failure = Failure("AssertionError", "assert b'{\"a\":1}' == b'{\"a\": 1}'")
    (release, behaviour, _), *_ = fitting("0.27.2", "0.28.1", failure, "client.post('/', json={'a': 1})")
    assert (release, behaviour) == ("httpx==0.28.0", "bodies/json")


@pytest.mark.parametrize(
    "failure",
    [
        Failure("AssertionError", "assert 3 == 4"),
        Failure("AssertionError", "assert 404 == 500"),
        Failure("KeyError", "'client'"),
        Failure("TimeoutError", ""),
    ],
)
def test_what_fits_nothing_is_joined_to_nothing(failure):
    """A failure that has nothing in common with a change is left alone."""
    assert fitting("0.27.2", "0.28.1", failure) == []


def test_change_of_another_release_never_fits():
    """However alike it reads, a change at a release that did not begin the regression is not named."""
    failure = Failure("TypeError", "Client.__init__() got an unexpected keyword argument 'proxies'")
    among = {RELEASES.parse("0.27.1")}
    shown = grounds.Evidence(failure, frozenset(), "")
    assert grounds.fitting(shown, compared_here("0.27.0", "0.28.1"), among, ABOUT.of_change) == []


def test_evidence_is_the_projects_own_code(tmp_path):
    """What a failure shows is the functions of the project that led to it, up to the line, and no library's."""
    (tmp_path / "mine.py").write_text("x = 1\ndef outer():\n    def inner():\n        call(json=1)\n        late(2)\n")
    (tmp_path / "broken.py").write_text("def (\n")
    frames = [
        Frame("mine.py", 4, "inner", "call(json=1)"),
        Frame("mine.py", 1, "<module>", "x = 1"),
        Frame("gone.py", 3, "f", "gone()"),
        Frame("broken.py", 1, "f", "broken()"),
        Frame("httpx/_client.py", 9, "g", "library()", "packages"),
        Frame("<string>", 9, "g", "library()", "elsewhere"),
    ]
    given = [Warned("builtins.DeprecationWarning", "old", "mine.py", 4, "t")]
    shown = grounds.evidence(Failure("TypeError", "no", tuple(frames)), given, tmp_path)
    assert shown.source == "    def inner():\n        call(json=1)\nx = 1\ngone()\nbroken()"
    assert shown.warned == {"DeprecationWarning: old"}


def test_warning_is_joined_to_the_release_that_ends_it():
    """A warning from the project's own lines says at which release it becomes an error, and what to do."""
    given = [
        Warned("builtins.DeprecationWarning", PROXIES, "mine.py", 4, "one"),
        Warned("builtins.DeprecationWarning", PROXIES, "mine.py", 4, "two"),
        Warned("builtins.DeprecationWarning", PROXIES, "httpx/_client.py", 9, "two", "packages"),
        Warned("builtins.DeprecationWarning", "of something else", "mine.py", 5, "two"),
    ]
    written = {(release, name): note for release in STORE.stored for name, note in notes.read(STORE, release).items()}
    (notice,) = grounds.warnings(given, compared_here("0.27.2", "0.28.1"), written)
    assert (str(notice.until), notice.removed, notice.places, notice.tests) == (
        "httpx==0.28.0",
        True,
        ("mine.py:4",),
        2,
    )
    assert "proxy" in notice.note.do


def test_warning_of_a_library_is_told_with_its_tests():
    """A warning that points at a library's line says how many tests saw it."""
    given = [Warned("DeprecationWarning", PROXIES, "openai/x.py", 9, "one", "packages")]
    (notice,) = grounds.warnings(given, compared_here("0.27.2", "0.28.1"), {})
    assert (notice.places, notice.tests, notice.note) == ((), 1, None)


def test_warning_that_nothing_ends_says_so():
    """A warning that no known release ends has no release, and no note."""
    found = compared_here("0.28.1", "httpx2")
    ending = [deprecation for deprecation in found.deprecations if deprecation.until is None]
    assert ending
    category, _, message = ending[0].warning.partition(": ")
    (notice,) = grounds.warnings([Warned(category, message, "mine.py", 1, None)], found, {})
    assert (notice.until, notice.note, notice.tests) == (None, None, 0)


def test_companion_of_a_release_is_named():
    """A failure that involves a package which the kit pins is told the version that goes with the release."""
    bad = RELEASES.parse("0.28.0")
    rules = RELEASES.rules_for(bad, "3.12")
    failure = Failure("respx.models.AllMockedAssertionError", "RESPX: not mocked!")
    (says,) = grounds.companions(failure, {"respx": "0.21.1"}, bad, rules)
    assert says.startswith("beside it: respx 0.21.1, and the kit found respx 0.23.1 to go with httpx==0.28.0: ")
    assert "Try: --with 'respx>=0.23.1'" in says
    inside = Failure("TypeError", "no", (Frame("respx/mocks.py", 3, "f", "g()", "packages"),))
    assert grounds.companions(inside, {"respx": "0.21.1"}, bad, rules) == [says]
    assert grounds.companions(failure, {"respx": "0.23.1"}, bad, rules) == []
    assert grounds.companions(failure, {}, bad, rules) == []
    assert grounds.companions(Failure("TypeError", "no"), {"respx": "0.21.1"}, bad, rules) == []


def test_kind_of_client_decides_between_two_changes():
    """Where a change of each kind of client fits, the one that the failure speaks of comes first."""
    words = "The 'app' shortcut is now deprecated. Use the explicit style 'transport={}(app=...)' instead."
    for transport, behaviour in (("WSGITransport", "client_app"), ("ASGITransport", "async_client_app")):
        failure = Failure("builtins.DeprecationWarning", words.format(transport))
        (_, first, _), *_ = fitting("0.26.0", "0.27.0", failure)
        assert first == f"deprecations/{behaviour}"


def test_services_of_the_kit_are_named_to_nobody():
    """A change that only a service of the kit's own shows is not named for somebody else's project."""
    failure = Failure("AssertionError", "assert b'{\"a\":1}' == b'{\"a\": 1}'")
    found = fitting("0.27.2", "0.28.1", failure)
    assert found
    assert not any(behaviour.startswith(("hardened/", "reproduction/")) for _, behaviour, _ in found)


def test_blanks_of_what_is_no_json_say_nothing():
    """Two texts that differ in blanks and are no JSON are not joined to what changed about JSON."""
    assert fitting("0.27.2", "0.28.1", Failure("AssertionError", "assert 'a b' == 'ab'")) == []


def test_body_that_is_missing_may_be_a_redirect(tmp_path):
    """A comparison with an empty body, in a file that speaks of redirects, is joined to what changed about them."""
    (tmp_path / "test_a.py").write_text("from sanic.response import redirect\n")
    failure = Failure("AssertionError", "assert '' == 't1'", (Frame("test_a.py", 1, "f", "assert text == 't1'"),))
    shown = grounds.evidence(failure, [], tmp_path)
    among = {RELEASES.parse("0.20.0")}
    found = grounds.fitting(shown, compared_here("0.19.0", "0.20.0"), among, ABOUT.of_change)
    assert {ground.behaviour.partition("/")[0] for ground in found} == {"redirects"}
    # An assertion of the test's own is no exception that a release raises.
    among |= {RELEASES.parse("0.19.0")}
    found = grounds.fitting(shown, compared_here("0.18.2", "0.20.0"), among, ABOUT.of_change)
    assert {ground.behaviour.partition("/")[0] for ground in found} == {"redirects"}
    among = {RELEASES.parse("0.20.0")}
    (tmp_path / "test_a.py").write_text("")
    shown = grounds.evidence(failure, [], tmp_path)
    assert grounds.fitting(shown, compared_here("0.19.0", "0.20.0"), among, ABOUT.of_change) == []
