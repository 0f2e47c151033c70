"""The rules of the house, read from the code itself: which wing imports what, and that everything says what it is."""

import ast
import sys

import pytest
from stage import ROOT

REPRO = ROOT / "repro"
MODULES = sorted(REPRO.rglob("*.py"))
GROUND = {"problem", "files", "release", "record", "epochs", "secret"}
TESTS = [*sorted((ROOT / "tests").rglob("test_*.py")), *sorted((ROOT / "tests").rglob("conftest.py"))]

#: What each wing may import beside the standard library.
ALLOWED = {
    "ground": {"packaging"},
    "project": {"flask", "httpx"},
    "example": {"httpx", "pytest", "syrupy", "search"},
    "hardened": {"flask", "httpx", "onceonly", "prometheus_client", "tenacity"},
    "cell": {
        "httpx",
        "flask",
        "werkzeug",
        "pytest",
        "syrupy",
        "respx",
        "trio",
        "h2",
        "hpack",
        "hyperframe",
        "h11",
        "packaging",
        "waitress",
    },
    "kit": {
        "packaging",
        "filelock",
        "tomlkit",
        "trustme",
        "cryptography",
        "griffe",
        "jedi",
        "jsonschema",
        "numpy",
        "poetry",
        "prometheus_client",
        "pypi_simple",
        "requests",
        "scipy",
        "urllib3",
        "yaml",
    },
}


def wing(path):
    """Which part of the house a module is in."""
    parts = path.relative_to(REPRO).parts
    return parts[0] if len(parts) > 1 else "ground"


def imports(path):
    """Every module that a file imports, wherever in it, by its full name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports from a relative place"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def part(name):
    """Which part of the house an imported module is in; None if in none."""
    parts = name.split(".")
    if parts[0] != "repro":
        return None
    if len(parts) == 1 or parts[1] in GROUND:
        return "ground"
    return parts[1]


def named(path):
    """The path as pytest shows it."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_wings_do_not_import_each_other(path):
    """A cell never imports the kit, the kit never imports a cell, and the ground floor imports neither."""
    used = {part(name) for name in imports(path)} - {None}
    allowed = {
        "ground": {"ground"},
        "cell": {"ground", "cell", "project", "hardened"},
        "kit": {"ground", "kit"},
        "project": {"project"},
        "example": {"cell"},
        "hardened": {"hardened"},
    }
    assert used <= allowed[wing(path)]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_wings_import_only_what_they_have(path):
    """What runs in a cell needs only what every cell has; the ground floor needs next to nothing."""
    outside = {name.partition(".")[0] for name in imports(path)} - set(sys.stdlib_module_names) - {"repro"}
    # What runs in other people's projects has pytest at most, and itself.
    alone = path.parent.name == "inside" and path.parent.parent.name == "cell"
    allowed = (
        {"pytest", "_pytest"} | {beside.stem for beside in path.parent.glob("*.py")} if alone else ALLOWED[wing(path)]
    )
    assert outside <= allowed


def test_ground_floor_is_what_both_wings_may_use():
    """The ground floor is the modules beside the wings, and no more."""
    assert {path.stem for path in REPRO.glob("*.py")} == GROUND | {"__init__"}


def test_command_line_works_where_only_nox_is():
    """What the verbs of a run import is in the standard library or comes with nox."""
    lazy = {"index", "certificates", "costs", "ratio", "openapi"}
    used = {
        name.partition(".")[0]
        for path in MODULES
        if wing(path) in {"kit", "ground"}
        and path.stem not in lazy
        and path.parent.name not in {"canary", "downstream", "usage"}
        for name in imports(path)
    }
    assert used - set(sys.stdlib_module_names) <= {"repro", "packaging", "filelock"}


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_everything_public_says_what_it_is(path):
    """Every module, class and public function has a docstring."""
    tree = ast.parse(path.read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    inner = {
        id(node)
        for outer in found
        if not isinstance(outer, ast.ClassDef)
        for node in ast.walk(outer)
        if node is not outer
    }
    silent = [
        node.name
        for node in found
        if not node.name.startswith("_") and id(node) not in inner and ast.get_docstring(node) is None
    ]
    assert ast.get_docstring(tree)
    assert silent == []


@pytest.mark.parametrize("path", TESTS, ids=named)
def test_every_test_says_what_it_holds(path):
    """Every test file and every test has a docstring, whose first line is a sentence."""
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            title = (ast.get_docstring(node) or "").partition("\n")[0]
            assert title.endswith((".", "?")), f"{node.name}: {title!r}"


@pytest.mark.parametrize("path", [path for path in MODULES if wing(path) in {"kit", "ground"}], ids=named)
def test_every_module_of_the_kit_has_its_tests(path):
    """Each module of the kit and of the ground floor has the file of its tests."""
    name = path.stem.strip("_")
    assert name == "init" or (ROOT / "tests" / "kit" / f"test_{name}.py").is_file()


@pytest.mark.parametrize("path", [path for path in TESTS if "cell" in path.relative_to(ROOT).parts], ids=named)
def test_behaviours_never_ask_for_the_version(path):
    """A behaviour asks for a capability, and never which release it runs under."""
    text = path.read_text()
    assert "__version__" not in text
    assert "importlib.metadata" not in text
    assert not {part(name) for name in imports(path)} & {"kit"}


def test_every_file_of_behaviours_has_a_name_of_its_own():
    """No two files of behaviours have the same name: pytest imports a file by its name alone."""
    names = [path.name for path in (ROOT / "tests" / "cell").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
