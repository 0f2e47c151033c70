"""What an expression of a project is, in httpx's own words: a client, a response, the function `get`.

Nothing is run.

What an import names and what httpx's own names answer is known here. For all else jedi is asked, which follows
assignments, attributes of `self`, annotations, subclasses and functions from file to file; it was chosen over astroid,
which does not follow annotations. What jedi does not follow is added: what `async with` names, what is awaited, and the
fixtures of pytest.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro.kit.usage import scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from repro.kit.usage.sources import Function, Source

#: The methods that send a request and answer with a response, or with a block that has one.
VERBS = ("get", "options", "head", "post", "put", "patch", "delete", "query", "request")
SENDS = (*VERBS, "stream")

CLIENTS = ("Client", "AsyncClient")

#: Modules of httpx that were public once, or are in the way of a name.
_MODULES = frozenset(
    {
        "api",
        "auth",
        "backends",
        "client",
        "concurrency",
        "config",
        "content_streams",
        "decoders",
        "dispatch",
        "exceptions",
        "middleware",
        "models",
        "multipart",
        "status_codes",
        "transports",
        "urls",
        "utils",
    }
)

#: What httpx's classes have under another name than callers know.
_KNOWN_AS = {
    "BaseClient": "Client",
    "BaseResponse": "Response",
    "AsyncResponse": "Response",
    "AsyncRequest": "Request",
    "PoolLimits": "PoolLimits",
}

#: What an attribute of an object is, or what calling it answers.
_ANSWERS = {
    **{f"{client}.{verb}": "Response" for client in CLIENTS for verb in (*SENDS, "send")},
    **dict.fromkeys(SENDS, "Response"),
    **{f"{client}.build_request": "Request" for client in CLIENTS},
    **{f"{client}.headers": "Headers" for client in CLIENTS},
    **{f"{client}.cookies": "Cookies" for client in CLIENTS},
    **{f"{client}.params": "QueryParams" for client in CLIENTS},
    **{f"{client}.base_url": "URL" for client in CLIENTS},
    **{f"{client}.timeout": "Timeout" for client in CLIENTS},
    "Response.headers": "Headers",
    "Response.cookies": "Cookies",
    "Response.url": "URL",
    "Response.request": "Request",
    "Response.next_request": "Request",
    "Request.headers": "Headers",
    "Request.url": "URL",
    "URL.params": "QueryParams",
    "URL.join": "URL",
    "URL.copy_with": "URL",
    "HTTPStatusError.response": "Response",
    "HTTPStatusError.request": "Request",
    "RequestError.request": "Request",
    "HTTPError.request": "Request",
    "HTTPError.response": "Response",
    **{f"{client}.__enter__": client for client in CLIENTS},
}


@dataclass(frozen=True)
class Value:
    """What an expression is.

    Attributes:
        kind: `module`, `class`, `function` (a method too) or `instance`.
        path: Its name in httpx, empty for the package itself; for what is not httpx's, empty as well.
        own: For what is not httpx's: its full name, as `builtins.dict`.
    """

    kind: str
    path: str = ""
    own: str = ""


NOTHING: frozenset[Value] = frozenset()


class Inference:
    """Says what the expressions of a project are.

    Args:
        sources: The project's files.
        root: The project's folder.
        packages: The folder of packages that has the release.
        modules: The names that the release is imported by.
        cache: Where jedi keeps what it parsed.
    """

    def __init__(
        self, sources: Sequence[Source], root: Path, packages: Path, modules: Iterable[str], cache: Path
    ) -> None:
        import jedi

        jedi.settings.cache_directory = str(cache)
        # Who calls a function does not say what it takes: that is followed by keywords, with what is said of it.
        jedi.settings.dynamic_params = False
        self._jedi: Any = jedi
        self.sources = sources
        self.modules = tuple(modules)
        self.packages = packages.resolve()
        self._by_path = {source.path.resolve(): source for source in sources}
        self._scripts: dict[Source, Any] = {}
        self._known: dict[tuple[Source, ast.AST], frozenset[Value]] = {}
        self._answers: dict[tuple[Any, ...], frozenset[Value]] = {}
        self._own = {part for source in sources for part in source.name.removesuffix(".py").split("/")}
        self._busy: set[tuple[Source, ast.AST]] = set()
        # Of the kit's own Python the standard library is read, and none of its packages.
        standard = [path for path in sys.path if path and "-packages" not in path and Path(path) != Path.cwd()]
        folders = [str(root), *(str(root / name) for name in ("src", "lib") if (root / name).is_dir())]
        self._environment = jedi.InterpreterEnvironment()
        self._project = jedi.Project(
            root, sys_path=[*folders, str(packages), *standard], smart_sys_path=False, load_unsafe_extensions=False
        )

    def of(self, source: Source, node: ast.AST) -> frozenset[Value]:
        """What an expression may be; nothing where that cannot be followed."""
        key = source, node
        if key not in self._known:
            if key in self._busy:
                return NOTHING
            self._busy.add(key)
            self._known[key] = self._of(source, node)
            self._busy.discard(key)
        return self._known[key]

    def _of(self, source: Source, node: ast.AST) -> frozenset[Value]:
        match node:
            case ast.Await(value=value) | ast.Starred(value=value) | ast.NamedExpr(value=value):
                found = self.of(source, value)
            case ast.BoolOp(values=values):
                found = frozenset().union(*(self.of(source, value) for value in values))
            case ast.IfExp(body=one, orelse=other):
                found = self.of(source, one) | self.of(source, other)
            case ast.Name():
                found = self._name(source, node)
            case ast.Attribute():
                found = self._attribute(source, node)
            case ast.Call():
                found = self._call(source, node)
            case ast.Constant(value=constant):
                found = frozenset({Value("instance", own=f"builtins.{type(constant).__name__}")})
            case _:
                found = self._asked(source, node)
        return found

    def path(self, dotted: str) -> str | None:
        """The name in httpx behind what an import names; None for what is not httpx's."""
        first, _, rest = dotted.partition(".")
        return public(rest) if first in self.modules else None

    def _name(self, source: Source, node: ast.Name) -> frozenset[Value]:
        function = source.function(node)
        taken = function is not None and node.id in scopes.taken(function)
        if not taken and (dotted := source.bound.get(node.id)) and (path := self.path(dotted)) is not None:
            return frozenset({_named(path)})
        said = _said(function, node.id) if function is not None and taken else None
        if said is not None:
            return said or self._by_hand(source, node, function)
        return (
            self._agreed(source, function or source.tree, node.id)
            or self._asked(source, node)
            or self._by_hand(source, node, function)
        )

    def _agreed(self, source: Source, scope: ast.AST, name: str) -> frozenset[Value]:
        """What object or class of httpx a name is, if all that is bound to it in its scope is that.

        jedi would say so too. But it works out what `__enter__` and each method answers anew in every file, which
        takes it 0.2 s, where the rest takes 0.01 s.
        """
        values = {self.of(source, value) for value in scopes.bindings(scope).get(name, ())}
        found = values.pop() if len(values) == 1 else NOTHING
        known = all(value.kind in {"class", "instance"} and value.path and not value.own for value in found)
        return found if known else NOTHING

    def _attribute(self, source: Source, node: ast.Attribute) -> frozenset[Value]:
        base = self.of(source, node.value)
        found = set()
        for value in base:
            if value.own:
                continue
            path = public(f"{value.path}.{node.attr}" if value.path else node.attr)
            if value.kind == "module":
                found.add(_named(path))
            elif value.kind in {"instance", "class"}:
                answer = _ANSWERS.get(path) if path.rpartition(".")[2] not in _METHODS else None
                found.add(Value("instance", answer) if answer else Value("function", path))
        return frozenset(found) or self._asked(source, node)

    def _call(self, source: Source, node: ast.Call) -> frozenset[Value]:
        found = set()
        values = self.of(source, node.func)
        for value in values if any(value.path for value in values) else ():
            if value.kind == "class":
                found.add(Value("instance", value.path, value.own))
            elif value.kind == "function" and value.path in _ANSWERS:
                found.add(Value("instance", _ANSWERS[value.path]))
        if isinstance(node.func, ast.Name) and node.func.id == "super" and (owner := source.owner(node)):
            found |= {Value("instance", value.path) for value in self.bases(source, owner)}
        return frozenset(found) or self._asked(source, node)

    def bases(self, source: Source, owner: ast.ClassDef) -> frozenset[Value]:
        """The classes of httpx that a class of the project is derived from, directly or not."""
        found: set[Value] = set()
        for base in owner.bases:
            of = base.value if isinstance(base, ast.Subscript) else base
            found |= {value for value in self.of(source, of) if value.path and value.kind == "class"}
        return frozenset(found)

    def definitions(self, source: Source, node: ast.expr) -> list[tuple[Source, ast.AST]]:
        """The functions and classes of the project that an expression names."""
        found: list[tuple[Source, ast.AST]] = []
        for name in self._goto(source, node):
            other = self._by_path.get(Path(name.module_path).resolve()) if name.module_path else None
            if other is None:
                continue
            wanted = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            found += [(other, at) for at in other.nodes if isinstance(at, wanted) and _defined(at) == name.line]
        return found

    def _script(self, source: Source) -> Any:
        if source not in self._scripts:
            self._scripts[source] = self._jedi.Script(
                source.text, path=source.path, project=self._project, environment=self._environment
            )
        return self._scripts[source]

    def _goto(self, source: Source, node: ast.expr) -> list[Any]:
        return self._ask(lambda: self._script(source).goto(*_end(source, node), follow_imports=True))

    def _asked(self, source: Source, node: ast.AST) -> frozenset[Value]:
        """What jedi says that an expression is."""
        if not isinstance(node, ast.expr) or self.foreign(source, node):
            return NOTHING
        # Asking costs a millisecond or more, and what is the same all over a class or a file is asked once.
        key = _same(source, node)
        if key is None or key not in self._answers:
            names = self._ask(lambda: self._script(source).infer(*_end(source, node)))
            found = frozenset(value for name in names for value in self._values(name))
            if key is None:
                return found
            self._answers[key] = found
        return self._answers[key]

    def foreign(self, source: Source, node: ast.expr) -> bool:
        """Whether a name comes from a package that is neither the project's nor the release's."""
        while isinstance(node, ast.Attribute):
            node = node.value
        dotted = source.bound.get(node.id, ".") if isinstance(node, ast.Name) else "."
        first = dotted.partition(".")[0]
        return bool(first) and first not in self._own and not (self.packages / first).is_dir()

    @staticmethod
    def _ask(question: Any) -> list[Any]:
        try:
            return list(question())
        except Exception:  # noqa: BLE001  # jedi reads any code, and fails in as many ways; that is "not followed"
            return []

    def _values(self, name: Any) -> Iterable[Value]:
        """What a name of jedi's is, in httpx's words; a class of the project is what it is derived from as well."""
        full, module, kind = name.full_name or "", name.module_name or "", name.type
        if module.partition(".")[0] in self.modules and self._beside(name):
            rest = full.removeprefix(module).strip(".")
            yield Value(kind, public(rest)) if rest or kind == "module" else Value(kind, own=full)
            return
        if kind in {"class", "instance"} and name.module_path:
            yield from self._derived(name, kind)
        yield Value(kind, own=full)

    def _beside(self, name: Any) -> bool:
        """Whether what jedi names is the release's own, and not a file of the project that is called like it."""
        return bool(name.module_path) and self.packages in Path(name.module_path).resolve().parents

    def _derived(self, name: Any, kind: str) -> Iterable[Value]:
        other = self._by_path.get(Path(name.module_path).resolve())
        if other is None:
            return
        for node in other.nodes:
            if isinstance(node, ast.ClassDef) and _defined(node) == name.line:
                yield from (Value(kind, value.path) for value in self.bases(other, node))

    def own_method(self, classes: Iterable[str], name: str) -> Function | None:
        """The method of a name that a class of the project has itself, or from another class of the project.

        Args:
            classes: The full names of classes.
            name: The name of the method.
        """
        waiting = list(classes)
        seen: set[str] = set()
        while waiting:
            current = waiting.pop(0)
            for source, node in self._class(current) if current not in seen else ():
                for each in node.body:
                    if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name == name:
                        return each
                waiting += [value.own for base in node.bases for value in self.of(source, base) if value.own]
            seen.add(current)
        return None

    def _class(self, full: str) -> list[tuple[Source, ast.ClassDef]]:
        """The classes of the project that have a full name."""
        module, _, name = full.rpartition(".")
        return [
            (source, node)
            for source, node in self._classes.get(name, ())
            if f".{_dotted(source)}".endswith(f".{module}")
        ]

    @cached_property
    def _classes(self) -> dict[str, list[tuple[Source, ast.ClassDef]]]:
        found: dict[str, list[tuple[Source, ast.ClassDef]]] = {}
        for source in self.sources:
            for node in source.nodes:
                if isinstance(node, ast.ClassDef):
                    found.setdefault(node.name, []).append((source, node))
        return found

    def _by_hand(self, source: Source, node: ast.Name, function: Function | None) -> frozenset[Value]:
        """What a name is that jedi does not follow: what a block names, or a fixture of pytest."""
        if function is None:
            return NOTHING
        given = scopes.bindings(function).get(node.id, ())
        found = {value for expression in given for value in self.of(source, expression)}
        if not found and node.id in scopes.parameters(function) and _of_pytest(function):
            found.update(self._fixture(source, node.id))
        return frozenset(value for value in found if value.path)

    def _fixture(self, source: Source, name: str) -> frozenset[Value]:
        """What the nearest fixture of a name gives: of the file, or of a `conftest.py` beside or above it."""
        places = [(other, function) for other, function in self._fixtures.get(name, ()) if _reaches(other, source)]
        if not places:
            return NOTHING
        other, function = max(places, key=lambda place: (place[0] is source, place[0].name.count("/")))
        found: set[Value] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
                found |= self.of(other, node.value)
        # What is said of it may be within what gives it: `Iterator[Client]`.
        for node in ast.walk(function.returns) if function.returns is not None else ():
            if isinstance(node, ast.Name | ast.Attribute):
                found |= {Value("instance", value.path) for value in self.of(other, node) if value.kind == "class"}
        return frozenset(found)

    @cached_property
    def _fixtures(self) -> dict[str, list[tuple[Source, Function]]]:
        found: dict[str, list[tuple[Source, Function]]] = {}
        for source in self.sources:
            if "fixture" in source.text:
                for node in source.nodes:
                    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_fixture(node):
                        found.setdefault(node.name, []).append((source, node))
        return found


