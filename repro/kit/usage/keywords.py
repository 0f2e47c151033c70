"""What a call gives: by name, by place, and through `**` as far as the code says what is in it. Reads, never runs."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from repro.kit.usage.sources import Function, Source


@dataclass(frozen=True)
class Given:
    """What is given for an argument.

    Attributes:
        line: Where its name stands.
        value: The expression, where there is one to see.
    """

    line: int
    value: ast.expr | None = None


@dataclass
class Keywords:
    """What a call gives.

    Attributes:
        named: The arguments that it gives by name, or by a place whose name is known.
        placed: What it gives by place.
        open: Why it may give more than is seen, with the line.
        passed_on: The functions whose own `**` it passes on, and what these took out of it before.
    """

    named: dict[str, Given] = field(default_factory=dict)
    placed: list[Given] = field(default_factory=list)
    open: list[tuple[int, str]] = field(default_factory=list)
    passed_on: list[tuple[Function, frozenset[str]]] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether all that it gives is seen."""
        return not self.open and not self.passed_on

    def add(self, name: str, given: Given) -> None:
        """Add an argument, whose first place counts."""
        self.named.setdefault(name, given)


def of_call(source: Source, node: ast.Call, signature: Sequence[str] = ()) -> Keywords:
    """What a call gives.

    Args:
        source: The file that it is in.
        node: The call.
        signature: The names of what is given by place.
    """
    found = Keywords()
    for number, value in enumerate(node.args):
        if isinstance(value, ast.Starred):
            found.open.append((value.lineno, f"what `*{ast.unparse(value.value)}` gives by place"))
            break
        given = Given(value.lineno, value)
        found.placed.append(given)
        if number < len(signature):
            found.add(signature[number], given)
    for keyword in node.keywords:
        if keyword.arg is not None:
            found.add(keyword.arg, Given(keyword.lineno, keyword.value))
        else:
            _spread(source, keyword.value, node, found, ())
    return found


def _spread(source: Source, node: ast.expr, call: ast.AST, found: Keywords, busy: tuple[str, ...]) -> None:
    """Add what an expression gives that stands behind `**`."""
    for part in _alternatives(node):
        _part(source, part, call, found, busy)


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    """The mappings that an expression may be, or is made of."""
    match node:
        case ast.BoolOp(values=parts):
            pass
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(op=ast.BitOr(), left=one, right=other):
            parts = [one, other]
        case ast.Call(func=ast.Attribute(value=inner, attr="copy"), args=[]):
            parts = [inner]
        case _:
            yield node
            return
    for part in parts:
        yield from _alternatives(part)


def _part(source: Source, node: ast.expr, call: ast.AST, found: Keywords, busy: tuple[str, ...]) -> None:
    match node:
        case ast.Dict():
            _literal(source, node, call, found, busy)
        case ast.Call(func=ast.Name(id="dict")):
            for value in node.args:
                _spread(source, value, call, found, busy)
            for keyword in node.keywords:
                if keyword.arg is None:
                    _spread(source, keyword.value, call, found, busy)
                else:
                    found.add(keyword.arg, Given(keyword.lineno, keyword.value))
        case ast.Name():
            _variable(source, node, call, found, busy)
        case ast.Attribute(value=ast.Name(id="self" | "cls")):
            _attribute(source, node, call, found, busy)
        case _:
            found.open.append((node.lineno, f"what `**{ast.unparse(node)}` gives"))


def _literal(source: Source, node: ast.Dict, call: ast.AST, found: Keywords, busy: tuple[str, ...]) -> None:
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            _spread(source, value, call, found, busy)
        elif isinstance(key, ast.Constant) and isinstance(key.value, str):
            found.add(key.value, Given(key.lineno, value))
        else:
            found.open.append((key.lineno, f"what `{ast.unparse(key)}` is, which names an argument"))


