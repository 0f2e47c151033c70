"""What the names of a function or a file stand for, as far as its own lines say."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from repro.kit.usage.sources import Function


def arguments(function: Function) -> list[ast.arg]:
    """The parameters of a function that take one value each."""
    found = function.args
    return [*found.posonlyargs, *found.args, *found.kwonlyargs]


def parameters(function: Function) -> list[str]:
    """The names of a function's parameters that a call can give by name."""
    return [parameter.arg for parameter in arguments(function)]


def taken(function: Function) -> set[str]:
    """The names that a function's parameters take."""
    found = function.args
    return {*parameters(function), *(star.arg for star in (found.vararg, found.kwarg) if star)}


@cache
def assigned(function: Function) -> frozenset[str]:
    """The names that a function gives a value."""
    return frozenset(
        node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )


@cache
def bindings(scope: ast.AST) -> Mapping[str, tuple[ast.expr, ...]]:
    """What each name of a scope is bound to, where only assignments and blocks bind it, there and in what is within.

    Args:
        scope: A function, or a whole file.
    """
    given: dict[str, list[ast.expr]] = {}
    plain: set[ast.AST] = set()
    for node in ast.walk(scope):
        match node:
            case (
                ast.withitem(context_expr=value, optional_vars=ast.Name() as name)
                | ast.Assign(targets=[ast.Name() as name], value=value)
                | ast.NamedExpr(target=name, value=value)
            ):
                given.setdefault(name.id, []).append(value)
                plain.add(name)
    others = {name for node in ast.walk(scope) if node not in plain for name in _otherwise(node)}
    return {name: tuple(values) for name, values in given.items() if name not in others}


def _otherwise(node: ast.AST) -> Iterator[str | None]:
    """The names that a node binds by itself."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.arg(arg=name) | ast.ExceptHandler(name=name) | ast.MatchAs(name=name) | ast.MatchStar(name=name):
            yield name
        case ast.MatchMapping(rest=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.alias(name=name, asname=None):
            yield name.partition(".")[0]
        case ast.alias(asname=name):
            yield name
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from names
