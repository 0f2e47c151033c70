"""Which changes can touch a project's code, and where: what its uses are held against what behaviours are about.

Computes, never prints. A line is listed for a change only where the change can really affect it: an argument has to be
given, a value has to be of the type that is meant; where that cannot be seen it is said apart, and not listed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro.kit.comparison import HURTS
from repro.kit.usage import values
from repro.kit.usage.inference import CLIENTS
from repro.kit.usage.uses import Unfollowed, broad, paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from repro.kit.about import About, Argument, Name
    from repro.kit.comparison import Change, Comparison, Crossing
    from repro.kit.usage.inference import Inference
    from repro.kit.usage.keywords import Given, Keywords
    from repro.kit.usage.uses import Use

#: The kinds of change that touch no code that is there: what is new, and what only reads differently.
HARMLESS = ("addition", "message")

_SOME = 6


@dataclass(frozen=True, order=True)
class Place:
    """A line of the project.

    Attributes:
        name: The file.
        line: The line.
        code: What is in it.
        of_tests: Whether it is a test's.
        about: What the line does, in httpx's words: `Client(proxies=)`.
        via: The function of the project by which it does so, for what that passes on.
    """

    name: str
    line: int
    code: str = field(compare=False)
    of_tests: bool = field(compare=False)
    about: str = field(compare=False)
    via: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Touch:
    """A change that touches the project.

    Attributes:
        change: The change.
        kind: Its kind: the one that hurts most of what is known to have brought it.
        crossings: What brought it on the way, without what touches no code.
        places: The lines that it touches; none where it is about every request or every client.
        everywhere: Whether it is about every request or every client.
    """

    change: Change
    kind: str
    crossings: tuple[Crossing, ...]
    places: tuple[Place, ...]
    everywhere: bool = False


@dataclass(frozen=True)
class Group:
    """The changes that touch the same lines.

    Attributes:
        touches: The changes, what hurts most first.
        places: The lines.
    """

    touches: tuple[Touch, ...]
    places: tuple[Place, ...]

    @property
    def kind(self) -> str:
        """What hurts most of them."""
        return self.touches[0].kind


class Matcher:
    """Holds the uses of a project against names.

    Args:
        uses: The uses.
        inference: What says of what type a value is.
    """

    def __init__(self, uses: Sequence[Use], inference: Inference) -> None:
        self.inference = inference
        self.unfollowed: set[Unfollowed] = set()
        self._uses: dict[str, list[Use]] = defaultdict(list)
        for use in uses:
            self._uses[use.path].append(use)
        self._open: dict[tuple[str, int, str], dict[str, bool]] = {}
        self._found: dict[tuple[Name, bool], set[Place]] = {}

    def places(self, name: Name, *, gone: bool) -> set[Place]:
        """The lines that a change of a name can touch.

        Args:
            name: The name.
            gone: Whether it is gone, which touches its import and its annotations as well.
        """
        key = name, gone
        if key not in self._found:
            self._found[key] = {
                _place(use, name, line)
                for path in paths(name)
                for use in self._uses.get(path, ())
                if (line := self._line(use, name, gone=gone)) is not None
            }
        return self._found[key]

    def anywhere(self, name: Name) -> bool:
        """Whether the project does at all what a name is about; who has a client sends requests."""
        clients = (*(CLIENTS if name.path == "Client.request" else ()), *(CLIENTS[1:] if "Async" in name.path else ()))
        has = any(use.how in {"call", "base"} for client in clients for use in self._uses.get(client, ()))
        return has or bool(self.places(name, gone=False))

    def _line(self, use: Use, name: Name, *, gone: bool) -> int | None:
        """The line of a use that a name is about, or None."""
        if name.assigned:
            return use.line if use.how == "set" else None
        if not name.called:
            # What only names a thing is touched where the thing is gone, or where the import itself is what changed.
            named = use.how in {"import", "annotation", "text"}
            return use.line if gone or not named or name.path in {"httpx", "respx"} else None
        if use.how != "call" or use.keywords is None:
            return None
        lines = [self._argument(use, use.keywords, argument) for argument in name.arguments]
        self._doubt(use, use.keywords, name, gone=gone)
        if None in lines or (use.via is not None and not lines):
            return None
        given = [line for line, argument in zip(lines, name.arguments, strict=True) if argument.passed]
        return next(iter(given), use.line)

    def _doubt(self, use: Use, keywords: Keywords, name: Name, *, gone: bool) -> None:
        """Say where an argument may be given that is not seen."""
        for argument in name.arguments:
            if not argument.passed or argument.kinds or argument.name.isdigit() or argument.name in keywords.named:
                continue
            places = [(line, f"{what} to `{use.path}`") for line, what in keywords.open]
            places += [
                (use.line, f"what callers elsewhere give to `{function.name}`, which passes it on to `{use.path}`")
                for function, taken in keywords.passed_on
                if use.via is None and argument.name not in taken
            ]
            for line, what in places:
                said = self._open.setdefault((use.source.name, line, what), {})
                said[argument.name] = gone or said.get(argument.name, False)

    @property
    def open(self) -> set[Unfollowed]:
        """The places where arguments may be given that are not seen."""
        return {
            # What is gone is named first.
            Unfollowed(
                name, line, f"{what}: whether {_either_of(sorted(said, key=lambda each: (not said[each], each)))}"
            )
            for (name, line, what), said in self._open.items()
        }

    def _argument(self, use: Use, keywords: Keywords, argument: Argument) -> int | None:
        """The line of what a call gives for an argument, or of a call that leaves out what is to be; else None."""
        given = keywords.named.get(argument.name)
        if argument.name.isdigit():
            place = int(argument.name)
            given = keywords.placed[place] if place < len(keywords.placed) else None
        if not argument.passed:
            return use.line if given is None and use.via is None else None
        if given is None:
            return None
        return given.line if not argument.kinds or self._is_of(use, given, argument) else None

    def _is_of(self, use: Use, given: Given, argument: Argument) -> bool:
        """Whether a value may be of the types that an argument is about; where that is not known it is said."""
        fits = values.fits(argument.kinds, self.inference, use.source, given.value)
        if fits is None:
            what = (
                f"what `{argument.name}=` is given to `{use.path}`, where it matters whether it is {_either(argument)}"
            )
            self.unfollowed.add(Unfollowed(use.source.name, given.line, what))
        return bool(fits)


def touches(comparison: Comparison, about: About, matcher: Matcher, *, whole: bool = False) -> list[Touch]:
    """The changes of a comparison that touch the project, what hurts most first.

    Args:
        comparison: What differs between the two releases.
        about: What the behaviours are about.
        matcher: The uses of the project.
        whole: Also what touches no code that is there: what is new, and what only reads differently.
    """
    found = []
    for change in (*comparison.changes, *comparison.absent):
        kept = tuple(crossing for crossing in change.crossings if whole or crossing.kind not in HARMLESS)
        if change.kind is None or (change.crossings and not kept) or (not whole and change.kind in HARMLESS):
            continue
        touch = _touch(change, kept, about, matcher)
        if touch is not None:
            found.append(touch)
    return sorted(found, key=lambda touch: (HURTS.index(touch.kind), touch.change.behaviour))


def _touch(change: Change, kept: tuple[Crossing, ...], about: About, matcher: Matcher) -> Touch | None:
    names = about.of_change(change, kept)
    kind = min((crossing.kind for crossing in kept), key=HURTS.index, default=change.kind or HURTS[0])
    gone = kind == "removal"
    places = {place for name in names if not broad(name) for place in matcher.places(name, gone=gone)}
    if places:
        return Touch(change, kind, kept, tuple(sorted(places)))
    everywhere = any(matcher.anywhere(name) for name in names if broad(name))
    return Touch(change, kind, kept, (), everywhere=True) if everywhere else None


def groups(found: Iterable[Touch]) -> list[Group]:
    """The changes with lines, those together that touch the same, what hurts most first."""
    by_places: dict[tuple[Place, ...], list[Touch]] = defaultdict(list)
    listed = [touch for touch in found if touch.places]
    for touch in listed:
        if not any(_says_all(other, touch) for other in listed):
            by_places[touch.places].append(touch)
    return [Group(tuple(together), places) for places, together in by_places.items()]


def _says_all(other: Touch, touch: Touch) -> bool:
    """Whether another change says the same of these lines and of more."""
    said = [crossing.note and crossing.note.changed for crossing in touch.crossings]
    others = [crossing.note and crossing.note.changed for crossing in other.crossings]
    return bool(said) and set(touch.places) < set(other.places) and set(said) <= set(others)


def _place(use: Use, name: Name, line: int) -> Place:
    given = ", ".join(
        f"{argument.name}=" for argument in name.arguments if argument.passed and not argument.name.isdigit()
    )
    called = f"({given})" if use.how == "call" else ""
    return Place(use.source.name, line, use.source.code(line), use.source.of_tests, f"{use.path}{called}", use.via)


def _either(argument: Argument) -> str:
    return " or ".join(argument.kinds)


def _either_of(names: Sequence[str]) -> str:
    """Some names of arguments, and how many more."""
    said = ", ".join(f"`{name}=`" for name in names[:_SOME])
    return f"{said} and {len(names) - _SOME} more are given" if len(names) > _SOME else f"{said} is given"
