"""The advisory's claims: how a verdict comes about, what is advised instead, and how both are told."""

import functools
import json

import pytest
from stage import ROOT, release
from test_snapshots import STORED, asked

from repro.kit import advisory, catalogue
from repro.kit.advisory import FAILS, HOLDS, OPEN, Evidence
from repro.kit.catalogue import Catalogue, Entry
from repro.kit.report import advisory as told
from repro.kit.report.terminal import Paint
from repro.problem import Problem
from repro.release import Releases

HEAD = 'format = 1\nsource = "https://advisory.invalid"\n'

CLAIM = """
[[claim]]
id = "it-answers"
claim = "It answers."
stance = "states"
reading = "Under every release."
"""

EXPECT = """
[[claim.expect]]
behaviour = "area/a"
reason = "It decides."
"""

SAFE = """
[[safe]]
behaviour = "area/a"
is = 1
reason = "It matters."
unmet = "It does not answer."
"""

#: The lists that a file has, so that leaving one out is damage.
EMPTY = {"claim": "claim = []\n", "safe": "safe = []\n"}

PLAIN = Paint(coloured=False)


def whole(text):
    """A file of claims with this text, and with those lists empty that it does not have."""
    return HEAD + "".join(line for name, line in EMPTY.items() if f"[[{name}]]" not in text) + text


@pytest.fixture
def written(tmp_path):
    """A file of claims with this text."""

    def make(text):
        path = tmp_path / "advisory.toml"
        path.write_text(text, errors="surrogateescape")
        return path

    return make


@pytest.fixture
def checked(written, store, releases):
    """Claims held against snapshots of small releases, where `area/a` needs wings: `checked(text, stored)`."""

    def make(text, stored):
        known = Catalogue(
            {"area/a": Entry("Does it answer?", "tests/cell/area/test_a.py::test_a", ["wings"], False)}, {}
        )
        return advisory.Checked(advisory.load(written(whole(text))), store(stored), known, releases)

    return make


@pytest.fixture
def verdict(checked):
    """The verdict of one claim that expects this, and its evidence as `(where, found, as expected)`."""

    def make(expected, stored):
        (found,) = checked(CLAIM + EXPECT + expected, stored).verdicts()
        return found.verdict, [(each.where, each.found, each.as_expected) for each in found.evidence]

    return make


#: What asks whether a release has the wings that `area/a` needs.
WINGS = "capabilities/has-wings"

STORED_A = {"httpx-0.1": {"area/a": {"n": 1, "of": ["x", "y"]}}, "httpx-0.3": {"area/a": {"n": 2, "of": []}}}


