"""What the behaviours are about: every one says it, in names that some release has."""

import functools
import json
import re
import tomllib
from pathlib import Path

import pytest
from stage import release, stored_here

from repro.kit import about
from repro.kit.about import Argument, Name
from repro.kit.catalogue import Entry
from repro.kit.comparison import Change, Crossing
from repro.kit.workspace import Workspace
from repro.problem import Problem

ABOUT = """
format = 1

[behaviours]
"*" = ["Client"]
"proxies" = ["Client(proxies)"]
"proxies-odd" = ["Client(proxies: dict | None)"]
"proxies@httpx-0.2" = ["Proxy()"]
"pro*" = ["Client(proxy)"]
"gone" = ["*", "Client(*)", "URL.*"]
"nothing" = []  # no name shows it
"""

#: Where a call's parameters are listed, and under which name they are written here.
CALLEES = {
    "client": "Client",
    "client.request": "Client.request",
    "client.send": "Client.send",
    "client.build_request": "Client.build_request",
    "get": "request",
    "response": "Response",
    "request": "Request",
    "http_transport": "HTTPTransport",
    "asgi_transport": "ASGITransport",
    "wsgi_transport": "WSGITransport",
    "proxy": "Proxy",
    "create_ssl_context": "create_ssl_context",
}


@pytest.fixture
def written(tmp_path):
    """What is said of an area called `area`, from the given text."""

    def make(text=ABOUT):
        (tmp_path / "area.toml").write_text(text, errors="surrogateescape")
        return about.load(tmp_path)

    return make


@functools.cache
def written_here():
    """What the kit says of its own behaviours, read once."""
    return about.load()


def change(behaviour, before, after, *releases):
    """A change that the given releases brought."""
    crossings = tuple(Crossing(release(version), behaviour, back=False, note=None) for version in releases)
    return Change(behaviour, Entry("", "", [], held=False), before, after, "removal", crossings)


@pytest.mark.parametrize(
    "text",
    [
        "Client",
        "Client(proxies)",
        "=Client(app)",
        "Client.request(-allow_redirects, -follow_redirects)",
        "Client.request(data: bytes | str, headers)",
        "Timeout()",
        "Response.encoding=",
        "codes.*",
        "Client(*)",
        "create_ssl_context(0)",
        "*",
        "~=Client(app)",
        "~Response.text",
    ],
)
def test_name_reads_as_it_is_written(text):
    """A name that is parsed is written as it was."""
    assert str(about.parse(text)) == text


def test_name_has_its_parts():
    """A name tells its path, its first argument, and whether that is given."""
    name = about.parse("Client.request(-json, data: dict)")
    assert (name.path, name.argument, name.passed) == ("Client.request", "json", False)
    assert name.arguments[1] == Argument("data", kinds=("dict",))
    plain = about.parse("Response.text")
    assert (plain.path, plain.argument, plain.passed, plain.called) == ("Response.text", None, True, False)


@pytest.mark.parametrize("text", ["", "1", "Client(", "Client(a b)", "Client(,)", "a..b", "Client(a:)"])
def test_what_is_no_name_is_refused(text):
    """What is not written as a name is refused with what it is."""
    with pytest.raises(ValueError, match="written as"):
        about.parse(text)


@pytest.mark.parametrize(
    ("behaviour", "slug", "expected"),
    [
        ("area/other", None, ["Client"]),
        ("area/proxies", None, ["Client(proxies)"]),
        ("area/proxies-socks", None, ["Client(proxies)"]),
        ("area/proxies-odd", None, ["Client(proxies: dict | None)"]),
        ("area/proxy", None, ["Client(proxy)"]),
        ("area/proxies", "httpx-0.2", ["Proxy()"]),
        ("area/proxies", "httpx-0.1", ["Client(proxies)"]),
        ("area/nothing", None, []),
    ],
)
def test_most_specific_key_counts(written, behaviour, slug, expected):
    """A name goes before its test function, that before a pattern, and what is said of one release before all."""
    assert [str(name) for name in written().names(behaviour, slug)] == expected


def test_nothing_is_said_of_another_area(written):
    """A behaviour of an area of which nothing is said has no names, not even none."""
    assert written().names("elsewhere/proxies") is None


