"""The comment of a pull request: one for each project, edited from then on."""

import pytest
from forge_server import WRITER

from repro.kit.ci import comment
from repro.kit.ci.forge import Forge


@pytest.fixture
def forge(github):
    """The repository, as a job sees it."""
    return Forge(github.api, "owner/name", WRITER)


def bodies(github, number=7):
    """What the comments of a pull request say."""
    return [entry["body"] for entry in github.entries.get(f"issues/{number}/comments", [])]


def test_comments_once_and_edits_from_then_on(forge, github):
    """The first answer is a comment, each further one edits it, and the same one is left alone."""
    assert comment.place(forge, 7, ".", "first\n") == "commented"
    assert comment.place(forge, 7, ".", "second\n") == "edited"
    assert bodies(github) == [f"{comment.mark('.')}\nsecond\n"]
    asked = len(github.requests)
    github.entries["issues/7/comments"][0]["body"] = f"{comment.mark('.')}\r\nsecond"
    assert comment.place(forge, 7, ".", "second\n") == "nothing"
    assert [method for method, _ in github.requests[asked:]] == ["GET"]


def test_each_project_has_its_own_comment(forge, github):
    """Two projects of a repository, and two pull requests, have a comment each."""
    for number, key in ((7, "one"), (7, "two"), (8, "one")):
        assert comment.place(forge, number, key, key) == "commented"
    assert comment.place(forge, 7, "two", "again") == "edited"
    assert [body.splitlines()[1] for body in bodies(github)] == ["one", "again"]


def test_comment_of_somebody_else_is_never_edited(forge, github):
    """A person who copies the mark keeps their comment."""
    github.add("issues/7/comments", body=f"{comment.mark('.')}\nmine", user={"login": "somebody"})
    github.add("issues/7/comments", body="unmarked")
    assert comment.place(forge, 7, ".", "answer") == "commented"
    assert bodies(github)[:2] == [f"{comment.mark('.')}\nmine", "unmarked"]


def test_comment_is_found_among_many(forge, github):
    """The comment is edited however many came before it."""
    for _ in range(120):
        github.add("issues/7/comments", body="chatter", user={"login": "somebody"})
    comment.place(forge, 7, ".", "answer")
    assert comment.place(forge, 7, ".", "other") == "edited"
    assert len(bodies(github)) == 121


def test_nothing_is_said_where_there_is_only_to_edit(forge, github):
    """A pull request that moves nothing gets no comment, and one that moved something is told that it does not."""
    assert comment.place(forge, 7, ".", "nothing moves", only_edit=True) == "nothing"
    assert bodies(github) == []
    comment.place(forge, 7, ".", "moves")
    assert comment.place(forge, 7, ".", "nothing moves", only_edit=True) == "edited"


def test_comment_is_no_longer_than_github_takes(forge, github):
    """What GitHub would refuse for its length is cut."""
    comment.place(forge, 7, ".", "x" * 70_000)
    assert len(bodies(github)[0]) == 65_536


def test_mark_holds_whatever_a_path_holds():
    """A path does not end the mark, which nobody sees."""
    assert comment.mark("a--> <b>") == "<!-- httpx-upgrade-kit: a-b- -->"
