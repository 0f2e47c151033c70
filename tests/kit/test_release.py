"""Releases, their lines and order, and the data that says which there are."""

import pytest
from stage import ROOT, SMALL, release

from repro.problem import Problem
from repro.release import Checkout, Release, Releases, Rule


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1", "httpx==0.1"),
        (" 0.1 ", "httpx==0.1"),
        ("httpx==0.2", "httpx==0.2"),
        ("httpx2==2.0", "httpx2==2.0"),
        ("httpx2", "httpx2==2.0"),
        ("latest", "httpx==0.4"),
        ("v0.1", "httpx==0.1"),
        ("1.0.0.dev1", "httpx==1.0.dev1"),
        ("0.29.0", "httpx==0.29.0"),
        ("0.30rc1", "httpx==0.30rc1"),
    ],
)
def test_release_is_written_in_every_usual_form(releases, text, expected):
    """A release is a version, a distribution with or without one, or `latest`, known to the data or not."""
    assert str(releases.parse(text)) == expected


@pytest.mark.parametrize("text", ["newest", "httpx>=0.1", "0.1.x", "==0.1", "httpx==", "ht tpx==0.1"])
def test_what_is_no_release_is_said(releases, text):
    """What cannot be read as a release is named, with an example of what can."""
    with pytest.raises(Problem) as caught:
        releases.parse(text)
    assert caught.value.found == f"{text!r} is not a release."
    assert 'RELEASES="0.12.1 httpx2==2.16.2" nox' in caught.value.mend


def test_unknown_distribution_is_said(releases):
    """A release of another project is refused, with the distributions that are known."""
    with pytest.raises(Problem, match=r"'requests' is not a distribution this kit knows \(httpx, httpx2\)"):
        releases.parse("requests==2.0")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.2 0.1", ["httpx==0.1", "httpx==0.2"]),
        ("0.2,0.1, 0.2", ["httpx==0.1", "httpx==0.2"]),
        ("httpx2 1.0.dev1 0.1", ["httpx==0.1", "httpx==1.0.dev1", "httpx2==2.0"]),
        ("boundary", ["httpx==0.1", "httpx==0.2", "httpx2==2.0"]),
        ("minors", ["httpx==0.1", "httpx==0.2.1", "httpx==0.3", "httpx==0.4", "httpx==1.0.dev1", "httpx2==2.0"]),
        ("0.29.0 boundary", ["httpx==0.1", "httpx==0.2", "httpx==0.29.0", "httpx2==2.0"]),
        ("git+https://example.invalid/httpx 0.1", ["httpx==0.1", "git+https://example.invalid/httpx"]),
        ("https://example.invalid/httpx.whl", ["https://example.invalid/httpx.whl"]),
        ("http://127.0.0.1/httpx.whl", ["http://127.0.0.1/httpx.whl"]),
        ("file:///somewhere/httpx", ["file:///somewhere/httpx"]),
    ],
)
def test_releases_are_selected_in_line_order_each_once(releases, text, expected):
    """Whatever words ask for them, releases come each once, line by line in version order, checkouts last."""
    assert [str(subject) for subject in releases.select(text)] == expected


def test_all_is_every_release_of_the_data(releases):
    """`all` is every version of every line."""
    assert len(releases.select("all")) == 8
    assert [str(subject) for subject in releases.select("all")] == [str(entry) for entry in releases.all]


@pytest.mark.parametrize("word", ["./httpx", "sub/../httpx", ".\\httpx", "{}/httpx"])
def test_path_is_a_checkout(releases, tmp_path, word):
    """A word with a separator or a dot in front is the path of a checkout, from where the command was given."""
    (tmp_path / "httpx").mkdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / ".\\httpx").mkdir()
    (checkout,) = releases.select(word.format(tmp_path), base=tmp_path)
    assert isinstance(checkout, Checkout)
    assert checkout.source.startswith(str(tmp_path))


