"""Where a project uses httpx, and which names stand for which others."""

import pytest
from projects import PACKAGES

from repro.kit import about
from repro.kit.usage import sources
from repro.kit.usage.inference import Inference
from repro.kit.usage.uses import Finder, Interest, paths


def test_imports_are_uses(finder):
    """An import uses the package and each name that it takes from it, also out of a module that was public once."""
    found = finder(
        {
            "app.py": "import httpx\nfrom httpx import PoolLimits, Client as C\nfrom httpx.models import Response\n"
            "import respx\nfrom . import httpx\nfrom httpx import *\nimport httpx._client\n"
        }
    )
    assert {(use.line, use.path) for use in found.uses if use.how == "import"} == {
        *((line, "httpx") for line in (1, 2, 3, 6, 7)),
        (2, "PoolLimits"),
        (2, "Client"),
        (3, "models"),
        (3, "Response"),
        (4, "respx"),
        (7, "_client"),
    }


def test_what_cannot_be_followed_is_said(finder):
    """Where only httpx could be meant and what it is asked of is not known, the place is said."""
    found = finder({"app.py": "import httpx\ndef f(r):\n    r.raise_for_status()\n    r.aread()\n    r.text\n"})
    assert [(each.name, each.line, each.what) for each in found.unfollowed] == [
        ("app.py", 3, "what `r` is, asked for `raise_for_status`")
    ]


def test_call_that_gives_nothing_asked_about_is_passed_over(finder):
    """Where only some arguments matter, a call that gives none of them is not followed, which is most of the work."""
    text = (
        "import httpx\ndef f(c: httpx.Client):\n    c.get('u')\n    c.get('u', json=1)\n    c.get('u', **{'json': 1})\n"
    )
    found = finder({"app.py": text}, names=["Client.request(json)", "Client.request"])
    assert {use.line for use in found.uses if use.path == "Client.get"} == {4, 5}


def test_private_names_are_said_and_kept(finder):
    """What the project takes of httpx that is private is said not to be followed, and kept as it is written."""
    text = "import httpx as h\nh.Client._send\nh.Client.__name__\nh._config.SSL\nfrom httpx._types import *\n"
    found = finder({"app.py": text + "import httpx._api\nx = 'httpx._utils.thing'\nfrom httpx import get\n"})
    assert [(each.line, each.what) for each in found.unfollowed] == [
        (2, "what becomes of `h.Client._send`, which is private")
    ]
    assert sorted((line, name) for _, line, name in found.named) == [
        (4, "_config.SSL"),
        (6, "_api"),
        (7, "_utils.thing"),
        (8, "get"),
    ]


def test_nothing_is_looked_for_that_is_not_asked_about(finder):
    """Where no change is about blocks, texts or operators, none is looked at."""
    text = "import httpx\ndef f(c: httpx.Client):\n    with c:\n        return c.headers['a']\n"
    assert {use.path for use in finder({"app.py": text}, names=["Timeout"]).uses} == {"httpx", "Client"}


def test_progress_is_told(finder, tmp_path):
    """How many files of how many are looked through is told; a file that has nothing to do with httpx is none."""
    finder({"app.py": "import httpx\n", "other.py": "x = 1\n"})
    found, _ = sources.read(tmp_path)
    inference = Inference(found, tmp_path, PACKAGES, ("httpx",), tmp_path / "cache")
    said = []
    Finder(inference, Interest.of([]), {}, lambda done, of: said.append((done, of))).find()
    assert said == [(0, 1)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Client", {"Client", "AsyncClient"}),
        ("=Client(app)", {"Client"}),
        ("AsyncClient(app)", {"AsyncClient"}),
        ("Client.get", {"Client.get", "AsyncClient.get", "get"}),
        ("=Client.get", {"Client.get", "get"}),
        ("AsyncClient.get", {"AsyncClient.get"}),
        ("Client.close", {"Client.close", "AsyncClient.close", "AsyncClient.aclose"}),
        ("HTTPTransport(retries)", {"HTTPTransport", "AsyncHTTPTransport"}),
        ("Response.text", {"Response.text"}),
        ("get(json)", {"get"}),
    ],
)
def test_name_stands_for_its_kin(name, expected):
    """What holds for a client holds for the other kind, and for the functions of the module, unless it says so."""
    assert set(paths(about.parse(name))) == expected


def test_request_stands_for_all_that_sends():
    """`Client.request` is every call that sends; for what a request is made of, also one that only makes it."""
    sends = set(paths(about.parse("Client.request(-follow_redirects)")))
    assert {"Client.get", "AsyncClient.stream", "post", "Client.request"} <= sends
    assert not sends & {"Request", "Client.build_request", "Client.send"}
    assert {"Request", "Client.build_request"} <= set(paths(about.parse("Client.request(json)")))
    assert set(paths(about.parse("request(verify)"))) == {
        "get",
        "options",
        "head",
        "post",
        "put",
        "patch",
        "delete",
        "query",
        "request",
        "stream",
    }