@pytest.mark.parametrize(
    ("expected", "became", "evidence"),
    [
        ('releases = ["httpx<0.3"]\nat = "n"\nis = 1', HOLDS, [("httpx 0.1 to 0.2.1", "n: 1", True)]),
        ('releases = ["httpx==0.3"]\nat = "n"\nis = 1', FAILS, [("httpx 0.3", "n: 2", False)]),
        ('releases = ["httpx==0.3"]\nat = "n"\nis = true', FAILS, [("httpx 0.3", "n: 2", False)]),
        ('releases = ["httpx==0.1"]\nat = "n"\nis = true', FAILS, [("httpx 0.1", "n: 1", False)]),
        ('releases = ["httpx==0.3"]\nat = "n"\nnot = 1', HOLDS, [("httpx 0.3", "n: 2", True)]),
        ('releases = ["httpx==0.1"]\nat = "n"\nnot = 1', FAILS, [("httpx 0.1", "n: 1", False)]),
        ('releases = ["httpx==0.1"]\nat = "of"\nhas = ["y", "x"]', HOLDS, [("httpx 0.1", 'of: ["x", "y"]', True)]),
        ('releases = ["httpx==0.1"]\nat = "of"\nhas = ["x", "z"]', FAILS, [("httpx 0.1", 'of: ["x", "y"]', False)]),
        ('releases = ["httpx==0.1"]\nat = "n"\nhas = ["x"]', FAILS, [("httpx 0.1", "n: 1", False)]),
        ('releases = ["httpx==0.2"]\nat = "n"\nsame_as = "httpx==0.1"', HOLDS, [("httpx 0.2", "n: 1", True)]),
        ('releases = ["httpx==0.3"]\nat = "n"\nsame_as = "httpx==0.1"', FAILS, [("httpx 0.3", "n: 2", False)]),
        ('releases = ["httpx==0.3"]\nat = "n"\ndiffers_from = "httpx==0.1"', HOLDS, [("httpx 0.3", "n: 2", True)]),
        ('releases = ["httpx==0.2"]\nat = "n"\ndiffers_from = "httpx==0.1"', FAILS, [("httpx 0.2", "n: 1", False)]),
        (
            'releases = ["httpx"]\nat = "n"\nis = 2',
            FAILS,
            [("httpx 0.1 to 0.2.1", "n: 1", False), ("httpx 0.3 to 1.0.dev1", "n: 2", True)],
        ),
        (
            'releases = ["httpx==0.1", "httpx==0.2.1", "httpx2"]\nat = "n"\nis = 1',
            HOLDS,
            [("httpx 0.1, 0.2.1; httpx2 2.0b1 to 2.0", "n: 1", True)],
        ),
        ('releases = ["httpx==0.3"]\nis = {n = 2, of = []}', HOLDS, [("httpx 0.3", '{"n": 2, "of": []}', True)]),
    ],
)
def test_verdict_is_computed_from_what_is_stored(verdict, expected, became, evidence):
    """A claim holds where every release answers as expected, and does not where one answers otherwise."""
    assert verdict(expected, STORED_A) == (became, evidence)


WITHOUT_WINGS = {"httpx-0.1": {"area/a": 1, WINGS: True}, "httpx-0.2": {WINGS: False}, "httpx-0.3": {WINGS: True}}


@pytest.mark.parametrize(
    ("expected", "stored", "evidence"),
    [
        ('releases = ["httpx==0.1"]\nis = 1', {}, [("httpx 0.1", "not stored", None)]),
        (
            'releases = ["httpx<0.3"]\nis = 1',
            {"httpx-0.2": {"area/a": 1}},
            [("httpx 0.1", "not stored", None), ("httpx 0.2 to 0.2.1", "1", True)],
        ),
        (
            'releases = ["httpx<0.3"]\nis = 2',
            {"httpx-0.2": {"area/a": 1}},
            [("httpx 0.1", "not stored", None), ("httpx 0.2 to 0.2.1", "1", False)],
        ),
        ('releases = ["httpx>=7", "requests"]\nis = 1', STORED_A, [("httpx>=7, requests", "no such release", None)]),
        (
            'releases = ["httpx==0.2", "httpx==0.3"]\nis = 1',
            WITHOUT_WINGS,
            [("httpx 0.2", "absent: no wings", None), ("httpx 0.3", "1", True)],
        ),
        ('releases = ["httpx==0.3"]\ndiffers_from = "httpx==0.2"', WITHOUT_WINGS, [("httpx 0.3", "1", None)]),
        (
            'releases = ["httpx==0.2"]\nsame_as = "httpx==0.1"',
            {"httpx-0.2": {"area/a": 1}},
            [("httpx 0.2", "1", None)],
        ),
    ],
)
def test_gap_in_the_evidence_is_never_a_verdict(verdict, expected, stored, evidence):
    """Where an answer is not stored, absent or of no release, the claim cannot be executed, whatever others say."""
    assert verdict(expected, stored) == (OPEN, evidence)


@pytest.mark.parametrize("rule", ["is = 1", "not = 1", "has = [1]", 'same_as = "0.1"', 'differs_from = "0.1"'])
@pytest.mark.parametrize("answer", ["raises TypeError", {"m": 1}])
def test_answer_without_the_part_is_never_as_expected(verdict, rule, answer):
    """An answer that has no such part is not as expected under any rule, and is shown as it is."""
    became, ((where, _, as_expected),) = verdict(
        f'releases = ["httpx==0.2"]\nat = "n"\n{rule}',
        {"httpx-0.1": {"area/a": {"n": 1}}, "httpx-0.2": {"area/a": answer}},
    )
    assert (became, where, as_expected) == (FAILS, "httpx 0.2", False)


