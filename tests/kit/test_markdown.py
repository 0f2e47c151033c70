"""A comparison as Markdown, for the comment of a pull request."""

import re

import pytest
from scenes import HOSTILE, SCENES
from stage import golden

from repro.kit import phrasing
from repro.kit.report import markdown

# A code span as CommonMark reads it: it ends with as many backticks as it began with.
CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")


def prose(text):
    """What is not in code style, with what is escaped left out."""
    return re.sub(r"\\.", "", CODE.sub("", text))


def bodies(number, scenes):
    """A comparison with that many changes of all kinds, and as much of everything else."""
    body = scenes.body("accepted")
    kinds = [*phrasing.KINDS]
    change, gone = body["changes"][0], next(entry for entry in body["absent"] if entry["kind"])
    body["changes"] = [
        change | {"behaviour": f"area/{place}", "kind": kinds[place * len(kinds) // number], "after": HOSTILE * 20}
        for place in range(number)
    ]
    body["absent"] = [gone | {"behaviour": f"area/gone-{place}", "after": f"lack {place}"} for place in range(number)]
    body["acceptance"] = body["acceptance"][:1] * number
    unknown = {"behaviour": "area/b", "title": "", "area": "area", "side": "to"}
    body["not_run"] = [unknown | {"reason": f"{place} {HOSTILE}"} for place in range(number)]
    run = {"from": "httpx==0.1", "to": "httpx==0.2", "value": "y"}
    passing = {"behaviour": "area/p", "title": "", "area": "area", "value": "x", "differs": [run]}
    body["passing"] = [passing] * number
    return body


@pytest.mark.parametrize("scene", SCENES)
def test_markdown_is_as_it_was_read(scenes, snapshot, scene):
    """Each scene is the golden comment that somebody has read."""
    assert markdown.markdown(scenes.body(scene)).encode() == snapshot(extension_class=golden("md"))


@pytest.mark.parametrize("limit", [1300, 2000, 3000])
def test_comment_that_is_cut_is_as_it_was_read(scenes, snapshot, limit):
    """Where there is less room, the golden comment tells less of what hurts least."""
    made = markdown.markdown(scenes.body("stored"), limit=limit)
    assert len(made) <= limit
    assert made.encode() == snapshot(extension_class=golden("md"))


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_in_prose_is_markup_or_calls_anybody(scenes, scene):
    """Outside of code style no answer, note or reason starts a tag, a link, an entity, or the name of a person."""
    left = prose(markdown.markdown(scenes.body(scene)).replace("&#8203;", "\u200b"))
    assert re.findall(r"<\w|\]\(|&\w|@\w|#\d|\w\*\w", left) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plain", "plain"),
        ("a `<b>` c", "a `<b>` c"),
        ("` <b> ``", r"\` \<b\> \`\`"),
        ("``a` <b> `", r"\`\`a` <b> `"),
        ("@name and #12", "@&#8203;name and #&#8203;12"),
        ("a\n\n# b | c", r"a #&#8203; b \| c"),
        ("[x](y) &lt; \\ $z$", r"\[x\](y) \&lt; \\ \$z\$"),
        ("x" * 2000, "x" * 999 + "…"),
    ],
)
def test_prose_stays_prose(text, said):
    """Code style is kept where it is whole, and everything else stands for itself."""
    assert markdown._plain(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [("a", "`a`"), ("a ` b", "``a ` b``"), ("`a``", "``` `a`` ```"), ("a\n b", "`a b`"), ("<b>|@x", "`<b>|@x`")],
)
def test_code_holds_whatever_it_is_given(text, said):
    """The fence of a code span is longer than any run of backticks within, and it stays on its line."""
    assert markdown._code(text) == said


@pytest.mark.parametrize(
    ("number", "limits"),
    [(2, [0, 1, 2, 10, 100, 500, 1000, 1500, *range(2000, 20_000, 1000), 10**7]), (200, [1, 1000, 65_536, 10**7])],
)
def test_comment_is_never_longer_than_its_limit(scenes, number, limits):
    """However much there is to tell and however little room, the comment fits."""
    body = bodies(number, scenes)
    assert [limit for limit in limits if len(markdown.markdown(body, limit=limit)) > limit] == []


@pytest.mark.parametrize("limit", [4000, 65_536])
def test_no_kind_is_dropped_in_silence(scenes, limit):
    """Of a thousand changes, the comment has the verdict, the number of every kind, and the command for the rest."""
    body = bodies(1000, scenes)
    made = markdown.markdown(body, limit=limit)
    assert "Exit code 1." in made
    counted = dict(re.findall(r"^\| ([^|]+) \| (\d+) \|$", made, re.MULTILINE))
    for kind in phrasing.KINDS:
        number = sum(entry["kind"] == kind for entry in [*body["changes"], *body["absent"]])
        assert counted[phrasing.KINDS[kind]] == str(number), kind
    assert counted["Not compared"] == counted["The same on both sides, and not on the way"] == "1000"
    assert counted["Unchanged"] == str(body["unchanged"])
    assert "Everything: `nox -s compare -- httpx==0.1 httpx==0.2`" in made


def test_what_hurts_least_is_cut_first(scenes):
    """A longer comment never tells less of what hurts more, and nothing is a number before all is in lines."""
    body = bodies(40, scenes)
    whole = markdown.markdown(body, limit=10**7)
    assert "not listed here" not in whole
    assert "Everything:" not in whole
    gone, worded = (f"### {phrasing.KINDS[kind]}\n" for kind in ("removal", "message"))
    for limit in range(4000, len(whole), 2000):
        made = markdown.markdown(body, limit=limit)
        told = {heading: made.partition(heading)[2].partition("\n### ")[0] for heading in (gone, worded)}
        assert "  - " not in told[worded] or "  - " in told[gone]
        assert "not listed here" in told[worded] or "not listed here" not in told[gone]
