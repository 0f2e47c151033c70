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
    assert found.code == 1