#: Names that are called: what they answer is what the call is, not what the name is.
_METHODS = frozenset((*SENDS, "send", "build_request", "join", "copy_with", "__enter__"))


def public(path: str) -> str:
    """A name without the modules that it is in, and as callers know it: `Client.get` for `_client.BaseClient.get`."""
    parts = path.split(".")
    while len(parts) > 1 and (parts[0].startswith("_") or parts[0] in _MODULES):
        parts = parts[1:]
    if parts[0].startswith("_") and not parts[0].startswith("__"):
        return ""
    return ".".join([_KNOWN_AS.get(parts[0], parts[0]), *parts[1:]])


def _named(path: str) -> Value:
    """What a name of the package is, by the look of it."""
    if not path:
        return Value("module")
    last = path.rpartition(".")[2]
    if path in _MODULES:
        return Value("module", path)
    if last == "codes" or last.isupper():
        return Value("instance", path)
    return Value("class" if last[:1].isupper() else "function", path)


def _dotted(source: Source) -> str:
    """The name of a file as a module, from the project's folder on."""
    return source.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _defined(node: ast.AST) -> int:
    """The line of the name of what a statement defines."""
    return getattr(node, "lineno", 0)


def _end(source: Source, node: ast.expr) -> tuple[int, int]:
    """Where an expression ends, in lines and characters, as jedi counts them; within the name that it ends with."""
    line = node.end_lineno or node.lineno
    text = source.lines[line - 1].encode()
    column = len(text[: node.end_col_offset].decode(errors="replace"))
    return line, max(column - 1, 0) if isinstance(node, ast.Name | ast.Attribute) else column


