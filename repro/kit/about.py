"""What the behaviours are about: the names and arguments of a caller's code that a change can touch. Never prints.

`about/<area>.toml` says it for every behaviour of an area, as data. A key is a behaviour's name, or the name of its
test function, which stands for all its parameters, or a pattern with `*`; the most specific one counts. A key like
`key@httpx-0.14.0` is for what the behaviour changed at that release alone. A name is written as in a caller's code:

    Client(proxies)                  given when a client is made
    Client(proxies: dict | str)      the same, and its value is of one of these types, None, True, False, or holds
                                     something: `odd` and `odd_url` what has to be escaped, `no_text` a number or
                                     None, `query` and `perhaps_query` a query; see repro/kit/usage/values.py
    Client.request(json)             given to any call that sends: `get`, `stream`, ... and the functions of the module
    Client.get(json), get(json)      given to this one; without `Client.` to the function of the module alone
    request(verify)                  given to any function of the module
    Client.request(-follow_redirects)  not given
    Client.request(json, headers)    both at once
    create_ssl_context(0)            given by its place
    Timeout()                        called, whatever it is given
    Response.text, codes.OK          an attribute, read or called
    Response.encoding=               an attribute that is set
    Auth.__init_subclass__           a class is derived from it; an operator by its method, `Headers.__getitem__`
    ConnectTimeout                   a name of the package, wherever it is used
    Client.request                   every request; `Client` every client, `httpx` the import itself
    =Client(app)                     of the synchronous kind alone; otherwise what holds for it holds for the other too
    ~ASGITransport                   said once, and not of each line, as of `Client.request`, `Client` and `request`
    Client(*), URL.*, *              what the answer before has and the one after has not

An empty list says that no name could show it, with the reason beside it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro.kit import catalogue
from repro.kit.workspace import Workspace
from repro.problem import Problem
from repro.release import check_format

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from repro.kit.comparison import Change, Crossing

FORMAT = 1
DATA = Path(__file__).with_name("about")

_NAME = re.compile(
    r"(?P<broad>~?)(?P<exact>=?)(?P<path>\*|[A-Za-z_]\w*(\.\w+)*(\.\*)?)(?P<assigned>=?)(\((?P<arguments>[^()]*)\))?"
)
_ARGUMENT = re.compile(r"(?P<absent>-?)(?P<name>\w+|\*)(\s*:\s*(?P<kinds>\w+(\s*\|\s*\w+)*))?")


@dataclass(frozen=True)
class Argument:
    """An argument that a name is about.

    Attributes:
        name: Its name; its place, from `0` on, where it has none; or `*` for those that went.
        passed: Whether the name is about a call that gives it, or about one that does not.
        kinds: The types that its value is one of, as `dict`, or `None`, `True`, `False`; none where any value counts.
    """

    name: str
    passed: bool = True
    kinds: tuple[str, ...] = ()

    def __str__(self) -> str:
        kinds = f": {' | '.join(self.kinds)}" if self.kinds else ""
        return f"{'' if self.passed else '-'}{self.name}{kinds}"


@dataclass(frozen=True)
class Name:
    """A name of a caller's code, with the arguments that it is about.

    Attributes:
        path: The name, below the package: `Client.request`.
        arguments: What the call gives and does not give, all at once.
        called: Whether the name is about a call, and not about any use.
        assigned: Whether it is about setting the attribute.
        exact: Whether it is about this class alone, and not about the other kind of client as well.
        broad: Whether it is about all that code of this kind does, so that no line of it says more than another.
    """

    path: str
    arguments: tuple[Argument, ...] = ()
    called: bool = False
    assigned: bool = False
    exact: bool = False
    broad: bool = False

    @property
    def argument(self) -> str | None:
        """The first argument, or None where it is not about one."""
        return self.arguments[0].name if self.arguments else None

    @property
    def passed(self) -> bool:
        """Whether it is about that argument being given; True where it is about none."""
        return all(argument.passed for argument in self.arguments[:1])

    def __str__(self) -> str:
        call = f"({', '.join(map(str, self.arguments))})" if self.called else ""
        return f"{'~' if self.broad else ''}{'=' if self.exact else ''}{self.path}{'=' if self.assigned else ''}{call}"


@cache
def parse(text: str) -> Name:
    """A name, from how it is written.

    Raises:
        ValueError: It is not written as a name is.
    """
    found = _NAME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not written as a name is")
    given = found["arguments"]
    arguments = tuple(_argument(part.strip()) for part in given.split(",")) if given else ()
    return Name(
        found["path"], arguments, given is not None, bool(found["assigned"]), bool(found["exact"]), bool(found["broad"])
    )


def _argument(text: str) -> Argument:
    found = _ARGUMENT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not written as an argument is")
    kinds = tuple(kind.strip() for kind in (found["kinds"] or "").split("|") if kind.strip())
    return Argument(found["name"], not found["absent"], kinds)


@dataclass(frozen=True)
class About:
    """What the behaviours are about.

    Attributes:
        areas: For each area, the names of each key.
    """

    areas: Mapping[str, Mapping[str, tuple[Name, ...]]]

    def names(self, behaviour: str, release: str | None = None) -> tuple[Name, ...] | None:
        """The names that a behaviour is about; None where nothing is said of it.

        Args:
            behaviour: Its id.
            release: The release that changed it, by its slug, where only that change is asked about.
        """
        area, _, _ = behaviour.partition("/")
        keys = self.areas.get(area, {})
        fitting = [
            (at == (release or ""), not _pattern(key), len(key.replace("*", "")), written)
            for written in keys
            for key, _, at in [written.partition("@")]
            if at in ("", release or "") and fits(key, behaviour)
        ]
        return keys[max(fitting)[-1]] if fitting else None

    def of_change(self, change: Change, crossings: Sequence[Crossing] | None = None) -> tuple[Name, ...]:
        """The names that a change between two releases can touch, each once.

        What a behaviour is about is asked for each release on the way that changed it; `*` is what went on the way.

        Args:
            change: The change.
            crossings: Those on the way that are asked about; all of them where it is None.
        """
        asked: list[tuple[str, str | None]]
        asked = [(each.behaviour, each.release.slug) for each in (change.crossings if crossings is None else crossings)]
        found = [
            name
            for behaviour, slug in asked or [(change.behaviour, None)]
            for name in self.names(behaviour, slug) or ()
        ]
        gone = _gone(change.before, change.after)
        return tuple(dict.fromkeys(resolved for name in found for resolved in _resolved(name, gone)))


def _pattern(key: str) -> bool:
    return "*" in key


def fits(key: str, behaviour: str) -> bool:
    """Whether a key is of a behaviour of its area: its name, that of its test function, or a pattern with `*`."""
    name = behaviour.partition("/")[2]
    pattern = ".*".join(map(re.escape, key.split("*")))
    return re.fullmatch(f"{pattern}(-.*)?" if not _pattern(key) else pattern, name) is not None


def _gone(before: Any, after: Any) -> list[str]:
    """What a list of names or of parameters has that another one lacks, without defaults and stars."""
    if not isinstance(before, list) or not isinstance(after, list):
        return []
    bare = [[str(item).partition("=")[0].lstrip("*") for item in items] for items in (before, after)]
    return [name for name in bare[0] if name and name not in bare[1]]


def _resolved(name: Name, gone: Iterable[str]) -> list[Name]:
    """A name, with what went in the place of `*`: nothing where nothing went."""
    if name.argument == "*":
        return [replace(name, arguments=(Argument(argument),)) for argument in gone]
    if name.path.endswith("*"):
        return [replace(name, path=name.path.removesuffix("*") + part) for part in gone]
    return [name]


def load(folder: Path = DATA) -> About:
    """Read what is said of all areas.

    Raises:
        Problem: A file is damaged, too old or too new; each in its own sentence.
    """
    return About({path.stem: _area(path) for path in sorted(folder.glob("*.toml"))})


def _area(path: Path) -> dict[str, tuple[Name, ...]]:
    what, mend = f"The names {path}", f"Mend the file, or restore it with: git checkout -- repro/kit/about/{path.name}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f"{what} are damaged: {error}.", mend) from None
    check_format(data.get("format"), FORMAT, what, mend)
    try:
        return {key: _names(names) for key, names in data["behaviours"].items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Problem(f"{what} are damaged: {error}.", mend) from None


def _names(written: object) -> tuple[Name, ...]:
    if not isinstance(written, list):
        raise TypeError(f"{written!r} is no list of names")
    return tuple(parse(text) for text in written)


def read(behaviours: Sequence[str] | None = None) -> dict[str, tuple[Name, ...]]:
    """The names of each behaviour of the catalogue, or of `behaviours`, by id; none of one that is not known."""
    known = catalogue.read(Workspace().snapshots).behaviours if behaviours is None else behaviours
    about = load()
    return {behaviour: about.names(behaviour) or () for behaviour in known}
