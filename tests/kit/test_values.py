"""What kind of value an argument is given: its type, or what is in its text."""

import ast

import pytest
from projects import PACKAGES

from repro.kit.usage import sources, values
from repro.kit.usage.inference import Inference


@pytest.fixture
def fits(tmp_path, tmp_path_factory):
    """Whether what a call `f(...)` of a file is given is of one of some kinds."""

    def ask(text, *kinds):
        (tmp_path / "app.py").write_text(text)
        found, _ = sources.read(tmp_path)
        inference = Inference(found, tmp_path, PACKAGES, ("httpx",), tmp_path_factory.getbasetemp() / "jedi")
        calls = [node for node in found[0].nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "f"]
        return values.fits(kinds, inference, found[0], calls[-1].args[0])

    return ask


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("f(1)", "int"),
        ("f(None)", "None"),
        ("f(False)", "False"),
        ("f('a')", "str"),
        ("f(b'a')", "bytes"),
        ("f(f'{1}')", "str"),
        ("f({})", "dict"),
        ("f([x for x in ()])", "list"),
        ("f((1, 2))", "tuple"),
        ("f({1})", "set"),
        ("f(x for x in ())", "iterator"),
        ("f(lambda r: r)", "function"),
        ("def g(): ...\nf(g)", "function"),
        ("def g():\n    yield 1\nf(g())", "iterator"),
        ("f(open('a'))", "file"),
        ("import io\nf(io.BytesIO())", "file"),
        ("from pathlib import Path\nf(Path('a'))", "Path"),
        ("import ssl\nf(ssl.create_default_context())", "SSLContext"),
        ("import httpx\nf(httpx.Timeout(5))", "Timeout"),
        ("def g(a: dict):\n    f(a)", "dict"),
        ("from typing import Optional\ndef g(a: Optional[str] = None):\n    f(a)", "str"),
        ("import typing as t\ndef g(a: t.Union[t.Dict[str, int], str]):\n    f(a)", "dict"),
        ("def g(a: list[str] | None):\n    f(a)", "list"),
        ("a = 'x' if 1 else {}\nf('x' if a else {})", "dict"),
        ("f(None or {})", "dict"),
        ("class A: ...\nf(A())", "object"),
        ("import httpx\nclass A(httpx.BaseTransport): ...\nf(A())", "object"),
    ],
)
def test_value_is_of_its_kind(fits, text, kind):
    """A value is of the kind that the code shows, and of no other."""
    assert fits(text, "other", kind) is True
    assert fits(text, "other") is False


@pytest.mark.parametrize("text", ["def g(a):\n    f(a)", "f(unknown())", "def g(a=None):\n    f(a)"])
def test_value_that_is_not_seen_is_of_no_known_kind(fits, text):
    """Of a value that the code does not show nothing is said, also where it is None by default."""
    assert fits(text, "dict") is None


def test_release_s_own_object_is_not_an_object_of_another_class(fits):
    """An object of a class of httpx is of that class, and is not what a caller wrote."""
    assert fits("import httpx\nf(httpx.HTTPTransport())", "object") is False


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("odd", "f('word')", False),
        ("odd", "f('two words')", True),
        ("odd", "f({'a': 1, 'b': ['c', None]})", False),
        ("odd", "f({'a': 'b c'})", True),
        ("odd", "f({'a': b'c'})", True),
        ("odd", "f({**{'a': 1}})", True),
        ("odd", "def g(a):\n    f({'a': a})", True),
        ("odd", "a = 'word'\nf(a)", False),
        ("odd", "a: str = 'word'\nf(a)", False),
        ("odd", "a = 'word'\ndef g():\n    f(a)", False),
        ("odd", "a = 'word'\na = 'b'\nf(a)", True),
        ("odd", "a = 'word'\na += 'b'\nf(a)", True),
        ("odd", "a = 'word'\ndef g(a):\n    f(a)", True),
        ("odd", "a: str\nf(a)", True),
        ("odd", "f(unknown)", True),
        ("odd_url", "f('http://example.org/a?b=c')", False),
        ("odd_url", "f('http://example.org/{a}')", True),
        ("odd_url", "def g(a):\n    f(a)", True),
        ("spaced", "f('a/b%c')", False),
        ("spaced", "f('a b')", True),
        ("spaced", "def g(a):\n    f(a)", True),
        ("quoted", "f('a')", False),
        ("quoted", "f('{a}')", True),
        ("quoted", "def g(a):\n    f(a)", False),
        ("pairs", "f(1)", False),
        ("pairs", "f({})", False),
        ("pairs", "f([])", False),
        ("pairs", "f(['a'])", False),
        ("pairs", "f([{'a': 1}])", True),
        ("pairs", "f([1, 2])", True),
        ("pairs", "f({'a': 1})", True),
        ("pairs", "def g(a):\n    f(a)", True),
        ("no_text", "f({'a': 1})", True),
        ("no_text", "f({'a': None})", True),
        ("no_text", "f({'a': 'b', 'c': b'd'})", False),
        ("no_text", "def g(a):\n    f(a)", False),
        ("query", "f('http://example.org/?a=b')", True),
        ("query", "f('http://example.org/')", False),
        ("query", "f(f'/a?b={1}')", True),
        ("query", "f('/a?b={}'.format(1))", True),
        ("query", "f('/a' + '?b')", True),
        ("query", "def g(a):\n    f(a)", False),
        ("perhaps_query", "def g(a):\n    f(a)", True),
        ("perhaps_query", "f('/a')", False),
        ("perhaps_query", "f(f'/a/{1}')", False),
        ("perhaps_query", "f('/a?b')", True),
    ],
)
def test_content_is_seen_or_not_excluded(fits, kind, text, expected):
    """What has to be escaped may be in what is not seen; a query or a number counts only where it is seen."""
    assert fits(text, kind) is expected


def test_content_of_nothing_is_none(tmp_path):
    """Where there is no expression to see, no content is seen either, and no type is known."""
    (tmp_path / "app.py").write_text("")
    found, _ = sources.read(tmp_path)
    assert values.fits(("odd",), None, found[0], None) is False
    assert values.fits(("dict",), None, found[0], None) is None
