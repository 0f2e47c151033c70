"""What the code of two releases says of their difference, without being run."""

import pytest

from repro.kit.usage import difference
from repro.kit.usage.difference import Loss
from repro.problem import Problem


def test_code_of_two_releases_says_what_is_lost(packages):
    """What the code of a release lacks is named as callers know it, of both kinds of clients, and nothing private."""
    found = difference.losses(*(difference.load(folder, "httpx") for folder in packages))
    assert set(found) == {
        Loss("Client", "`Client` takes no `proxies` any more.", "proxies"),
        Loss("AsyncClient", "`AsyncClient` takes no `proxies` any more.", "proxies"),
        Loss("Client.went", "`Client.went` is gone."),
        Loss("AsyncClient.went", "`AsyncClient.went` is gone."),
        Loss("Gone", "`Gone` is gone."),
        Loss("get", "`get` takes no `old` any more.", "old"),
        Loss("moved", "`moved` takes `a` in another place.", "a", "by place"),
        Loss("moved", "`moved` takes `b` in another place.", "b", "by place"),
        Loss("placed", "`placed` takes `b` no longer by place, or no longer by name.", "b", "by place"),
        Loss("needs", "`needs` requires `more`.", "more", "left out"),
    }


def test_parameters_have_their_names(packages):
    """What a release takes by place is known by name, of functions, of classes and of their methods."""
    found = difference.signatures(difference.load(packages[0], "httpx"))
    assert found["moved"] == ["a", "b"]
    assert found["get"] == ["url"]
    assert found["Client"] == ["a", "proxies"]
    assert found["Client.kept"] == ["a"]
    assert "_private" not in found


def test_package_that_is_not_there_is_a_problem(tmp_path):
    """A folder without the package is a problem that says what to do."""
    with pytest.raises(Problem, match="cannot be read"):
        difference.load(tmp_path, "httpx")