def _variable(source: Source, node: ast.Name, call: ast.AST, found: Keywords, busy: tuple[str, ...]) -> None:
    """What a variable gives: all that its function puts into it, or its module."""
    name = node.id
    if name in busy:
        return
    busy = (*busy, name)
    for function in (
        above for above in source.above(call) if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef)
    ):
        puts = list(_puts(function, name))
        taken = _parameter(function, name)
        if puts or taken:
            for value in puts:
                _put(source, value, found, busy)
            if taken == "**":
                found.passed_on.append((function, frozenset(_taken_out(function, name))))
            elif taken:
                found.open.append((node.lineno, f"what callers give as `{name}`"))
            return
    puts = list(_puts(source.tree, name))
    for value in puts:
        _put(source, value, found, busy)
    if not puts:
        found.open.append((node.lineno, f"what `**{name}` gives"))


def _attribute(source: Source, node: ast.Attribute, call: ast.AST, found: Keywords, busy: tuple[str, ...]) -> None:
    """What an attribute of the object itself gives: all that its class puts into it."""
    name = ast.unparse(node)
    owner = source.owner(call)
    puts = list(_puts(owner, name)) if owner and name not in busy else []
    for value in puts:
        _put(source, value, found, (*busy, name))
    if not puts and name not in busy:
        found.open.append((node.lineno, f"what `**{name}` gives"))


@dataclass(frozen=True)
class _Update:
    """What is put into a variable: another mapping, or one key of it, which is empty where it is computed."""

    value: ast.expr
    key: str | None = None
    line: int = 0


def _put(source: Source, put: _Update, found: Keywords, busy: tuple[str, ...]) -> None:
    if put.key:
        found.add(put.key, Given(put.line, put.value))
    elif put.key is None:
        _spread(source, put.value, put.value, found, busy)
    else:
        found.open.append((put.line, "an argument whose name is computed"))


def _puts(within: ast.AST, name: str) -> Iterator[_Update]:
    """What is put into a variable or an attribute, by its text."""
    for node in ast.walk(within):
        match node:
            case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
                if ast.unparse(target) == name:
                    yield _Update(value)
                elif isinstance(target, ast.Subscript) and ast.unparse(target.value) == name:
                    yield from _keyed(target.slice, value, target.lineno)
            case ast.AugAssign(target=target, op=ast.BitOr(), value=value) if ast.unparse(target) == name:
                yield _Update(value)
            case ast.Call(func=ast.Attribute(value=inner, attr="update"), args=args, keywords=keywords):
                if ast.unparse(inner) == name:
                    yield from (_Update(value) for value in args)
                    yield from (_Update(each.value, each.arg, each.value.lineno) for each in keywords)
            case ast.Call(func=ast.Attribute(value=inner, attr="setdefault"), args=[key, value]):
                if ast.unparse(inner) == name:
                    yield from _keyed(key, value, node.lineno)


def _keyed(key: ast.expr, value: ast.expr, line: int) -> Iterator[_Update]:
    known = isinstance(key, ast.Constant) and isinstance(key.value, str)
    yield _Update(value, key.value if known else "", line)  # type: ignore[attr-defined]  # a known key is a constant


def _parameter(function: Function, name: str) -> str | None:
    """How a function takes a name: as `**`, as a parameter, or not at all."""
    arguments = function.args
    if arguments.kwarg and arguments.kwarg.arg == name:
        return "**"
    plain = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return name if any(parameter.arg == name for parameter in plain) else None


def _taken_out(function: Function, name: str) -> Iterator[str]:
    """The keys that a function takes out of its `**` before it passes it on."""
    for node in ast.walk(function):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=other), attr="pop"), args=[ast.Constant(value=str(key)), *_]
            ):
                if other == name:
                    yield key
            case ast.Delete(targets=[ast.Subscript(value=ast.Name(id=other), slice=ast.Constant(value=str(key)))]):
                if other == name:
                    yield key
