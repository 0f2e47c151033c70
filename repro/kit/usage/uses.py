"""Where a project uses httpx: each name that a change could be about, with its line and what a call gives.

Asked is only about names that matter, which is what keeps it to seconds.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from repro.kit.usage import keywords
from repro.kit.usage.inference import CLIENTS, SENDS, public
from repro.kit.usage.keywords import Keywords
from repro.kit.usage.scopes import parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from repro.kit.about import Name
    from repro.kit.usage.difference import Loss
    from repro.kit.usage.inference import Inference
    from repro.kit.usage.sources import Function, Source

#: What is done with a name.
HOWS = ("call", "read", "set", "delete", "import", "annotation", "except", "base", "text")

#: Attributes that hardly anything has but what httpx makes: where one is asked for, httpx is meant, and where what has
#: it cannot be followed, that is said.
_TELLING = frozenset(
    {
        "aclose",
        "aiter_bytes",
        "aiter_lines",
        "aiter_raw",
        "aiter_text",
        "anext",
        "apparent_encoding",
        "aread",
        "build_request",
        "call_next",
        "has_redirect_location",
        "is_error",
        "is_redirect",
        "iter_raw",
        "next_request",
        "raise_for_status",
    }
)

_TEXT = re.compile(r"(?P<module>\w+)((\.\w+)+)")
_DEEP = 4


#: A class for which another one of the other kind stands as well.
_ALSO = {"Client": "AsyncClient", "HTTPTransport": "AsyncHTTPTransport"}

#: The same of a method.
_ALSO_METHOD = {"close": "aclose", "__enter__": "__aenter__"}

#: What a request is made of, which may be given to a call that sends it, or to one that only makes it.
_IN_BODY = frozenset({"content", "data", "files", "json", "params"})


@dataclass(frozen=True)
class Interest:
    """What is looked for.

    Attributes:
        attributes: The last parts of names.
        arguments: The names of arguments.
        bare: The last parts of names of which a call matters that gives none of these arguments.
    """

    attributes: frozenset[str]
    arguments: frozenset[str]
    bare: frozenset[str] = frozenset()

    @classmethod
    def of(cls, names: Iterable[Name], losses: Iterable[Loss] = ()) -> Interest:
        """What some names and some losses are about."""
        attributes: set[str] = set()
        arguments: set[str] = set()
        bare: set[str] = set()
        for name in names:
            if not broad(name) and not any(argument.passed for argument in name.arguments):
                bare |= {path.rpartition(".")[2] for path in paths(name)}
            attributes |= {part for path in paths(name) for part in path.split(".")}
            arguments |= {argument.name for argument in name.arguments}
        for loss in losses:
            attributes |= set(loss.path.split("."))
            arguments |= {loss.argument} if loss.argument else set()
        return cls(frozenset(attributes), frozenset(arguments), frozenset(bare))


@dataclass(frozen=True)
class Use:
    """A place where the project uses a name of httpx.

    Attributes:
        source: The file.
        line: The line.
        path: The name in httpx, as `Client.get`.
        how: What is done with it: one of `HOWS`.
        keywords: What a call gives.
        node: Where it is.
        via: For what a call passes on: the function of the project that it calls.
    """

    source: Source
    line: int
    path: str
    how: str
    keywords: Keywords | None = None
    node: ast.AST | None = field(default=None, compare=False)
    via: str | None = None


@dataclass(frozen=True, order=True)
class Unfollowed:
    """A place where it cannot be said what the project does.

    Attributes:
        name: The file.
        line: The line.
        what: What could not be followed.
    """

    name: str
    line: int
    what: str


class Finder:
    """Finds where a project uses httpx.

    Args:
        inference: What says what expressions are.
        interest: What is looked for.
        signatures: For what can be called in the release, the names of its parameters.
        say: Told how far it is.

    Attributes:
        uses: What was found.
        named: The names of the package as they are written, private ones too: file, line, and the name below it.
        unfollowed: Where it cannot be said what the project does.
    """

    def __init__(
        self,
        inference: Inference,
        interest: Interest,
        signatures: Mapping[str, Sequence[str]],
        say: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> None:
        self.inference = inference
        self.interest = interest
        self.signatures = signatures
        self.say = say
        self.uses: list[Use] = []
        self.named: list[tuple[Source, int, str]] = []
        self.unfollowed: set[Unfollowed] = set()

    def find(self) -> None:
        """Look through all files."""
        sources = [source for source in self.inference.sources if source in self._reaching]
        for number, source in enumerate(sources):
            self.say(number, len(sources))
            for node in source.nodes:
                self._node(source, node)
        self._passed_on()

    @cached_property
    def _reaching(self) -> set[Source]:
        """The files that could have to do with httpx: they name it, or import a file of the project that does."""
        by_name: dict[str, list[Source]] = defaultdict(list)
        for source in self.inference.sources:
            parts = source.name.removesuffix(".py").removesuffix("/__init__").split("/")
            by_name[parts[-1]].append(source)
        found = {source for source in self.inference.sources if any(m in source.text for m in self.inference.modules)}
        asking = {
            source: {part for target in source.bound.values() for part in target.split(".")} & by_name.keys()
            for source in self.inference.sources
        }
        while True:
            known = {source.name.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2] for source in found}
            folders = {source.name.rpartition("/")[0] for source in found if source.name.endswith("conftest.py")}
            more = {
                source
                for source, asked in asking.items()
                if source not in found
                and (asked & known or any(source.name.startswith(f"{folder}/") for folder in folders))
            }
            if not more:
                return found
            found |= more

    def _node(self, source: Source, node: ast.AST) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(source, node)
            case ast.Attribute():
                self._attribute(source, node)
            case ast.Name(ctx=ast.Load()):
                self._name(source, node)
            case ast.Call():
                self._called(source, node)
            case ast.Constant(value=str(text)):
                self._text(source, node, text)
            case ast.With() | ast.AsyncWith():
                self._block(source, node)
            case ast.Subscript() | ast.Compare() | ast.For() | ast.FormattedValue():
                self._operator(source, node)

    def _import(self, source: Source, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            dotted = alias.name if isinstance(node, ast.Import) else f"{node.module or ''}.{alias.name}"
            if isinstance(node, ast.ImportFrom) and node.level:
                continue
            first, _, rest = dotted.partition(".")
            if first not in (*self.inference.modules, "respx"):
                continue
            line = alias.lineno
            self._written(source, line, dotted)
            self._add(source, line, "httpx" if first in self.inference.modules else first, "import", node)
            for part in {rest.partition(".")[0], public(rest)} - {"", "*"}:
                self._add(source, line, part, "import", node)

    def _written(self, source: Source, line: int, dotted: str) -> None:
        """Keep a name as it is written, below the package."""
        rest = dotted.partition(".")[2]
        if rest and "*" not in rest:
            self.named.append((source, line, rest))

    def _attribute(self, source: Source, node: ast.Attribute) -> None:
        whole = source.parent(node)
        direct = self._ours(source, node)
        private = node.attr.startswith("_") and not node.attr.startswith("__")
        if private and isinstance(node.value, ast.Attribute) and self._ours(source, node.value):
            what = f"what becomes of `{ast.unparse(node)}`, which is private"
            self.unfollowed.add(Unfollowed(source.name, node.lineno, what))
        if direct and isinstance(whole, ast.Attribute) and private:
            self._written(
                source, node.lineno, ast.unparse(whole).replace(ast.unparse(node.value), self.inference.modules[0])
            )
        if node.attr not in self.interest.attributes and node.attr not in _TELLING and not direct:
            return
        if isinstance(whole, ast.Call) and whole.func is node and not direct and self._idle(node.attr, whole):
            return
        paths = self._paths(source, node)
        asked = self.interest.attributes & {node.attr, *_TELLING_ALSO.get(node.attr, ())}
        if not paths and node.attr in _TELLING and asked and not any(self.inference.of(source, node.value)):
            what = f"what `{ast.unparse(node.value)}` is, asked for `{node.attr}`"
            self.unfollowed.add(Unfollowed(source.name, node.lineno, what))
        if isinstance(whole, ast.Call) and whole.func is node:
            for path in paths:
                self._call(source, whole, path, node.end_lineno or node.lineno)
            return
        for path in paths:
            self._named(source, node.end_lineno or node.lineno, path, node)

    def _idle(self, method: str, call: ast.Call) -> bool:
        """Whether it does not matter what has a method, as most that have a `get`: nothing asked about is given."""
        given = any(each.arg is None or each.arg in self.interest.arguments for each in call.keywords)
        return method in SENDS and method not in self.interest.bare and not given

    def _paths(self, source: Source, node: ast.Attribute) -> set[str]:
        """The names in httpx that an attribute has: by what has it, and by where that was had from."""
        found: set[str] = set()
        values = self.inference.of(source, node.value)
        own = [value.own for value in values if value.own]
        if self.inference.own_method(own, node.attr) is not None and not _is_super(node.value):
            # What the project's own method passes on to httpx is listed within it.
            return found
        for value in values:
            if not value.own and value.kind in {"module", "class", "instance"}:
                path = public(f"{value.path}.{node.attr}" if value.path else node.attr)
                found |= {path} if path else set()
        if isinstance(node.value, ast.Attribute) and found and node.value.attr in self.interest.attributes:
            found |= {f"{path}.{node.attr}" for path in self._paths(source, node.value) if path.partition(".")[2]}
        return found

    def _name(self, source: Source, node: ast.Name) -> None:
        dotted = source.bound.get(node.id)
        if dotted is None or not self.inference.path(dotted):
            return
        whole = source.parent(node)
        for value in self.inference.of(source, node):
            if value.path and isinstance(whole, ast.Call) and whole.func is node:
                self._call(source, whole, value.path, node.lineno)
            elif value.path:
                self._named(source, node.lineno, value.path, node)

    def _called(self, source: Source, node: ast.Call) -> None:
        """A call whose name says nothing: of the project's own class, of a variable, `super().__init__`, `partial`."""
        function, arguments = node.func, node.args
        if isinstance(function, ast.Name) and function.id == "str" and arguments:
            self._operator(source, node)
            return
        if ast.unparse(function) in {"partial", "functools.partial"} and arguments:
            function, arguments = arguments[0], arguments[1:]
        elif isinstance(function, ast.Attribute) and function.attr == "__init__":
            for value in self.inference.of(source, function.value):
                if value.path:
                    self._call(source, node, value.path, node.lineno)
            return
        elif not self._telling(source, node):
            return
        self._made(source, node, function, arguments)

    def _made(self, source: Source, node: ast.Call, function: ast.expr, arguments: list[ast.expr]) -> None:
        """A call of what turns out to be a class or a function of httpx, or a class that is derived from one."""
        values = self.inference.of(source, function)
        own = [value.own for value in values if value.own and value.kind == "class"]
        init = self.inference.own_method(own, "__init__")
        for value in values:
            if value.path and value.kind in {"class", "function"}:
                call = node if function is node.func else ast.Call(function, arguments, node.keywords)
                if init is None:
                    self._call(source, call, value.path, node.lineno)
                elif init.args.kwarg:
                    # What the project's own class takes itself is listed where that gives it on.
                    taken = {*parameters(init), "self"}
                    given = keywords.of_call(source, call)
                    named = {name: each for name, each in given.named.items() if name not in taken}
                    passed = Keywords(named, [], given.open, given.passed_on)
                    self.uses.append(
                        Use(source, node.lineno, value.path, "call", passed, node, own[0].rpartition(".")[2])
                    )

    def _telling(self, source: Source, node: ast.Call) -> bool:
        """Whether a call is worth asking about that has not been looked at by its name."""
        function = node.func
        if isinstance(function, ast.Attribute):
            bound = isinstance(function.value, ast.Name) and function.value.id in source.bound
            if (
                function.attr in self.interest.attributes
                or function.attr in _TELLING
                or (bound and self._ours(source, function))
            ):
                return False
        elif not isinstance(function, ast.Name) or self._ours(source, function):
            return False
        last = function.attr if isinstance(function, ast.Attribute) else function.id
        return last in self._derived or any(
            keyword.arg is None or keyword.arg in self.interest.arguments for keyword in node.keywords
        )

    def _ours(self, source: Source, node: ast.expr) -> bool:
        """Whether a name is httpx's by its import."""
        first = node.value if isinstance(node, ast.Attribute) else node
        dotted = source.bound.get(first.id) if isinstance(first, ast.Name) else None
        return dotted is not None and self.inference.path(dotted) is not None

    @cached_property
    def _derived(self) -> set[str]:
        """The names of the project's classes that are derived from one of httpx's, as far as names tell."""
        classes = [
            (source, node)
            for source in self.inference.sources
            if source in self._reaching
            for node in source.nodes
            if isinstance(node, ast.ClassDef)
        ]
        found: set[str] = set()
        while True:
            more = {
                node.name
                for source, node in classes
                if node.name not in found
                for base in node.bases
                if _last(base) in found or self._ours(source, base)
            }
            if not more:
                return found
            found |= more

    def _text(self, source: Source, node: ast.Constant, text: str) -> None:
        """A name in a text, as what patches it has it, or an annotation."""
        found = _TEXT.fullmatch(text)
        if found and found["module"] in self.inference.modules:
            self._written(source, node.lineno, text)
        if found and (path := self.inference.path(text)):
            how = _how(source, node)
            self._add(source, node.lineno, path, how if how == "annotation" else "text", node)

    def _block(self, source: Source, node: ast.With | ast.AsyncWith) -> None:
        """A block of a client that was made elsewhere."""
        asked = "__aenter__" if isinstance(node, ast.AsyncWith) else "__enter__"
        if asked not in self.interest.attributes:
            return
        for item in node.items:
            made = item.context_expr
            if not isinstance(made, ast.Name | ast.Attribute) or _made_here(source, made):
                continue
            for value in self.inference.of(source, made):
                if value.path in CLIENTS and value.kind == "instance":
                    self._add(source, made.lineno, f"{value.path}.{asked}", "read", made)

    def _operator(self, source: Source, node: ast.expr | ast.For) -> None:
        """What is asked of an object by an operator."""
        asked: list[tuple[str, ast.expr]] = []
        match node:
            case ast.Subscript(value=value, ctx=ast.Load()):
                asked = [("__getitem__", value)]
            case ast.Subscript(value=value, ctx=ast.Store()):
                asked = [("__setitem__", value)]
            case ast.Subscript(value=value):
                asked = [("__delitem__", value)]
            case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
                # A word is no URL and no headers, and what it is compared with is unequal to it anyway.
                sides = [side for side in (left, right) if not _is_word(side)]
                asked = [("__eq__", side) for side in sides if len(sides) > 1]
            case ast.For(iter=value):
                asked = [("__iter__", value)]
            case ast.FormattedValue(value=value) | ast.Call(args=[value, *_]):
                asked = [("__str__", value)]
        for method, value in asked:
            if method not in self.interest.attributes or isinstance(value, ast.Constant):
                continue
            for path in self._objects(source, value):
                self._add(source, value.lineno, f"{path}.{method}", "read", node)

    def _objects(self, source: Source, value: ast.expr) -> set[str]:
        """What an object is: its class, and where it was had from."""
        found = {each.path for each in self.inference.of(source, value) if each.path and each.kind == "instance"}
        if found and isinstance(value, ast.Attribute):
            found |= self._paths(source, value)
        return found

    def _call(self, source: Source, node: ast.Call, path: str, line: int) -> None:
        given = keywords.of_call(source, node, self.signatures.get(path, ()))
        self.uses.append(Use(source, line, path, "call", given, node))

    def _named(self, source: Source, line: int, path: str, node: ast.expr) -> None:
        """A name that is not called: read, set, caught, or what a class is derived from."""
        how = _how(source, node)
        self._add(source, line, path, how, node)
        if how == "base":
            self._add(source, line, f"{path}.__init_subclass__", how, node)

    def _add(self, source: Source, line: int, path: str, how: str, node: ast.AST) -> None:
        self.uses.append(Use(source, line, path, how, node=node))

    def _passed_on(self) -> None:
        """Follow what functions of the project pass on by `**` to their callers."""
        waiting = [
            (use, function, taken_out, 0)
            for use in self.uses
            if use.keywords is not None
            for function, taken_out in use.keywords.passed_on
        ]
        done = set()
        while waiting:
            use, function, taken_out, depth = waiting.pop()
            if (function, use.path) in done or depth > _DEEP:
                continue
            done.add((function, use.path))
            for source, call in self._callers(use.source, function):
                given = keywords.of_call(source, call)
                own = {*parameters(function), *taken_out}
                extra = {name: each for name, each in given.named.items() if name not in own}
                passed = replace(
                    use,
                    source=source,
                    line=call.lineno,
                    keywords=Keywords(extra, [], given.open, given.passed_on),
                    node=call,
                    via=function.name,
                )
                self.uses.append(passed)
                waiting += [(passed, outer, taken_out | out, depth + 1) for outer, out in given.passed_on]

    def _callers(self, source: Source, function: Function) -> Iterator[tuple[Source, ast.Call]]:
        """The calls of a function of the project that give something to pass on."""
        owner = source.owner(function) if source.parent(function) is source.owner(function) else None
        names = {function.name}
        if owner is not None and function.name == "__init__":
            names = {owner.name, *self._below(owner.name)}
        for name in sorted(names):
            for other, call in self._calls.get(name, ()):
                if self._calls_it(other, call, function, owner, names):
                    yield other, call

    def _calls_it(
        self,
        other: Source,
        call: ast.Call,
        function: Function,
        owner: ast.ClassDef | None,
        names: set[str],
    ) -> bool:
        found = self.inference.definitions(other, call.func)
        if function.name == "__init__" and owner is not None:
            return any(isinstance(node, ast.ClassDef) and node.name in names for _, node in found)
        if found:
            return any(node is function for _, node in found)
        if isinstance(call.func, ast.Attribute) and not self.inference.foreign(other, call.func):
            given = {each.arg for each in call.keywords if each.arg} - set(parameters(function))
            if given & self.interest.arguments and not self.inference.of(other, call.func.value):
                # Nothing is known of what has the method, and the project passes this argument on under that name.
                return True
        within = other.owner(call)
        return owner is not None and within is not None and within.name in {owner.name, *self._below(owner.name)}

    @cached_property
    def _calls(self) -> dict[str, list[tuple[Source, ast.Call]]]:
        """The calls that give something by name, by the last part of what is called."""
        found: dict[str, list[tuple[Source, ast.Call]]] = defaultdict(list)
        for source in self.inference.sources:
            for node in source.nodes:
                if isinstance(node, ast.Call) and any(
                    each.arg is None or each.arg in self.interest.arguments for each in node.keywords
                ):
                    found[_last(node.func)].append((source, node))
        return found

    def _below(self, name: str) -> set[str]:
        """The names of the project's classes below one of it."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            above = waiting.pop()
            more = self._bases.get(above, set()) - found
            found |= more
            waiting += more
        return found

    @cached_property
    def _bases(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for source in self.inference.sources:
            for node in source.nodes:
                if isinstance(node, ast.ClassDef):
                    for base in node.bases:
                        found[_last(base)].add(node.name)
        return found


def paths(name: Name) -> Iterator[str]:
    """The names in httpx that a name stands for: each that sends, and those of the other kind of client."""
    first, _, rest = name.path.partition(".")
    if not rest:
        yield from SENDS if first == "request" else (first,)
        if not name.exact and first in _ALSO:
            yield _ALSO[first]
        return
    sending: tuple[str, ...] = SENDS if rest == "request" and first in CLIENTS else (rest,)
    if len(sending) > 1 and name.arguments and all(each.passed and each.name in _IN_BODY for each in name.arguments):
        yield "Request"
        sending = (*sending, "build_request")
    for method in sending:
        yield f"{first}.{method}"
        if not name.exact and first in _ALSO:
            yield f"{_ALSO[first]}.{method}"
            if method in _ALSO_METHOD:
                yield f"{_ALSO[first]}.{_ALSO_METHOD[method]}"
        if method in SENDS and first == "Client":
            yield method


def broad(name: Name) -> bool:
    """Whether a name is about every request or every client, which is not a matter of lines."""
    bare = not name.called and not name.assigned
    return name.broad or (bare and name.path in {"Client.request", "AsyncClient.request", "request", *CLIENTS})


#: What a telling attribute stands for that is asked about under another name.
_TELLING_ALSO: dict[str, tuple[str, ...]] = {"aclose": ("close",), "aread": ("read",)}


def _is_word(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and "://" not in str(node.value)


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "super"


def _last(node: ast.expr) -> str:
    """The last part of a name, empty for what is none."""
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _how(source: Source, node: ast.expr) -> str:
    """What is done with a name that is not called."""
    context = getattr(node, "ctx", None)
    if isinstance(context, ast.Store | ast.Del):
        return "set" if isinstance(context, ast.Store) else "delete"
    around = itertools.pairwise([node, *source.above(node)])
    return next((how for below, above in around if (how := _within(above, below))), "read")


def _within(above: ast.AST, below: ast.AST) -> str | None:
    """What is done with what is directly in something, where that says it."""
    match above:
        case ast.arg():
            return "annotation"
        case ast.AnnAssign(annotation=said) | ast.FunctionDef(returns=said) | ast.AsyncFunctionDef(returns=said):
            return "annotation" if said is below else None
        case ast.ExceptHandler(type=caught):
            return "except" if caught is below else None
        case ast.ClassDef(bases=bases):
            return "base" if below in bases else None
    return None


def _made_here(source: Source, node: ast.Name | ast.Attribute) -> bool:
    """Whether a variable was given what a call made, in the function that it is in."""
    function = source.function(node)
    within = function if function is not None else source.tree
    return isinstance(node, ast.Name) and any(
        isinstance(each, ast.Assign)
        and isinstance(each.value, ast.Call)
        and any(isinstance(target, ast.Name) and target.id == node.id for target in each.targets)
        for each in ast.walk(within)
    )
