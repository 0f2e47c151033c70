"""What changes for a project, all of it together."""

from projects import ABOUT, USER, change, comparison, lines

from repro.kit.usage import survey, telling


def test_files_that_cannot_be_read_are_said(look, tmp_path):
    """A file that is no Python is said with its line, and the others are read."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "broken.py").write_text("def f(:\n")
    body = telling.document(look(change("text")), "project")
    assert [(each["file"], each["line"]) for each in body["unfollowed"]] == [("broken.py", 1)]


def test_what_the_code_says_is_listed_where_no_change_is(look, packages, tmp_path):
    """What is lost by the code alone touches the lines that use it, but for those that a change is listed on."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "user.py").write_text(USER)
    found = survey.survey(
        tmp_path / "project",
        comparison(change("proxies", "removal")),
        ABOUT,
        survey.Side(packages[0], "httpx"),
        survey.Side(packages[1], "httpx"),
        tmp_path / "cache",
    )
    assert [(each.loss.what, [place.line for place in each.places]) for each in sorted(found.untold, key=str)] == [
        ("`Client.went` is gone.", [12]),
        ("`Gone` is gone.", [10]),
        ("`get` takes no `old` any more.", [3]),
        ("`moved` takes `a` in another place.", [4]),
        ("`moved` takes `b` in another place.", [4]),
        ("`needs` requires `more`.", [7]),
        ("`placed` takes `b` no longer by place, or no longer by name.", [6]),
    ]
    assert lines(found) == [(["proxies"], [11, 13])]


def test_private_name_that_is_gone_is_listed(packages, tmp_path):
    """A name that the project writes out, private or not, is listed where B has it no more."""
    text = "from httpx._client import BaseClient, Vanished\nfrom httpx import _private, thing, never\nimport httpx\n"
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "user.py").write_text(text + "import httpx.thing.inner\nx = 'httpx._private'\n")
    sides = [survey.Side(folder, "httpx") for folder in packages]
    found = survey.survey(tmp_path / "project", comparison(), ABOUT, *sides, tmp_path / "cache")
    assert [(each.loss.what, [place.line for place in each.places]) for each in found.untold] == [
        ("`httpx._private` is gone.", [2, 5]),
        ("`httpx.thing` is gone.", [2]),
        ("`httpx.thing.inner` is gone.", [4]),
    ]
    assert found.code == 1
