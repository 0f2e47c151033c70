"""The names that the package itself gives to a caller, by what they are for; the exceptions are `errors/hierarchy`."""

import importlib
import inspect
import pkgutil
import re
import types

import pytest

from repro.cell import library, outcomes
from repro.cell.library import httpx

#: What a name is for, by the look of it. A name is of the first kind that it fits.
KINDS = {
    "functions": re.compile(r"(?!codes$)[a-z_]+$"),
    "type-aliases": re.compile(r"\w+Types$|\w*(Request|Response)(Data|Files|Content)$"),
    "auth": re.compile(r"\w*Auth$"),
    "transports": re.compile(r"\w*(Transport|Dispatch|Connection|ConnectionPool|Network|Proxy)"),
    "backends": re.compile(r"\w*Backend|Base"),
    "settings": re.compile(r"\w*(Timeout|Limits|Config)|USE"),
    "bodies": re.compile(r"\w*Stream|(Binary|Content|Empty|Files?|Form|HTML|JSON|MultiPart|Text)$"),
    "values": re.compile(""),
}


def public():
    """The names of the package that are neither private, nor modules, nor exceptions, each with its kind."""
    found = {}
    for name in dir(httpx):
        value = getattr(httpx, name)
        error = inspect.isclass(value) and issubclass(value, BaseException)
        if not name.startswith("_") and not isinstance(value, types.ModuleType) and not error:
            found[name] = next(kind for kind, pattern in KINDS.items() if pattern.match(name))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_names(kind, observe):
    """The public names of the package that are of one kind."""
    observe(sorted(name for name, its in public().items() if its == kind))


def test_modules(observe):
    """The modules of the package that have no underscore before their name."""
    observe(sorted(name for _, name, _ in pkgutil.iter_modules(httpx.__path__) if not name.startswith("_")))


def test_star(observe):
    """How `from httpx import *` ends."""

    def star():
        exec(f"from {httpx.__name__} import *", {})
        return "works"

    observe(outcomes.of(star))


def test_unlisted(observe):
    """The public names of the package that `from httpx import *` would not give."""
    listed = set(getattr(httpx, "__all__", ()))
    observe([name for name in sorted(public()) if name not in listed])


def test_title(observe):
    """What the package calls itself."""
    observe(outcomes.of(lambda: httpx.__title__))


def test_version(observe):
    """Whether the version that the package names is the one that is installed."""
    observe(outcomes.of(library.knows_its_version))


def test_home(observe):
    """The module that the class of the client says it is from, as a log or a pickle has it."""
    # A fork is the same module under another name.
    observe(httpx.Client.__module__.replace(httpx.__name__, "httpx"))


def test_code_names(observe):
    """The names of status codes in `codes`; only those that not every release with such a list has."""
    observe(sorted(set(dir(getattr(httpx, "codes", None))) & SOME_CODES))


#: Status codes whose names came or went; the others are everywhere.
SOME_CODES = {
    "CONTENT_TOO_LARGE",
    "EARLY_HINTS",
    "RANGE_NOT_SATISFIABLE",
    "REQUESTED_RANGE_NOT_SATISFIABLE",
    "REQUEST_ENTITY_TOO_LARGE",
    "REQUEST_URI_TOO_LONG",
    "TOO_EARLY",
    "UNPROCESSABLE_CONTENT",
    "UNPROCESSABLE_ENTITY",
    "URI_TOO_LONG",
}


def test_dispatchers(observe):
    """The classes that `httpx.dispatch` gives for what takes requests to an application."""
    try:
        place = importlib.import_module(f"{httpx.__name__}.dispatch")
    except ImportError:
        place = None
    observe([name for name in ("ASGIDispatch", "WSGIDispatch") if hasattr(place, name)])