def test_claim_needs_all_that_it_expects(checked):
    """A claim with two expectations holds only if both do; each says what was expected, and why it decides."""
    one = EXPECT + 'releases = ["httpx==0.1"]\nis = 1\n'
    other = one.replace("area/a", "area/b").replace("It decides.", "So does it.").replace("is = 1", "not = 2")
    text = CLAIM + one + other + CLAIM.replace("it-", "that-it-") + one
    both, first = checked(text, {"httpx-0.1": {"area/a": 1, "area/b": 2}}).verdicts()
    assert (both.claim.id, both.verdict) == ("it-answers", FAILS)
    assert (first.claim.id, first.verdict) == ("that-it-answers", HOLDS)
    assert both.evidence == (
        Evidence("area/a", "httpx 0.1", "1", "1", True, "It decides."),
        Evidence("area/b", "httpx 0.1", "2", "anything but 2", False, "So does it."),
    )


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ('at = "n"\nis = 1', "n: 1"),
        ("not = [1]", "anything but [1]"),
        ('at = "of"\nhas = ["x", "y"]', "of: x, y among them"),
        ('at = "n"\nsame_as = "httpx==0.1"', "n: as under httpx 0.1: 1"),
        ('at = "n"\ndiffers_from = "httpx==0.1"', "n: another answer than under httpx 0.1: 1"),
        ('at = "m"\nsame_as = "httpx==0.1"', "m: as under httpx 0.1: nothing stored"),
    ],
)
def test_what_is_expected_is_said(checked, expected, said):
    """Evidence says what was expected, as short as it can be said."""
    (found,) = checked(CLAIM + EXPECT + f'releases = ["httpx==0.2"]\n{expected}', STORED_A).verdicts()
    assert [each.expected for each in found.evidence] == [said]


def test_changed_snapshot_changes_the_verdict(checked, store, releases):
    """No verdict is kept: what is stored decides, each time."""
    text = CLAIM + EXPECT + 'releases = ["httpx==0.1"]\nis = 1'
    found = checked(text, {"httpx-0.1": {"area/a": 1}})
    assert [each.verdict for each in found.verdicts()] == [HOLDS]
    again = advisory.Checked(found.advisory, store({"httpx-0.1": {"area/a": 2}}), Catalogue({}, {}), releases)
    assert [each.verdict for each in again.verdicts()] == [FAILS]


def test_claim_that_lacks_a_behaviour_cannot_be_executed(checked):
    """A claim that nothing can be asked about says what is missing, and has no evidence."""
    (found,) = checked(CLAIM + 'missing = "Nothing counts yet."\n', STORED_A).verdicts()
    assert (found.verdict, found.evidence, found.claim.missing) == (OPEN, (), "Nothing counts yet.")


def test_damaged_snapshot_is_a_problem(checked, tmp_path):
    """A stored answer that cannot be read stops the verdicts with its sentence."""
    found = checked(CLAIM + EXPECT + 'releases = ["httpx"]\nis = 1', {"httpx-0.1": {"area/a": 1}})
    (tmp_path / "snapshots/httpx-0.1/area/a.json").write_text("{")
    with pytest.raises(Problem, match="is damaged"):
        found.verdicts()


def test_comparison_with_no_release_is_a_problem(checked):
    """An expectation that compares with what is no release says so."""
    found = checked(CLAIM + EXPECT + 'releases = ["httpx==0.1"]\nsame_as = "httpx=0.1"', STORED_A)
    with pytest.raises(Problem, match=r"^'httpx=0\.1' is not a release\."):
        found.verdicts()


