"""What the code of two releases says of their difference: read by griffe, not executed. Never prints.

It also says what a release calls the parameters of what can be called, for what is given by place.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from repro.kit.usage.inference import CLIENTS, public
from repro.kit.usage.touches import Place
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from repro.kit.usage.sources import Source
    from repro.kit.usage.uses import Use

#: The class that all clients are derived from.
_OF_ALL = "BaseClient"

#: Which calls a loss touches: those that give the argument, give it by place, or leave it out.
_GIVEN, _PLACED, _LEFT_OUT = "given", "by place", "left out"


@dataclass(frozen=True)
class Loss:
    """What the code of a release lacks that the one before it had.

    Attributes:
        path: The name in httpx: `Client`, `Response.json`.
        what: What is lost, as one sentence.
        argument: The argument that it is about, or None for the name itself.
        touches: For an argument, which calls: that give it, give it by place, or leave it out.
    """

    path: str
    what: str
    argument: str | None = None
    touches: str = _GIVEN


@dataclass(frozen=True)
class Untold:
    """A loss that touches the project and that no listed change covers.

    Attributes:
        loss: The loss.
        places: The lines.
    """

    loss: Loss
    places: tuple[Place, ...]


@cache
def load(packages: Path, module: str) -> Any:
    """Read the package of a release, without importing it: once, for it stays as it is.

    Raises:
        Problem: It is not there.
    """
    import griffe

    try:
        return griffe.load(module, search_paths=[str(packages)], allow_inspection=False, resolve_aliases=True)
    except (ImportError, griffe.GriffeError) as error:
        raise Problem(
            f"The package {module} cannot be read: {error}.", "Delete its environment below .matrix, and run it again."
        ) from None


def signatures(package: Any) -> dict[str, list[str]]:
    """The parameters of what a release's package has to be called, by its name: `Client.get`, `Timeout`."""
    found = {}
    for name, member in _members(package):
        if name.startswith("_"):
            continue
        if member.is_function or member.is_class:
            found[name] = _parameters(member)
        if member.is_class:
            for method, of in _methods(member):
                found[f"{name}.{method}"] = _parameters(of)
    return found


def _members(package: Any) -> Iterator[tuple[str, Any]]:
    """The members of a package or a class, without those that come from packages that are not read."""
    for name, member in package.members.items():
        target = _target(member)
        if target is not None:
            yield name, target


def _methods(member: Any) -> Iterator[tuple[str, Any]]:
    for name, of in member.all_members.items():
        target = _target(of)
        if target is not None and target.is_function and not name.startswith("__"):
            yield name, target


def _target(member: Any) -> Any:
    import griffe

    try:
        return member.final_target if member.is_alias else member
    except griffe.GriffeError:
        return None


def _parameters(member: Any) -> list[str]:
    """The names of what can be given by place."""
    by_place = {"positional-only", "positional or keyword"}
    return [each.name for each in member.parameters if each.name != "self" and each.kind.value in by_place]


def losses(before: Any, after: Any) -> list[Loss]:
    """What the second package lacks that the first one has, of what callers know."""
    import griffe

    found: list[Loss] = []
    for breakage in griffe.find_breaking_changes(before, after):
        within = breakage.obj.canonical_path.partition(".")[2].removesuffix(".__init__")
        # What all clients have is one class in the code and two for a caller.
        for name in CLIENTS if _OF_ALL in within else (_OF_ALL,):
            path = public(within.replace(_OF_ALL, name))
            if path and not any(part.startswith("_") for part in path.split(".")):
                found += _loss(path, breakage)
    return list(dict.fromkeys(found))


def _loss(path: str, breakage: Any) -> Iterable[Loss]:
    """What one breakage comes to; nothing for what touches no call: a type, a default."""
    parameter = getattr(breakage.old_value, "name", None)
    match breakage.kind.name:
        case "OBJECT_REMOVED":
            yield Loss(path, f"`{path}` is gone.")
        case "PARAMETER_REMOVED" if parameter and not str(breakage.old_value.kind.value).startswith("variadic"):
            yield Loss(path, f"`{path}` takes no `{parameter}` any more.", parameter)
        case "PARAMETER_MOVED":
            yield Loss(path, f"`{path}` takes `{parameter}` in another place.", parameter, _PLACED)
        case "PARAMETER_CHANGED_KIND":
            yield Loss(
                path, f"`{path}` takes `{parameter}` no longer by place, or no longer by name.", parameter, _PLACED
            )
        case "PARAMETER_ADDED_REQUIRED":
            name = breakage.new_value.name
            yield Loss(path, f"`{path}` requires `{name}`.", name, _LEFT_OUT)


def untold(found: Iterable[Loss], uses: Sequence[Use], listed: Iterable[Place]) -> list[Untold]:
    """The losses that touch the project on lines that no listed change covers."""
    covered = {(place.name, place.line) for place in listed}
    by_loss = []
    for loss in found:
        places = {
            Place(use.source.name, line, use.source.code(line), use.source.of_tests, use.path, use.via)
            for use in uses
            if use.path == loss.path and (line := _line(use, loss)) is not None
            if (use.source.name, line) not in covered
        }
        if places:
            by_loss.append(Untold(loss, tuple(sorted(places))))
    return by_loss


def gone(named: Iterable[tuple[Source, int, str]], before: Any, after: Any, listed: Iterable[Place]) -> list[Untold]:
    """The names, private ones too, that the project writes out and that the second package does not have any more."""
    covered = {(place.name, place.line) for place in listed}
    found: dict[str, set[Place]] = defaultdict(set)
    for source, line, name in named:
        if (source.name, line) not in covered and _has(before, name) and not _has(after, name):
            found[name].add(Place(source.name, line, source.code(line), source.of_tests, name))
    return [
        Untold(Loss(name, f"`{before.name}.{name}` is gone."), tuple(sorted(places)))
        for name, places in sorted(found.items())
    ]


def _has(package: Any, name: str) -> bool:
    """Whether a package has a name below it; one from a package that is not read it has as well."""
    import griffe

    try:
        package[name]
    except KeyError:
        return False
    except griffe.GriffeError:
        return True
    return True


def _line(use: Use, loss: Loss) -> int | None:
    """The line of a use that a loss touches, or None."""
    if loss.argument is None:
        return use.line
    if use.how != "call" or use.keywords is None:
        return None
    given = use.keywords.named.get(loss.argument)
    if loss.touches == _LEFT_OUT:
        return use.line if given is None and use.keywords.whole and use.via is None else None
    if given is None or (loss.touches == _PLACED and given not in use.keywords.placed):
        return None
    return given.line
