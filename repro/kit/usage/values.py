"""What kind of value an argument is given, as far as the code shows it: its type, or what is in a text."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from repro.kit.usage.inference import Inference
    from repro.kit.usage.sources import Source

#: What types are called here, by what Python or jedi calls them.
_TYPES = {
    "NoneType": "None",
    "Generator": "iterator",
    "GeneratorType": "iterator",
    "AsyncGeneratorType": "iterator",
    "AsyncGenerator": "iterator",
    "Iterator": "iterator",
    "AsyncIterator": "iterator",
    "filter": "iterator",
    "map": "iterator",
    "zip": "iterator",
    "TextIOWrapper": "file",
    "BufferedReader": "file",
    "BinaryIO": "file",
    "IO": "file",
    "TextIO": "file",
    "BytesIO": "file",
    "StringIO": "file",
    "PosixPath": "Path",
    "PurePath": "Path",
    "Mapping": "dict",
    "MutableMapping": "dict",
    "Dict": "dict",
    "List": "list",
}

_LITERALS: dict[type[ast.AST], str] = {
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.List: "list",
    ast.ListComp: "list",
    ast.Tuple: "tuple",
    ast.Set: "set",
    ast.JoinedStr: "str",
    ast.GeneratorExp: "iterator",
    ast.Lambda: "function",
}

#: An object of a class that is not httpx's, nor plain.
_OBJECT = "object"
_PLAIN = frozenset(
    "None True False bool bytes dict file float function int iterator list set str tuple".split()  # noqa: SIM905  # short
)

_WORD = re.compile(r"[\w.~-]*", re.ASCII)
_UNSPACED = re.compile(r"\S*")
_URL = re.compile(r"[\w.~:/?&=#@,+-]*", re.ASCII)


def fits(kinds: tuple[str, ...], inference: Inference, source: Source, node: ast.expr | None) -> bool | None:
    """Whether a value is of one of some kinds; None where that cannot be seen.

    Args:
        kinds: Types, `None`, `True`, `False`, or what is in a text: one of `CONTENTS`.
        inference: What says what an expression is.
        source: The file that it is in.
        node: The expression, where there is one to see.
    """
    contents = [CONTENTS[kind] for kind in kinds if kind in CONTENTS]
    if contents:
        return node is not None and any(content(source, node) for content in contents)
    found = types(inference, source, node) if node is not None else set()
    if not found:
        return None
    return bool(found & set(kinds))


def types(inference: Inference, source: Source, node: ast.expr) -> set[str]:
    """The types that an expression may be of; none where they are not known."""
    if isinstance(node, ast.Constant):
        singular = isinstance(node.value, bool) or node.value is None
        return {str(node.value) if singular else type(node.value).__name__}
    if literal := _LITERALS.get(type(node)):
        return {literal}
    if isinstance(node, ast.BoolOp):
        return set().union(*(types(inference, source, value) for value in node.values))
    if isinstance(node, ast.IfExp):
        return types(inference, source, node.body) | types(inference, source, node.orelse)
    found = set()
    for value in inference.of(source, node):
        name = (value.path or value.own).rpartition(".")[2]
        found.add("function" if value.kind == "function" else _TYPES.get(name, name))
        if value.own and value.kind == "instance" and not found & _PLAIN:
            found.add(_OBJECT)
    # What a parameter is by default says nothing of what it is given.
    return found if found - {"None"} else set()


def _odd(source: Source, node: ast.expr) -> bool:
    """Whether a value may hold something that is not a plain word or number, if only because it is not seen."""
    return any(not _is_plain(part, _WORD) for part in _parts(source, node))


def _spaced(source: Source, node: ast.expr) -> bool:
    """Whether a value may hold a space, if only because it is not seen."""
    return any(not _is_plain(part, _UNSPACED) for part in _parts(source, node))


def _pairs(source: Source, node: ast.expr) -> bool:
    """Whether JSON may have a comma or a colon in it: it is no single value, if only because it is not seen."""
    match _seen(source, node):
        case ast.Constant() | ast.JoinedStr():
            return False
        case ast.Dict(keys=keys):
            return bool(keys)
        case ast.List(elts=[]) | ast.Tuple(elts=[]):
            return False
        case ast.List(elts=[only]) | ast.Tuple(elts=[only]):
            return _pairs(source, only)
    return True


def _quoted(source: Source, node: ast.expr) -> bool:
    """Whether a text has quotes or braces, for all to see."""
    return any(set(text) & set('"`{}') for text in _texts(_seen(source, node)))


def _odd_url(source: Source, node: ast.expr) -> bool:
    """Whether a URL may hold characters that have to be escaped, if only because it is not seen."""
    return any(not _is_plain(part, _URL) for part in _parts(source, node))


def _is_plain(node: ast.expr, plain: re.Pattern[str]) -> bool:
    if not isinstance(node, ast.Constant):
        return False
    if isinstance(node.value, str):
        return plain.fullmatch(node.value) is not None
    return not isinstance(node.value, bytes)


def _no_text(source: Source, node: ast.expr) -> bool:
    """Whether a mapping holds, for all to see, a value that is no text: a number or None."""
    seen = _seen(source, node)
    values = seen.values if isinstance(seen, ast.Dict) else []
    return any(isinstance(value, ast.Constant) and not isinstance(value.value, str | bytes) for value in values)


def _query(source: Source, node: ast.expr) -> bool:
    """Whether a URL has a query, for all to see."""
    return any("?" in text for text in _texts(_seen(source, node)))


def _perhaps_query(source: Source, node: ast.expr) -> bool:
    """Whether a URL may have a query: it is seen, or nothing of the URL is."""
    seen = _seen(source, node)
    texts = list(_texts(seen))
    return not texts or any("?" in text for text in texts)


#: What is asked about the content of a value, by what it is called where behaviours say what they are about.
CONTENTS: dict[str, Callable[[Source, ast.expr], bool]] = {
    "odd": _odd,
    "odd_url": _odd_url,
    "spaced": _spaced,
    "quoted": _quoted,
    "pairs": _pairs,
    "no_text": _no_text,
    "query": _query,
    "perhaps_query": _perhaps_query,
}


def _seen(source: Source, node: ast.expr) -> ast.expr:
    """What a variable was given that is given something once, and the expression itself for all else."""
    if not isinstance(node, ast.Name):
        return node
    function = source.function(node)
    for within in (function, source.tree):
        if within is None:
            continue
        values = [
            each.value if isinstance(each, ast.Assign | ast.AnnAssign) else None
            for each in ast.walk(within)
            if isinstance(
                each, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For | ast.comprehension | ast.NamedExpr
            )
            for target in (each.targets if isinstance(each, ast.Assign) else [each.target])
            if isinstance(target, ast.Name) and target.id == node.id
        ]
        if len(values) == 1 and values[0] is not None:
            return values[0]
        taken = function is not None and any(
            each.arg == node.id for each in ast.walk(function.args) if isinstance(each, ast.arg)
        )
        if values or taken:
            return node
    return node


def _parts(source: Source, node: ast.expr) -> Iterator[ast.expr]:
    """What a value is made of, down to texts and numbers, where that is written out."""
    seen = _seen(source, node)
    match seen:
        case ast.Dict(keys=keys, values=values):
            for part in (*(key for key in keys if key is not None), *values):
                yield from _parts(source, part)
            yield from (value for key, value in zip(keys, values, strict=True) if key is None)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            for part in elements:
                yield from _parts(source, part)
        case _:
            yield seen


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts that are written out in an expression of texts."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield from (part.value for part in values if isinstance(part, ast.Constant) and isinstance(part.value, str))
        case ast.BinOp(left=left, right=right):
            yield from _texts(left)
            yield from _texts(right)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            yield text