def test_advice_is_the_earliest_release_that_meets_every_requirement(checked):
    """Each line has its advice; what is not safe is grouped where the reasons are the same, each reason once."""
    second = SAFE.replace("area/a", "area/b").replace("is = 1", "not = 1").replace("answer.", "stop.")
    found = checked(
        SAFE + second + second.replace("not = 1", "not = 2"),
        {
            "httpx-0.1": {"area/a": 0, "area/b": 1},
            "httpx-0.2.1": {"area/b": 3},
            "httpx-0.3": {"area/a": 1},
            "httpx2-2.0": {"area/a": 2, "area/b": 2},
        },
    ).advice()
    assert [(each.line, each.earliest, each.onward) for each in found] == [
        ("httpx 0.x", release("0.3"), True),
        ("httpx 1.x", release("1.0.dev1"), True),
        ("httpx2 2.x", None, False),
    ]
    assert found[0].why_not == (
        ("httpx 0.1 to 0.2", ("It does not answer. (area/a)", "It does not stop. (area/b)")),
        ("httpx 0.2.1", ("It does not answer. (area/a)",)),
    )
    assert found[0].closest is None
    # The pre-release misses fewer, and is not offered: the line has a final release.
    assert found[2].closest == (
        release("httpx2==2.0"),
        ("It does not answer. (area/a)", "It does not stop. (area/b)"),
    )


def test_advice_says_that_a_later_release_is_not_safe(checked):
    """Where a later release is not safe the advice is no `or later`, and the release is among those that are not."""
    stored = {f"httpx-{version}": {"area/a": answer} for version, answer in {"0.1": 1, "0.3": 2, "0.4": 1}.items()}
    (found, *_) = checked(SAFE, stored).advice()
    assert (found.earliest, found.onward) == (release("0.1"), False)
    assert found.why_not == (("httpx 0.3", ("It does not answer. (area/a)",)),)


def test_pre_release_is_advised_only_where_there_is_no_final_one(checked):
    """A pre-release that is safe is passed over in a line that has final releases."""
    found = checked(SAFE, {"httpx-0.1": {"area/a": 0}, "httpx2-2.0b1": {"area/a": 1}}).advice()
    assert [each.earliest for each in found] == [None, None, release("httpx2==2.0")]


def test_closest_release_is_the_newest_that_misses_the_fewest(checked):
    """Where no release is safe, the newest of those that miss the fewest requirements is named, and what it misses."""
    second = SAFE.replace("area/a", "area/b").replace("answer.", "stop.")
    stored = {"httpx-0.1": {"area/a": 0, "area/b": 0}, "httpx-0.2": {"area/b": 1}, "httpx-0.3": {"area/b": 0}}
    (found, *_) = checked(SAFE + second, stored).advice()
    assert found.closest == (release("0.2.1"), ("It does not answer. (area/a)",))


def test_release_that_is_not_stored_or_lacks_something_is_not_safe(checked):
    """Nothing is advised of a release that an answer is missing of: a gap is said, and a lack is named."""
    stored = {"httpx-0.2": {"area/a": 1}, "httpx-0.3": {WINGS: False}, "httpx-0.4": {WINGS: True}}
    (found, *_) = checked(SAFE, stored).advice()
    assert (found.earliest, found.onward) == (release("0.2"), False)
    assert found.why_not == (("httpx 0.1", (advisory.UNKNOWN,)), ("httpx 0.3", ("It has no wings.",)))


def test_advice_says_what_a_python_needs(checked, releases):
    """What the earliest release needs under some Pythons only is said with it."""
    rule = releases.rules[0]
    (minor,) = releases.pythons
    releases.rules = (rule, type(rule)("httpx==0.1", "They need wings.", pythons=(minor,)))
    found = checked(SAFE, {"httpx-0.1": {"area/a": 1}}).advice()
    assert [each.beside for each in found] == [(f"Python {minor}: They need wings.",), (), ()]


def test_ranges_stop_at_what_is_not_chosen(releases):
    """Releases are told as ranges that span only what was chosen, in the order of the lines."""
    chosen = [release(name) for name in ("httpx2==2.0", "0.1", "0.2", "0.3", "1.0.dev1")]
    assert advisory.ranges(chosen, releases) == "httpx 0.1 to 0.2, 0.3, 1.0.dev1; httpx2 2.0"


