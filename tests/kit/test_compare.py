"""The verb `compare`: what is compared, the form in which it is told, and the code it exits with."""

import json

import pytest
from scenes import RECORDS, embedded
from stage import MINOR, golden, keep, record, release


def known(checkout, *at):
    """A file that accepts the change of area/a at these releases."""
    entries = [f'[[accepted]]\nbehaviour = "area/a"\nrelease = "{version}"\nreason = "We know."\n' for version in at]
    path = checkout.root / "accepted.toml"
    path.write_text("\n".join(["format = 1", *entries]))
    return str(path)


def test_stored_releases_are_compared(kit, stored):
    """What differs is printed with the verdict last, and exits with 1; what is equal exits with 0."""
    code, out, err = kit("compare", "0.1", "0.2")
    assert (code, err) == (1, "")
    assert out.startswith("Changed, and nobody has written why: 1 behaviour\n  area/a\n      1 → 2\n")
    assert out.endswith("\n\nCHANGED: httpx==0.1 to httpx==0.2: 1 behaviour changed, 1 unchanged. Exit code 1.\n")
    code, out, _ = kit("compare", "0.2", "0.2")
    assert (code, out) == (
        0,
        "UNCHANGED: httpx==0.2 to httpx==0.2: 0 behaviours changed, 2 unchanged. Exit code 0.\n",
    )
    assert kit("compare", "0.2", "0.1")[0] == 1


def test_accepted_changes_do_not_fail(kit, stored):
    """An accepted change is told and exits with 0; a stale entry exits with 1."""
    code, out, _ = kit("compare", "0.1", "0.2", "--accepted", known(stored, "0.2"))
    assert code == 0
    assert "Accepted: We know." in out
    assert out.splitlines()[-1].startswith("ACCEPTED: ")
    code, out, _ = kit("compare", "0.1", "0.2", "--accepted", known(stored, "0.2", "0.3"))
    assert code == 1
    assert "area/a at httpx==0.3: stale, no such change on this way (We know.)" in out
    assert "\n\nNOT AS ACCEPTED: " in out