def _same(source: Source, node: ast.expr) -> tuple[Any, ...] | None:
    """What expressions have in common that are the same thing: an attribute of `self`, of a parameter of some type."""
    root = node
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name):
        return None
    text = ast.unparse(node)
    function = source.function(node)
    if root.id in {"self", "cls"}:
        return source, source.owner(node), text
    if function is None:
        return None
    if root.id in source.bound and root.id not in scopes.taken(function) and root.id not in scopes.assigned(function):
        return source, None, text
    said = next((each.annotation for each in scopes.arguments(function) if each.arg == root.id), None)
    if said is not None and root.id not in scopes.assigned(function):
        return source, ast.unparse(said), text
    return None


def _said(function: Function, name: str) -> frozenset[Value] | None:
    """What is plainly said of a parameter: builtin types, or nothing at all; None where more has to be asked."""
    parameter = next((each for each in scopes.arguments(function) if each.arg == name), None)
    if parameter is None or name in scopes.assigned(function) or name in {"self", "cls"}:
        return None
    if parameter.annotation is None:
        return NOTHING
    names = [
        node for node in ast.walk(parameter.annotation) if isinstance(node, ast.Name | ast.Attribute | ast.Constant)
    ]
    texts = {ast.unparse(node).removeprefix("typing.").removeprefix("t.") for node in names} - {"typing", "t"}
    if texts <= _PLAIN.keys():
        outer = _outer(parameter.annotation)
        return frozenset(Value("instance", own=f"builtins.{_PLAIN[each]}") for each in outer if _PLAIN.get(each))
    return None


