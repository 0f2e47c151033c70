"""What the tests of `usage` play on: a real httpx, what behaviours are about, changes, and projects they touch."""

from pathlib import Path

import httpx

from repro.kit import about
from repro.kit.catalogue import Entry
from repro.kit.comparison import Change, Comparison, Crossing, Side
from repro.kit.notes import Note
from repro.kit.usage import sources, survey
from repro.kit.usage.inference import Inference
from repro.kit.usage.uses import Finder, Interest
from repro.release import Release

#: A real release: the one of these tests' environment.
PACKAGES = Path(httpx.__file__).parents[1]

BEFORE, AFTER = Release("httpx", "0.28.1"), Release("httpx2", "2.0.0b1")

#: Names that are looked for, of every kind.
NAMES = (
    "Client(proxies)",
    "Client.request(json)",
    "Client.request(-follow_redirects)",
    "Client.send",
    "Client.close",
    "Client.__enter__",
    "Client.params.update",
    "Client.timeout=",
    "Response.text",
    "Response.iter_lines",
    "Response.aiter_lines",
    "Response.raise_for_status",
    "Headers.get_list",
    "Headers.__delitem__",
    "Headers.__getitem__",
    "Headers.__setitem__",
    "Headers.__iter__",
    "Headers.__eq__",
    "QueryParams.__str__",
    "URL.params.__str__",
    "Timeout()",
    "ConnectTimeout",
    "PoolLimits",
    "Auth.__init_subclass__",
    "codes.is_error",
)


#: What the behaviours of these tests are about.
ABOUT = about.About(
    {
        "area": {
            key: tuple(map(about.parse, names))
            for key, names in {
                "proxies": ["Client(proxies)"],
                "dict": ["Client(proxies: dict)"],
                "default": ["Client.request(-follow_redirects)"],
                "json": ["Client.request(json, headers)"],
                "text": ["Response.text"],
                "encoding": ["Response.encoding="],
                "pool": ["PoolLimits"],
                "timeout": ["Timeout()"],
                "place": ["create_ssl_context(0)"],
                "import": ["httpx"],
                "every": ["Client.request", "Client"],
                "gone": ["*", "Client(*)"],
                "broad": ["~Response.text"],
                "none": [],
            }.items()
        }
    }
)

APP = """
import httpx
from httpx import PoolLimits

def make(proxy, **options):
    httpx.Client(proxies={"a": proxy})
    return httpx.Client(
        proxies=proxy,
        **options,
    )

def ask(client: httpx.Client, limits: PoolLimits):
    client.get("u", follow_redirects=True)
    client.get("u", json=1, headers={})
    response = client.post("u", json=1)
    response.encoding = "a"
    return response.text, httpx.Timeout(5)

make(1, timeout=3)
httpx.create_ssl_context(True)
httpx.create_ssl_context(verify=True)
"""


def change(name, kind="behaviour", *, before=1, after=2, noted=True, changed=None, back=False):
    """A change of a behaviour of these tests, at the release where the way ends."""
    note = Note(changed or f"What is about {name} is other.", kind, "a release", "Do otherwise.") if noted else None
    crossing = Crossing(AFTER, f"area/{name}", back, note)
    kind = "unexplained" if note is None else crossing.kind
    return Change(f"area/{name}", Entry("How is it?", "", [], held=False), before, after, kind, (crossing,))


def comparison(*changes, absent=()):
    """A comparison that found these changes."""
    sides = [Side(release, {}, {}) for release in (BEFORE, AFTER)]
    return Comparison(*sides, list(changes), [], list(absent), [], 0, [])


def write(folder, files):
    """Write the files of a project."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def looked_through(folder, cache, names=NAMES, signatures=None):
    """What looked through a project for what the given names are about."""
    found, broken = sources.read(folder)
    assert broken == []
    inference = Inference(found, folder, PACKAGES, ("httpx",), cache)
    made = Finder(inference, Interest.of(map(about.parse, names)), signatures or {})
    made.find()
    return made


def surveyed(folder, cache, *changes, text=APP, name="app.py", after="it cannot be installed", **options):
    """What a survey of a project finds of some changes."""
    write(folder, {name: text})
    return survey.survey(folder, comparison(*changes), ABOUT, survey.Side(PACKAGES, "httpx"), after, cache, **options)


def lines(found):
    """The behaviours of each group, and its lines."""
    return [
        (
            [touch.change.behaviour.removeprefix("area/") for touch in group.touches],
            [place.line for place in group.places],
        )
        for group in found.groups
    ]


#: The code of two releases, and of a project that uses what is lost between them.
OLD = """
__all__ = ["Client", "AsyncClient", "get", "moved", "placed", "needs", "typed", "starred", "Gone", "value"]
from ._client import Client, AsyncClient, BaseClient
from elsewhere import thing
def get(url, *, old=None, new=None): ...
def moved(a, b): ...
def placed(a, b): ...
def needs(a): ...
def _private(a): ...
def typed() -> int: ...
def starred(*args, **kwargs): ...
class Gone: ...
value = 1
"""
NEW = """
__all__ = ["Client", "AsyncClient", "get", "moved", "placed", "needs", "typed", "starred", "value"]
from ._client import Client, AsyncClient, BaseClient
def get(url, *, new=None): ...
def moved(b, a): ...
def placed(a, *, b): ...
def needs(a, more): ...
def typed() -> str: ...
def starred(): ...
value = 2
"""
CLIENT = """
class BaseClient:
    def kept(self, a): ...
    {0}
class Client(BaseClient):
    def __init__(self, a, {1}): ...
class AsyncClient(BaseClient):
    def __init__(self, a, {1}): ...
"""

USER = """
import httpx
httpx.get("u", old=1)
httpx.moved(1, 2)
httpx.moved(a=1, b=2)
httpx.placed(1, 2)
httpx.needs(1)
httpx.needs(1, more=2)
httpx.needs(*[1])
httpx.Gone
httpx.Client(1, proxies=2)
httpx.Client(1).went()
httpx.AsyncClient(1, proxies=2)
httpx.get
"""
