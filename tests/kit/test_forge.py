"""The API of GitHub, asked of a real server."""

import pytest
from forge_server import READER, WRITER

from repro.kit.ci.forge import Forge
from repro.problem import Problem


def test_lists_are_read_page_by_page(github):
    """A list of more than a page is read to its end, and one of a full page is found to end there."""
    for number in range(100):
        github.add("issues", title=str(number))
    forge = Forge(github.api, "owner/name", WRITER)
    assert [entry["title"] for entry in forge.every("issues?state=open")] == [str(number) for number in range(100)]
    assert [target for _, target in github.requests] == [
        f"/repos/owner/name/issues?state=open&per_page=100&page={page}" for page in (1, 2)
    ]
    github.add("issues/1/comments", body="")
    assert len(list(forge.every("issues/1/comments"))) == 1


def test_answers_without_a_body_are_nothing(github):
    """What is answered with nothing, or with what is no JSON, is nothing."""
    forge = Forge(github.api, "owner/name", WRITER)
    assert forge.call("GET", "empty") is None
    assert forge.call("GET", "broken") is None


@pytest.mark.parametrize(
    ("token", "method", "path", "said"),
    [
        ("wrong", "GET", "issues", "answered 401: Bad credentials"),
        (READER, "POST", "issues", "answered 403: Resource not accessible"),
        (WRITER, "PATCH", "issues/9", "answered 404: Not Found"),
        (WRITER, "GET", "moved", "answered 301: Moved"),
    ],
)
def test_refusal_is_a_problem_without_the_token(github, token, method, path, said):
    """What the API refuses is said with its reason, a redirect is not followed, and the token is in no message."""
    forge = Forge(github.api, "owner/name", token)
    with pytest.raises(Problem, match=said) as caught:
        forge.call(method, path, {})
    assert caught.value.code == 3
    assert token not in str(caught.value)
    assert token not in repr(forge)
    assert len(github.requests) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_unreachable_is_a_problem(github, scheme):
    """An API that cannot be reached, or does not speak what it should, is a problem with its address."""
    port = 1 if scheme == "http" else int(github.api.rpartition(":")[2])
    with pytest.raises(Problem, match="could not be reached"):
        Forge(f"{scheme}://127.0.0.1:{port}", "owner/name", WRITER).call("GET", "issues")


def test_runner_names_the_repository():
    """Everything comes from the environment of a runner, and what is missing is named."""
    environ = {"GITHUB_REPOSITORY": "owner/name", "GITHUB_TOKEN": WRITER}
    assert Forge.of(environ) == Forge("https://api.github.com", "owner/name", WRITER)
    assert Forge.of(environ | {"GITHUB_API_URL": "https://git.example/api/v3/"}).api == "https://git.example/api/v3"
    for name in environ:
        with pytest.raises(Problem, match=f"{name} is not set"):
            Forge.of(environ | {name: ""})