def test_data_has_the_form_that_a_page_reads(checked):
    """Verdicts and advice are JSON of the form that is documented; what a claim lacks ends its reading."""
    checks = checked(
        CLAIM
        + EXPECT
        + 'releases = ["httpx==0.1"]\nis = 1\n'
        + CLAIM.replace("it-", "that-it-")
        + 'missing = "Nothing counts."\n'
        + SAFE,
        {"httpx-0.1": {"area/a": 2}, "httpx-0.4": {"area/a": 1}, "httpx-1.0.dev1": {"area/a": 3}},
    )
    body = advisory.data(checks.verdicts(), checks.advice())
    assert json.loads(json.dumps(body)) == body
    assert body == {
        "claims": [
            {
                "id": "it-answers",
                "claim": "It answers.",
                "verdict": "does not hold",
                "reading": "Under every release.",
                "evidence": [
                    {
                        "behaviour": "area/a",
                        "where": "httpx 0.1",
                        "found": "2",
                        "expected": "1",
                        "as_expected": False,
                        "reason": "It decides.",
                    }
                ],
            },
            {
                "id": "that-it-answers",
                "claim": "It answers.",
                "verdict": "cannot be executed",
                "reading": "Under every release. Nothing counts.",
                "evidence": [],
            },
        ],
        "advice": [
            {
                "line": "httpx 0.x",
                "earliest": "0.4",
                "why_not": [{"releases": "httpx 0.1 to 0.3", "reasons": ["It does not answer. (area/a)"]}],
            },
            {
                "line": "httpx 1.x",
                "earliest": None,
                "why_not": [{"releases": "httpx 1.0.dev1", "reasons": ["It does not answer. (area/a)"]}],
            },
            {
                "line": "httpx2 2.x",
                "earliest": None,
                "why_not": [{"releases": "httpx2 2.0b1 to 2.0", "reasons": ["It does not answer. (area/a)"]}],
            },
        ],
    }


TWICE = CLAIM + 'missing = "x"\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[", "The advisory's claims {} are damaged: "),
        ("\udcff", "The advisory's claims {} are damaged: "),
        ("", "The file of the advisory's claims {} is damaged: it has no format number."),
        ("format = 0", "The file of the advisory's claims {} is too old: it has format 0, and this kit"),
        ("format = 2", "The file of the advisory's claims {} is too new: it has format 2, and this kit"),
        *[
            (text, "The advisory's claims {} are damaged: ")
            for text in (
                HEAD,
                whole("").replace("source", "origin"),
                whole("").replace("claim = []", "claim = 1"),
                whole("").replace("safe = []", "safe = [1]"),
                whole(CLAIM),
                whole(CLAIM + 'missing = ""'),
                whole(CLAIM + 'missing = "x"\nverdict = "holds"'),
                whole(CLAIM + 'missing = "x"' + EXPECT + 'releases = ["httpx"]\nis = 1'),
                whole(TWICE + TWICE),
                whole(CLAIM + EXPECT + 'releases = ["httpx"]'),
                whole(CLAIM + EXPECT + 'releases = ["httpx"]\nis = 1\nnot = 2'),
                whole(CLAIM + EXPECT + 'releases = ["httpx"]\nhas = "x"'),
                whole(CLAIM + EXPECT + 'releases = ["httpx"]\nis = 1\nverdict = "holds"'),
                whole(CLAIM + EXPECT + 'releases = [">0.1"]\nis = 1'),
                whole(CLAIM + EXPECT + 'releases = "httpx"\nis = 1'),
                whole(CLAIM + EXPECT + "is = 1"),
                whole(CLAIM + EXPECT + 'releases = ["httpx"]\nis = 1').replace('reason = "It decides."', ""),
                whole(SAFE + 'releases = ["httpx"]'),
                whole(SAFE).replace('unmet = "It does not answer."', ""),
                whole(SAFE).replace("It does not answer.", ""),
            )
        ],
    ],
)
def test_unreadable_claims_have_their_own_sentence(written, text, found):
    """Damaged claims say so, and so do too old and too new ones, with their place and what to do."""
    path = written(text)
    with pytest.raises(Problem) as caught:
        advisory.load(path)
    assert caught.value.found.startswith(found.format(path))
    assert "git " in caught.value.mend
    assert caught.value.code == 2