#: Types that are said in so many words; those without a name of their own say nothing of the value.
_PLAIN = {
    **{name: name for name in ("bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple")},
    "Dict": "dict",
    "List": "list",
    "Mapping": "dict",
    "MutableMapping": "dict",
    "Sequence": "list",
    "Set": "set",
    "Tuple": "tuple",
    "None": "NoneType",
    "Any": "",
    "Optional": "",
    "Union": "",
}


def _outer(annotation: ast.expr) -> set[str]:
    """The types that an annotation says, without what is within them."""
    match annotation:
        case ast.BinOp(left=left, right=right):
            return _outer(left) | _outer(right)
        case ast.Subscript(value=value, slice=within) if ast.unparse(value).rpartition(".")[2] in {"Optional", "Union"}:
            parts = within.elts if isinstance(within, ast.Tuple) else [within]
            return set().union(*map(_outer, parts))
        case ast.Subscript(value=value):
            return _outer(value)
    return {ast.unparse(annotation).rpartition(".")[2]}


def _of_pytest(function: Function) -> bool:
    return function.name.startswith("test") or _is_fixture(function)


def _is_fixture(function: Function) -> bool:
    return any("fixture" in ast.unparse(decorator) for decorator in function.decorator_list)


def _reaches(other: Source, source: Source) -> bool:
    """Whether the fixtures of a file are those of another one."""
    folder = other.name.rpartition("/")[0]
    return other is source or (
        other.name.rpartition("/")[2] == "conftest.py" and (not folder or source.name.startswith(f"{folder}/"))
    )