def test_only_the_kinds_and_the_area_asked_for_count(kit, stored):
    """Kinds that are not to fail do not, and another area is not told."""
    assert kit("compare", "0.1", "0.2", "--fail-on", "removal,fix")[0] == 0
    assert kit("compare", "0.1", "0.2", "--fail-on", "removal,unexplained")[0] == 1
    code, out, _ = kit("compare", "0.1", "0.2", "--area", "other", "--accepted", known(stored, "0.2"))
    assert (code, out) == (
        0,
        "UNCHANGED: httpx==0.1 to httpx==0.2: 0 behaviours changed, 1 unchanged. Exit code 0.\n",
    )


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("0.4", "httpx==0.4: not-installable: It never could be built."),
        ("9.9", "httpx==9.9: no cell of it is stored; compare with --fresh, which runs it"),
    ],
)
def test_release_of_which_nothing_is_known_exits_with_3(kit, stored, after, said):
    """A release that cannot be built, and one that never ran, are told with the reason or the next step."""
    code, out, _ = kit("compare", "0.1", after)
    assert code == 3
    assert said in out
    assert kit("compare", after, after)[0] == 3
    assert kit("compare", "0.1", after, "--accepted", known(stored, "0.2"))[0] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense", "0.2"), "error: 'nonsense' is not a release.\n"),
        (("0.1", "minors"), "error: 'minors' is more than one release.\n  A side of a comparison is one, as in: nox "),
        (("0.1", "minors", "--fresh"), "error: 'minors' is more than one release.\n  A side of a comparison is one, "),
        (("0.1", "requests==1"), "error: 'requests' is not a distribution this kit knows (httpx, httpx2).\n"),
        (("0.1", "./nowhere"), "error: There is no checkout of httpx at "),
        (("0.1", "0.2", "--area", "nowhere"), "error: 'nowhere' is not an area.\n  The areas are area, other.\n"),
        (("0.1", "0.2", "--accepted", "nowhere"), "error: There are no accepted changes at nowhere.\n  README.md "),
    ],
)
def test_misuse_of_a_comparison_exits_with_2(kit, stored, arguments, said):
    """What cannot be compared is said in a sentence, with what to do, and exits with 2."""
    code, out, err = kit("compare", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(said)
    assert len(err.splitlines()) == 2


def test_checkout_has_nothing_stored(kit, stored):
    """A checkout can be compared only with what just ran, and the command for that is said."""
    code, _, err = kit("compare", "0.1", str(stored.root))
    assert code == 2
    assert err == (
        f"error: {stored.root} is a checkout, of which nothing is stored.\n"
        f"  Run it, with: nox -s compare -- --fresh 0.1 {stored.root}\n"
    )


def test_kind_that_is_none_is_misuse(kit, stored, capsys):
    """A kind of change that is none exits with 2, and the kinds there are, are said."""
    with pytest.raises(SystemExit) as caught:
        kit("compare", "0.1", "0.2", "--fail-on", "removal,surprise")
    assert caught.value.code == 2
    assert "'surprise' is no kind of change; the kinds are removal, behaviour, " in capsys.readouterr().err


def test_nothing_is_compared_without_a_catalogue(kit, stored):
    """A checkout that has lost its catalogue is damaged, and does not call everything unchanged."""
    (stored.snapshots / "behaviours.json").unlink()
    code, _, err = kit("compare", "0.1", "0.2")
    assert code == 2
    assert err.startswith(f"error: There is no catalogue of behaviours below {stored.snapshots}, ")


def test_fresh_cells_run_where_they_are_missing(kit, small_checkout):
    """A fresh comparison runs the cells that are missing, says so beside the answer, and lists what they ran with."""
    keep(small_checkout, record("0.1", {"area/answer": 1}))
    assert kit("accept")[0] == 0
    small_checkout.workspace.record(release("0.1"), MINOR).unlink()
    code, out, err = kit("compare", "--fresh", "0.1", "0.2")
    assert code == 1
    assert out.startswith("Changed, and nobody has written why: 1 behaviour\n  area/answer\n      1 → 2\n")
    assert "\n  package  from  to\n  httpx    0.1   0.2\n" in out
    assert err.count(": running its behaviours, which takes some seconds\n") == 2
    code, again, err = kit("compare", "--fresh", "0.1", "0.2")
    assert (code, again, err) == (1, out, "")


def test_two_cells_that_did_not_run_are_not_unchanged(kit, stored):
    """Where neither cell could be built nothing is unchanged: the code is 3."""
    code, out, _ = kit("compare", "--fresh", "0.4", "0.4")
    assert code == 3
    assert "not-installable: It never could be built." in out


def fresh(checkout, before="httpx-0.1.json", after="httpx-0.2.json"):
    """Leave two of the stored records as cells that just ran."""
    for version, name in (("0.1", before), ("0.2", after)):
        path = checkout.workspace.record(release(version), MINOR)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((RECORDS / name).read_bytes())


FORMATS = {"text": "txt", "markdown": "md", "json": "json", "junit": "xml", "github": "log"}


@pytest.mark.parametrize("form", FORMATS)
def test_stored_records_are_told_in_every_format(kit, stored, snapshot, form, tmp_path):
    """Two stored records give the golden text of each format, printed and written alike, and the same code."""
    fresh(stored)
    code, out, err = kit("compare", "--fresh", "0.1", "0.2", "--format", form)
    assert (code, err) == (1, "")
    assert out.encode() == snapshot(extension_class=golden(FORMATS[form]))
    path = tmp_path / "answer"
    assert kit("compare", "--fresh", "0.1", "0.2", "--format", form, "--output", str(path))[0] == 1
    # In a file of text the verdict is the first part and not the last.
    written, printed = (text.rstrip("\n").split("\n\n") for text in (path.read_text(), out))
    assert written == ([printed[-1], *printed[:-1]] if form == "text" else printed)


def test_stored_records_are_told_as_a_page(kit, stored):
    """The page of a comparison holds the document that the JSON format is, and what is stored beside it."""
    fresh(stored)
    told = json.loads(kit("compare", "--fresh", "0.1", "0.2", "--format", "json")[1])
    code, out, _ = kit("compare", "--fresh", "0.1", "0.2", "--format", "html")
    page = json.loads(embedded(out))
    assert (code, page["comparison"], page["run"]) == (1, told, None)
    assert [epoch["observed"] for epoch in page["behaviours"]["area/a"]["epochs"]] == [1, 2]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("damaged", "The record {} is damaged: "),
        ("too_old", "The record {} is too old: it has format 1, and this kit reads format 2."),
        ("too_new", "The record {} is too new: it has format 3, and this kit reads format 2."),
    ],
)
def test_record_that_cannot_be_read_is_told_in_no_format(kit, stored, form, name, said):
    """A damaged, too old or too new record exits with 2 and its sentence, whatever the format, and nothing is told."""
    fresh(stored, after=f"{name}.json")
    code, out, err = kit("compare", "--fresh", "0.1", "0.2", "--format", form)
    assert (code, out) == (2, "")
    assert err.startswith("error: " + said.format(stored.workspace.record(release("0.2"), MINOR)))


def test_records_that_differ_in_more_are_refused(kit, stored):
    """Records of two Pythons are compared only by who says so, and then the answer tells both."""
    keep(stored, record("0.1", {"area/a": 1}, "3.11.1"))
    stored.workspace.record(release("0.1"), "3.11").rename(stored.workspace.record(release("0.1"), MINOR))
    keep(stored, record("0.2", {"area/a": 1}, f"{MINOR}.99"))
    code, out, err = kit("compare", "--fresh", "0.1", "0.2")
    assert (code, out) == (2, "")
    assert f"differ in more than the release: Python 3.11.1 and {MINOR}.99." in err
    code, out, _ = kit("compare", "--fresh", "0.1", "0.2", "--anyway")
    assert code == 0
    assert f"  Python   3.11.1  {MINOR}.99\n" in out