def test_missing_claims_are_a_problem(tmp_path):
    """Where there is no file of claims, that is said."""
    with pytest.raises(Problem, match=r"There are no claims of an advisory at .*nowhere\.toml\."):
        advisory.load(tmp_path / "nowhere.toml")


@pytest.fixture
def report(checked):
    """What a terminal shows of claims, the requirement `SAFE` and snapshots."""

    def make(text, stored, width=100, paint=PLAIN):
        checks = checked(text + SAFE, stored)
        return told.text(checks.verdicts(), checks.advice(), checks.advisory.source, width=width, paint=paint)

    return make


def test_report_tells_verdict_evidence_and_advice(report):
    """A claim is told with its reading, each answer and why it decides; what to do comes last."""
    text = (
        CLAIM
        + EXPECT
        + 'releases = ["httpx<0.4"]\nis = 1\n'
        + CLAIM.replace("it-", "that-it-")
        + 'missing = "Nothing counts."\n'
    )
    assert report(text, {"httpx-0.2": {"area/a": 1}, "httpx-0.3": {"area/a": 2}, "httpx-0.4": {"area/a": 1}}) == (
        "The advisory's claims\n"
        "  as published at https://advisory.invalid\n"
        "\n"
        "CANNOT BE EXECUTED  it-answers\n"
        "  The advisory states: It answers.\n"
        "  Read as: Under every release.\n"
        "    area/a, expected 1\n"
        "      unknown  httpx 0.1: not stored\n"
        "      as claimed  httpx 0.2 to 0.2.1: 1\n"
        "      otherwise  httpx 0.3: 2\n"
        "      It decides.\n"
        "\n"
        "CANNOT BE EXECUTED  that-it-answers\n"
        "  The advisory states: It answers.\n"
        "  Read as: Under every release.\n"
        "  Missing: Nothing counts.\n"
        "\n"
        "Advice for httpx 0.x: 0.2, and not each that is later\n"
        "  not httpx 0.1:\n"
        "      Not every answer that is asked for here is stored for it, so nothing is said of it.\n"
        "  not httpx 0.3:\n"
        "      It does not answer. (area/a)\n"
        "\n"
        "Advice for httpx 1.x: 1.0.dev1 or later\n"
        "\n"
        "Advice for httpx2 2.x: 2.0 or later\n"
        "\n"
        "CLAIMS: of 2, 2 cannot be executed.\n"
        "ADVICE: For this reproduction take httpx 0.2; httpx 1.0.dev1 or later; httpx2 2.0 or later.\n"
    )


def test_report_says_where_no_release_is_safe(report, releases):
    """A line without a safe release says which comes closest and what each lacks; others have what a Python needs."""
    (minor,) = releases.pythons
    releases.rules = (type(releases.rules[0])("httpx2", "They need wings.", pythons=(minor,)),)
    text = report(
        CLAIM
        + EXPECT
        + 'releases = ["httpx==0.1"]\nis = 0\n'
        + CLAIM.replace("it-", "that-it-")
        + EXPECT
        + 'releases = ["httpx==0.1"]\nis = 1\n',
        {"httpx-0.1": {"area/a": 0}, "httpx2-2.0b1": {"area/a": 1}},
    )
    assert text.partition("Advice")[2] == (
        " for httpx 0.x: none is safe; the closest, 0.4, misses 1 requirement\n"
        "  not httpx 0.1 to 0.4:\n"
        "      It does not answer. (area/a)\n"
        "\n"
        "Advice for httpx 1.x: none is safe; the closest, 1.0.dev1, misses 1 requirement\n"
        "  not httpx 1.0.dev1:\n"
        "      It does not answer. (area/a)\n"
        "\n"
        "Advice for httpx2 2.x: 2.0 or later\n"
        f"  Under Python {minor}: They need wings.\n"
        "\n"
        "CLAIMS: of 2, 1 holds, 1 does not hold.\n"
        "ADVICE: For this reproduction take httpx2 2.0 or later. None of httpx 0.x, httpx 1.x is safe for it.\n"
    )


