"""Reads the tables of a TOML file that a person wrote: which keys there are, and of what kind each entry has to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def known(table: Mapping[str, Any], keys: Collection[str], what: str, mend: str) -> None:
    """Hold a table to the keys that it may have.

    Args:
        table: The table.
        keys: The keys.
        what: What a person calls the table.
        mend: What to do about it.

    Raises:
        Problem: It has another.
    """
    if unknown := sorted(table.keys() - set(keys)):
        raise Problem(f"{what} has the unknown key {unknown[0]!r}; the keys are {', '.join(sorted(keys))}.", mend)


def typed(table: Mapping[str, Any], key: str, kind: Any, what: str, mend: str, default: Any = None) -> Any:
    """An entry of a table, of the kind that it has to be; a truth is no number.

    Args:
        table: The table.
        key: The entry's key.
        kind: Its type, or several.
        what: What a person calls the table.
        mend: What to do about it.
        default: What it is where the table does not say.

    Raises:
        Problem: It is of another kind.
    """
    found = table.get(key, default)
    if found is not default and (not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool)):
        raise Problem(f"{what} has {key} = {found!r}, which is of the wrong kind.", mend)
    return found


def texts(table: Mapping[str, Any], key: str, what: str, mend: str) -> tuple[str, ...]:
    """An entry of a table that is a list of texts; empty where the table does not say.

    Raises:
        Problem: It is anything else.
    """
    found = typed(table, key, list, what, mend, [])
    if not all(isinstance(entry, str) for entry in found):
        raise Problem(f"{what} has {key} = {found!r}, which is no list of texts.", mend)
    return tuple(found)


def named_texts(table: Mapping[str, Any], key: str, what: str, mend: str) -> dict[str, str]:
    """An entry of a table that is a table of texts; empty where the table does not say.

    Raises:
        Problem: It is anything else.
    """
    found: dict[str, str] = typed(table, key, dict, what, mend, {})
    for name in found:
        typed(found, name, str, f"{what}: {key}", mend)
    return found
