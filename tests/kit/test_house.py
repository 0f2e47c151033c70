"""The rules of the house, read from the code itself: which wing imports what, and that everything says what it is."""

import ast
import functools
import sys

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


@functools.cache
def tree(path):
    """The syntax tree of a file, which several rules look at."""
    return ast.parse(path.read_text())


@functools.cache
def nodes(path):
    """Every part of a file that says something of it: what it imports, and what it defines."""
    kinds = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return [node for node in ast.walk(tree(path)) if isinstance(node, kinds)]


@functools.cache
def imports(path):
    """Every module that a file imports, wherever in it, by its full name."""
    found = set()
    for node in nodes(path):
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


def broken(rule, paths):
    """The files that break a rule, as messages name them, each with what breaks it."""
    found = {str(path.relative_to(ROOT)): rule(path) for path in paths}
    return {name: wrong for name, wrong in found.items() if wrong}


def test_wings_do_not_import_each_other():
    """A cell never imports the kit, the kit never imports a cell, and the ground floor imports neither."""
    allowed = {
        "ground": {"ground"},
        "cell": {"ground", "cell", "project", "hardened"},
        "kit": {"ground", "kit"},
        "project": {"project"},
        "example": {"cell"},
        "hardened": {"hardened"},
    }

    def rule(path):
        return {part(name) for name in imports(path)} - {None} - allowed[wing(path)]

    assert broken(rule, MODULES) == {}


def test_wings_import_only_what_they_have():
    """What runs in a cell needs only what every cell has; the ground floor needs next to nothing."""

    def rule(path):
        outside = {name.partition(".")[0] for name in imports(path)} - set(sys.stdlib_module_names) - {"repro"}
        # What runs in other people's projects has pytest at most, and itself.
        alone = path.parent.name == "inside" and path.parent.parent.name == "cell"
        beside = {"pytest", "_pytest"} | {other.stem for other in path.parent.glob("*.py")}
        return outside - (beside if alone else ALLOWED[wing(path)])

    assert broken(rule, MODULES) == {}


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


def silent(path):
    """What a module should say and does not: of itself, of its classes and of its public functions."""
    found = [node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    inner = {
        id(node)
        for outer in found
        if not isinstance(outer, ast.ClassDef)
        for node in ast.walk(outer)
        if node is not outer
    }
    unsaid = [
        node.name
        for node in found
        if not node.name.startswith("_") and id(node) not in inner and ast.get_docstring(node) is None
    ]
    return unsaid if ast.get_docstring(tree(path)) else ["the module", *unsaid]


def test_everything_public_says_what_it_is():
    """Every module, class and public function has a docstring."""
    assert broken(silent, MODULES) == {}


def untitled(path):
    """The tests of a file whose docstring does not begin with a sentence, and the file where it has none."""
    unsaid = [
        node.name
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not (ast.get_docstring(node) or "").partition("\n")[0].endswith((".", "?"))
    ]
    return unsaid if ast.get_docstring(tree(path)) else ["the file", *unsaid]


def test_every_test_says_what_it_holds():
    """Every test file and every test has a docstring, whose first line is a sentence."""
    assert broken(untitled, TESTS) == {}


def test_every_module_of_the_kit_has_its_tests():
    """Each module of the kit and of the ground floor has the file of its tests."""
    names = {path.stem.strip("_") for path in MODULES if wing(path) in {"kit", "ground"}} - {"init"}
    assert [name for name in sorted(names) if not (ROOT / "tests" / "kit" / f"test_{name}.py").is_file()] == []


def test_behaviours_never_ask_for_the_version():
    """A behaviour asks for a capability, and never which release it runs under."""

    def rule(path):
        text = path.read_text()
        asks = [word for word in ("__version__", "importlib.metadata") if word in text]
        return asks + [name for name in imports(path) if part(name) == "kit"]

    assert broken(rule, [path for path in TESTS if "cell" in path.relative_to(ROOT).parts]) == {}


def test_every_file_of_behaviours_has_a_name_of_its_own():
    """No two files of behaviours have the same name: pytest imports a file by its name alone."""
    names = [path.name for path in (ROOT / "tests" / "cell").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