def test_report_says_where_nothing_is_safe(report):
    """Where no line has a safe release, no release is named."""
    assert report("", {}).endswith("\nADVICE: None of httpx 0.x, httpx 1.x, httpx2 2.x is safe for it.\n")


def test_report_is_wrapped_and_coloured_where_it_is_seen(report):
    """No line is wider than the terminal, and colour changes nothing but colour."""
    long = CLAIM.replace("Under every release.", "It answers, " * 30) + EXPECT + 'releases = ["httpx"]\nis = 1\n'
    stored = {"httpx-0.1": {"area/a": 1}}
    plain = report(long, stored, width=70)
    assert max(map(len, plain.splitlines())) <= 70
    coloured = report(long, stored, width=70, paint=Paint(coloured=True))
    assert "\x1b[32mHOLDS\x1b[0m  it-answers" in coloured
    for code in ("0", "1", "2", "32"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == plain


# What follows is about the kit's own claims.


REAL = advisory.load()


def used():
    """Every behaviour that the kit's claims and requirements ask for."""
    return {each.behaviour for claim in REAL.claims for each in claim.expect} | {each.behaviour for each in REAL.safe}


@pytest.mark.parametrize("behaviour", sorted(used()))
def test_every_behaviour_of_the_claims_is_stored_and_asked_for(behaviour):
    """Every behaviour that decides a claim or the advice has a stored answer, and a test that asks for it."""
    assert behaviour in STORED.behaviours
    assert behaviour.partition("-")[0] in asked(ROOT / "tests" / "cell")


def test_releases_without_a_client_for_the_service_are_those_that_lack_something():
    """Where the service fails on the client itself, with a TypeError, the behaviours of the service are absent."""
    releases = Releases.load()
    checks = advisory.Checked(REAL, STORED, catalogue.read(STORED.root), releases)
    runs = {
        each: STORED.observation(serving, "reproduction/runs")["view"]
        for each in releases.all
        if (serving := STORED.serving(each, "reproduction/runs"))
    }
    failing = [each for each, view in runs.items() if view == "raises TypeError"]
    assert failing
    assert [each for each in runs if checks._lack("reproduction/slow", each)] == failing


def test_every_claim_with_an_expectation_can_be_executed():
    """Of the kit's own claims only those that say what is missing cannot be executed."""
    found = advisory.Checked(REAL, STORED, catalogue.read(STORED.root), Releases.load()).verdicts()
    assert [each.claim.id for each in found if each.verdict == OPEN] == [
        claim.id for claim in REAL.claims if claim.missing
    ]


def test_advisory_is_held_against_what_is_stored(kit, small_checkout, monkeypatch, tmp_path):
    """A claim that does not hold is told and fails nothing; claims that cannot be read exit with 2."""
    path = tmp_path / "advisory.toml"
    path.write_text(
        'format = 1\nsource = "here"\nsafe = []\nabsent = []\n'
        '[[claim]]\nid = "it-answers"\nclaim = "It answers 2."\nstance = "states"\nreading = "At 0.1."\n'
        '[[claim.expect]]\nbehaviour = "area/answer"\nreleases = ["httpx==0.1"]\nis = 2\nreason = "It says so."\n'
    )
    monkeypatch.setattr("repro.kit.advisory.load", functools.partial(advisory.load, path))
    small_checkout.store("httpx-0.1", "area/answer", 1)
    code, out, err = kit("advisory")
    assert (code, err) == (0, "")
    assert "\nDOES NOT HOLD  it-answers\n" in out
    assert "\nCLAIMS: of 1, 1 does not hold.\n" in out
    path.write_text("{")
    code, out, err = kit("advisory")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: The advisory's claims {path} are damaged: ")
