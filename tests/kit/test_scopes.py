"""What the names of a function stand for, as far as its own lines say."""

import ast

import pytest

from repro.kit.usage import scopes


def told(text):
    """What names are bound to, as it is written."""
    return {name: [*map(ast.unparse, values)] for name, values in scopes.bindings(ast.parse(text)).items()}


def test_names_are_bound_by_assignments_and_blocks():
    """A name is bound to what is assigned to it, and to what a block is entered with, all of it in order."""
    text = "a = 1\nwith b() as c, d() as e:\n    a = c\nasync def f():\n    async with e as g:\n        print(h := g)"
    assert told(text) == {"a": ["1", "c"], "c": ["b()"], "e": ["d()"], "g": ["e"], "h": ["g"]}


@pytest.mark.parametrize(
    "text",
    [
        "for a in b: ...",
        "[a for a in b]",
        "a, c = b",
        "a += 1",
        "del a",
        "def f(a): ...",
        "def f(*a): ...",
        "def f(**a): ...",
        "lambda a: 1",
        "def a(): ...",
        "async def a(): ...",
        "class a: ...",
        "import a",
        "import a.b",
        "import b as a",
        "from b import a",
        "try: ...\nexcept b as a: ...",
        "match b:\n    case [1, *a]: ...",
        "match b:\n    case {1: 2, **a}: ...",
        "match b:\n    case 1 as a: ...",
        "def f():\n    global a",
        "def f():\n    nonlocal a",
        "with b as (a, c): ...",
        "a: int = 1",
    ],
)
def test_name_that_is_bound_otherwise_as_well_is_left_out(text):
    """A name is left out that anything else binds, wherever in the scope."""
    assert told(f"a = 1\nz = 2\n{text}") == {"z": ["2"]}