def test_home_is_found(releases, tmp_path, monkeypatch):
    """A path from the home folder is found there."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert releases.select("~") == [Checkout(str(tmp_path))]


def test_missing_path_is_said(releases, tmp_path):
    """A path that does not exist is named, whole."""
    with pytest.raises(Problem) as caught:
        releases.select("./nothing", base=tmp_path)
    assert caught.value.found == f"There is no checkout of httpx at {tmp_path / 'nothing'}."
    assert caught.value.mend == "Give RELEASES a path that exists."


@pytest.mark.parametrize("text", ["", "  ", ","])
def test_nothing_asked_for_is_misuse(releases, text):
    """An empty choice is refused, and never means every release or none."""
    with pytest.raises(Problem, match="is not a release"):
        releases.select(text)


def test_slugs_name_folders():
    """A release and a checkout are named so that a folder can have the name."""
    assert release("httpx2==2.0").slug == "httpx2-2.0"
    assert (
        Checkout("git+https://example.invalid/a/httpx.git@x").slug == "checkout-git-https-example.invalid-a-httpx.git-x"
    )


def test_release_from_elsewhere_names_its_source():
    """A release that did not come from the index says where it came from."""
    assert str(Release("httpx", "0.1", "./httpx")) == "httpx==0.1 from ./httpx"


def test_ancestry_goes_through_the_fork(releases):
    """The releases before one of a fork are those of the fork, and before them those of the line up to the fork."""
    before = [str(entry) for entry in releases.ancestry(release("httpx2==2.0"))]
    assert before == ["httpx==0.1", "httpx==0.2", "httpx==0.2.1", "httpx2==2.0b1", "httpx2==2.0"]


def test_ancestry_ends_with_an_unknown_release(releases):
    """A release that the data does not know stands where its version puts it."""
    assert [entry.version for entry in releases.ancestry(release("0.2.5"))] == ["0.1", "0.2", "0.2.1", "0.2.5"]


def test_newest_of_a_line_without_finals_is_a_prerelease(releases):
    """A line of pre-releases only has its newest pre-release as its newest release."""
    data = {"cutoff": "", "pythons": [], "harness": [], "rule": [], "boundary": {"releases": []}}
    line = {"distribution": "new", "module": "new", "versions": ["1.0b2", "1.0b10"]}
    assert Releases({**data, "line": [line]}).newest("new") == Release("new", "1.0b10")


@pytest.mark.parametrize(
    ("rule", "covered"),
    [
        (Rule("httpx", "x"), True),
        (Rule("httpx>=0.2,<0.3", "x"), True),
        (Rule("httpx<0.2", "x"), False),
        (Rule("httpx2", "x"), False),
        (Rule("httpx", "x", pythons=("3.13",)), True),
        (Rule("httpx", "x", pythons=("3.12",)), False),
    ],
)
def test_rule_covers_its_releases_and_pythons(rule, covered):
    """A rule speaks for the releases it names, pre-releases included, under the Pythons it names."""
    assert rule.covers(release("0.2"), "3.13") is covered


def test_rule_covers_prereleases():
    """A bound that a pre-release lies within covers it."""
    assert Rule("httpx>=0.13.dev0,<=0.13.0.dev2", "x").covers(release("0.13.0.dev1"), "3.11")


def test_the_kits_own_data_is_read():
    """The release data of the kit is read without being told where it is."""
    assert str(Releases.load().parse("0.13.0")) == "httpx==0.13.0"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda text: None, "There is no release data at {}."),
        (lambda text: text + "[", "The release data {} is damaged: "),
        (lambda text: "\udcff", "The release data {} is damaged: "),
        (lambda text: text.replace("format = 1", ""), "The release data {} is damaged: it has no format number."),
        (lambda text: text.replace("format = 1", "format = true"), "The release data {} is damaged: it has no format"),
        (lambda text: text.replace("format = 1", "format = 0"), "The release data {} is too old: it has format 0, "),
        (lambda text: text.replace("cutoff", "cutof"), "The release data {} is damaged: KeyError('cutoff')."),
        (lambda text: text.replace('"0.3"', '"zero"'), "The release data {} is damaged: "),
        (lambda text: text.replace("outcome", "outcme"), "The release data {} is damaged: "),
        (lambda text: text.replace('module = "httpx2"', ""), "The release data {} is damaged: KeyError('module')."),
    ],
)
def test_unreadable_release_data_has_its_own_sentence(tmp_path, change, found):
    """Missing, damaged and too old release data each say so, with the place and how to restore it."""
    path = tmp_path / "releases.toml"
    if (text := change(SMALL)) is not None:
        path.write_text(text, errors="surrogateescape")
    with pytest.raises(Problem) as caught:
        Releases.load(path)
    assert caught.value.found.startswith(found.format(path))
    assert caught.value.mend == "Restore it with: git checkout -- repro/releases.toml"
    assert caught.value.code == 2


def test_too_new_release_data_asks_for_an_update(tmp_path):
    """Release data of a later kit says that this kit is to be updated."""
    path = tmp_path / "releases.toml"
    path.write_text(SMALL.replace("format = 1", "format = 2"))
    with pytest.raises(Problem) as caught:
        Releases.load(path)
    assert caught.value.found == f"The release data {path} is too new: it has format 2, and this kit reads format 1."
    assert caught.value.mend == "Update this checkout, with: git pull"


def test_data_lies_beside_the_code():
    """The release data is part of the checkout."""
    assert (ROOT / "repro" / "releases.toml").is_file()