def test_change_is_about_what_its_releases_say(written):
    """A change is about what is said of it at each release on the way, each name once."""
    found = written().of_change(change("area/proxies", 1, 2, "0.1", "0.2", "0.3"))
    assert [str(name) for name in found] == ["Client(proxies)", "Proxy()"]
    assert written().of_change(change("area/proxies", 1, 2)) == (Name("Client", (Argument("proxies"),), called=True),)
    assert written().of_change(change("elsewhere/proxies", 1, 2)) == ()


def test_star_is_what_went(written):
    """A star stands for what the list of the answer before has and the one after has not."""
    found = written().of_change(change("area/gone", ["*", "a=1", "b=2", "**c"], ["b=3", "d"], "0.1"))
    assert [str(name) for name in found] == ["a", "c", "Client(a)", "Client(c)", "URL.a", "URL.c"]
    assert written().of_change(change("area/gone", "none", ["a"], "0.1")) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("format = ", "are damaged: "),
        ("# \udcff", "are damaged: 'utf-8'"),
        ("format = 0", "is too old"),
        ("format = 2", "is too new"),
        ("format = 1", "are damaged: 'behaviours'"),
        ('format = 1\n[behaviours]\na = "Client"', "are damaged: "),
        ('format = 1\n[behaviours]\na = ["Client("]', "are damaged: 'Client('"),
        ("format = 1\n[behaviours]\na = 1", "are damaged: "),
    ],
)
def test_unreadable_names_have_their_own_sentence(written, text, found):
    """Names that are damaged, too old or too new are a problem that names the file."""
    with pytest.raises(Problem, match=re.escape(found)) as problem:
        written(text)
    assert "area.toml" in problem.value.found


def test_every_behaviour_says_what_it_is_about():
    """Every behaviour of the catalogue has names, or says that none could show it."""
    said, known = written_here(), stored_here()[2].behaviours
    assert [behaviour for behaviour in known if said.names(behaviour) is None] == []
    assert about.read().keys() == known.keys()
    assert about.read(["proxies/argument-proxies", "proxies/none-such"])["proxies/argument-proxies"] == (
        Name("Client", (Argument("proxies"),), called=True),
    )


def test_every_key_is_of_a_behaviour():
    """Every key is of a behaviour that there is, and of a release that changed it."""
    known = stored_here()[2].behaviours
    for area, keys in written_here().areas.items():
        for written in keys:
            key, _, slug = written.partition("@")
            fitting = [
                behaviour for behaviour in known if behaviour.startswith(f"{area}/") and about.fits(key, behaviour)
            ]
            assert fitting, (area, written)
            if slug:
                paths = [Workspace().snapshots / slug / f"{behaviour}.json" for behaviour in fitting]
                assert any(path.is_file() for path in paths), (area, written)


def test_every_name_exists_in_some_release():
    """Every name and argument is one that some release has: by the stored answers, or by a list of what these lack."""
    listed = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text())
    names, members, arguments = set(listed["names"]), listed["members"], listed["arguments"]
    for answer in [*answers("surface/names-*"), *answers("surface/modules"), *answers("errors/hierarchy")]:
        names |= set(answer)
    for thing in ("client", "request", "response", "url"):
        title = {"url": "URL"}.get(thing, thing.title())
        members[title] = set().union(members.get(title, ()), *answers(f"surface/members-{thing}"))
    for callee, title in CALLEES.items():
        found = {item.partition("=")[0] for answer in answers(f"surface/parameters-{callee}") for item in answer}
        arguments[title] = set().union(arguments.get(title, ()), found)
    for keys in written_here().areas.values():
        for name in (name for names in keys.values() for name in names):
            path = re.sub("^Async(?=Client|HTTPTransport)", "", name.path).removesuffix("*").removesuffix(".")
            head, _, rest = path.partition(".")
            assert head in names | {""}, str(name)
            assert not rest or rest.partition(".")[0] in members[head], str(name)
            taken = arguments.get(path) or arguments["Client.request" if rest else "request"]
            for argument in name.arguments:
                assert argument.name in taken or argument.name == "*" or argument.name.isdigit(), str(name)


def answers(pattern):
    """The stored answers of the behaviours that fit, those that are a list or an object."""
    paths = Workspace().snapshots.glob(f"*/{pattern}.json")
    found = [json.loads(path.read_text())["observed"] for path in paths]
    return [answer for answer in found if not isinstance(answer, str)]
