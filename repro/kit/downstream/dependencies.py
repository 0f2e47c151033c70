"""What the tests of a project need: declared in one of the many ways that there are, or given away by the tests.

Exact pins are kept apart from what they pin: they hold a package where it is, and httpx is what moves.
"""

from __future__ import annotations

import ast
import configparser
import re
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.dependency_groups import resolve_dependency_groups
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from repro.kit import requirements
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

CONVENTIONS = tomllib.loads(Path(__file__).with_name("conventions.toml").read_text(encoding="utf-8"))

_GROUPS = frozenset(CONVENTIONS["groups"])
_TOOLS = frozenset(CONVENTIONS["tools"])

# The project itself in a file of requirements, with extras.
_ITSELF = re.compile(r"^\s*(?:(?:-e|--editable)[\s=]*)?(?:file:)?\.\[([^\]]+)\]", re.MULTILINE)


@dataclass
class Needs:
    """What a project and its tests are installed with.

    Attributes:
        package: Whether the project itself can be installed; an application's files are only put on the path.
        extras: The project's extras that its tests need.
        requirements: What is installed beside it, by normalised name.
        pins: Versions that requirement files hold exactly, by normalised name.
        sources: Where each was found, for the report.
        guessed: What nothing declares and the tests give away.
        given: What the person asked for who runs this, whenever it was uploaded.
    """

    package: bool
    extras: list[str] = field(default_factory=list)
    requirements: dict[str, Requirement] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    guessed: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    def add(self, requirement: Requirement, *, tools: bool = False) -> None:
        """Take in a requirement; what only developers use is left out unless `tools`."""
        name = canonicalize_name(requirement.name)
        if not tools and (name in _TOOLS or name.startswith("types-") or name.endswith("-stubs")):
            return
        exact = [s.version for s in requirement.specifier if s.operator in {"==", "==="}]
        if exact and not requirement.url:
            # A series, as ==0.23.*, holds no version, and is nothing that an upgrade has to heed either.
            if "*" not in exact[0]:
                self.pins.setdefault(name, exact[0])
            requirement = Requirement(str(requirement))
            requirement.specifier = type(requirement.specifier)()
        known = self.requirements.get(name)
        if known is not None:
            # Each marker speaks for its Pythons; where two lists disagree, the resolver has to satisfy both.
            requirement.extras |= known.extras
            requirement.specifier &= known.specifier
            if known.marker is None or requirement.marker is None:
                requirement.marker = None
        self.requirements[name] = requirement


def declared(folder: Path, given: Iterable[str] = ()) -> Needs:
    """What the tests of a project need.

    Args:
        folder: The project.
        given: Further requirements, from the person who runs this.

    Raises:
        Problem: A file of the project is damaged, or a given requirement is none.
    """
    data = _table(folder / "pyproject.toml")
    needs = Needs(package=_installable(folder, data))
    _extras(folder, data, needs)
    _groups(folder, data, needs)
    _tools(data, needs)
    _tox(folder, needs)
    for path in _files(folder):
        _file(path, folder, needs)
    if not needs.package:
        for text in data.get("project", {}).get("dependencies", ()):
            _requirement(text, "pyproject.toml", needs)
    for text in given:
        try:
            needs.add(Requirement(text), tools=True)
            needs.given.append(canonicalize_name(Requirement(text).name))
        except InvalidRequirement:
            raise Problem(f"{text!r} is no requirement.", "Write it as pip does: --with 'respx>=0.21'") from None
    _guess(folder, data, needs)
    needs.add(Requirement("pytest"))
    return needs


def _table(path: Path) -> dict[str, Any]:
    """A TOML file; nothing where there is none."""
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f"{path.name} of the project is damaged: {error}.", "Mend it, and run this again.") from None


def _installable(folder: Path, data: Mapping[str, Any]) -> bool:
    """Whether the project says how it is built."""
    return (
        "build-system" in data
        or (folder / "setup.py").is_file()
        or ((folder / "setup.cfg").is_file() and "[metadata]" in (folder / "setup.cfg").read_text(encoding="utf-8"))
    )


def _requirement(text: str, where: str, needs: Needs) -> None:
    """Take in one line of a list; what is no requirement is passed over, for its own tool reads it otherwise."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return
    if where.endswith(".lock"):
        # A lock says which version, and not what is wanted.
        needs.pins |= {canonicalize_name(requirement.name): s.version for s in requirement.specifier}
    else:
        needs.add(requirement)
    if where not in needs.sources:
        needs.sources.append(where)


def _extras(folder: Path, data: Mapping[str, Any], needs: Needs) -> None:
    """The project's own extras that are for tests."""
    found = set(data.get("project", {}).get("optional-dependencies", ()))
    found |= set(data.get("tool", {}).get("poetry", {}).get("extras", ()))
    if (folder / "PKG-INFO").is_file():
        text = (folder / "PKG-INFO").read_text(encoding="utf-8", errors="replace")
        found |= set(re.findall(r"^Provides-Extra: (\S+)$", text, re.MULTILINE))
    setup = _ini(folder / "setup.cfg")
    if setup.has_section("options.extras_require"):
        found |= set(setup.options("options.extras_require"))
    if (folder / "setup.py").is_file():
        script = (folder / "setup.py").read_text(encoding="utf-8", errors="replace")
        found |= set(re.findall(r"[\"'](tests?|testing|dev)[\"']\s*:\s*\[", script))
    # An application's extras are installed as what they are: requirements.
    if needs.package:
        needs.extras = sorted(name for name in found if canonicalize_name(name) in _GROUPS)
        needs.sources += [f"extra {name}" for name in needs.extras]
    else:
        for name, texts in data.get("project", {}).get("optional-dependencies", {}).items():
            if canonicalize_name(name) in _GROUPS:
                for text in texts:
                    _requirement(text, f"extra {name}", needs)


def _groups(folder: Path, data: Mapping[str, Any], needs: Needs) -> None:
    """The dependency groups that are for tests."""
    groups = data.get("dependency-groups", {})
    for name in groups:
        if canonicalize_name(name) not in _GROUPS:
            continue
        texts: tuple[str, ...] = ()
        try:
            texts = resolve_dependency_groups(groups, name)
        except* (ValueError, TypeError, LookupError) as errors:
            raise Problem(
                f"The dependency group {name!r} of {folder.name} is damaged: {errors.exceptions[0]}.",
                "Mend its pyproject.toml.",
            ) from None
        for text in texts:
            _requirement(text, f"dependency group {name}", needs)


def _tools(data: Mapping[str, Any], needs: Needs) -> None:
    """What the tables of uv, rye, PDM, hatch and poetry list for tests."""
    tool = data.get("tool", {})
    for text in [*tool.get("uv", {}).get("dev-dependencies", ()), *tool.get("rye", {}).get("dev-dependencies", ())]:
        _requirement(text, "dev-dependencies of uv or rye", needs)
    for name, texts in tool.get("pdm", {}).get("dev-dependencies", {}).items():
        if canonicalize_name(name) in _GROUPS:
            for text in texts:
                _requirement(text, f"PDM's dev-dependencies {name}", needs)
    _hatch(tool, needs)
    poetry = tool.get("poetry", {})
    groups = {name: table.get("dependencies", {}) for name, table in poetry.get("group", {}).items()}
    groups["dev"] = {**poetry.get("dev-dependencies", {}), **groups.get("dev", {})}
    for name, table in groups.items():
        if canonicalize_name(name) in _GROUPS:
            for text in _poetry(table):
                _requirement(text, f"poetry's group {name}", needs)


def _hatch(tool: Mapping[str, Any], needs: Needs) -> None:
    """What hatch installs in its environments for tests."""
    for name, table in tool.get("hatch", {}).get("envs", {}).items():
        if canonicalize_name(name) in _GROUPS | {"default"}:
            for text in [*table.get("dependencies", ()), *table.get("extra-dependencies", ())]:
                _requirement(text, f"hatch's environment {name}", needs)
            if needs.package:
                needs.extras += [extra for extra in table.get("features", ()) if extra not in needs.extras]


def _poetry(table: Mapping[str, Any]) -> Iterator[str]:
    """Poetry's own spelling of requirements, as everybody's."""
    from poetry.core.factory import Factory  # read only where a project has such a table

    for name, constraint in table.items():
        # A path or a checkout beside the project is not here.
        if isinstance(constraint, dict) and not constraint.get("version"):
            continue
        for one in constraint if isinstance(constraint, list) else [constraint]:
            yield Factory.create_dependency(name, one).to_pep_508(with_extras=False)


def _ini(path: Path) -> configparser.RawConfigParser:
    """An ini file; an empty one where there is none or it cannot be read."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return configparser.RawConfigParser()
    return parser


def _tox(folder: Path, needs: Needs) -> None:
    """What tox installs to run tests."""
    tox = _ini(folder / "tox.ini")
    for section in ("testenv", "testenv:py", "testenv:test", "testenv:tests"):
        for line in tox.get(section, "deps", fallback="").splitlines() if tox.has_section(section) else ():
            # `py311: pytest` is for some environments only; one of them is this.
            text = re.sub(r"^[\w!,{}.-]+:\s+", "", line.partition(" #")[0].strip())
            if match := re.match(r"-r\s*(\S+)", text):
                _file(folder / match[1], folder, needs)
            elif text and not text.startswith(("-", "{", "#", ".")):
                _requirement(text, "tox.ini", needs)


def _files(folder: Path) -> list[Path]:
    """The requirement files that are for tests."""
    found: dict[Path, None] = {}
    for pattern in CONVENTIONS["files"]:
        for path in sorted(folder.glob(pattern)):
            if not set(re.split(r"[-_./]", path.stem.lower())) & set(CONVENTIONS["other"]):
                found[path] = None
    return list(found)


def _file(path: Path, folder: Path, needs: Needs) -> None:
    """Take in a requirement file and those that it names, and the extras of the project that it asks for."""
    if not path.is_file():
        return
    for line in requirements.lines(path, folder, folder):
        _requirement(str(line.requirement), requirements.named(path, folder), needs)
    for extras in _ITSELF.findall(requirements.text(path, requirements.named(path, folder))):
        wanted = [extra.strip() for extra in extras.split(",") if extra.strip()]
        needs.extras += [extra for extra in wanted if needs.package and extra not in needs.extras]


def _guess(folder: Path, data: Mapping[str, Any], needs: Needs) -> None:
    """Add what the tests give away and nothing declares."""
    known = set(needs.requirements) | {canonicalize_name(name) for name in _own(data)}
    wanted = [word for path in _tests(folder) for word in _given_away(path, folder)]
    wanted += [CONVENTIONS["option"].get(word, "") for word in _configured(folder, data)]
    for distribution in dict.fromkeys(wanted):
        if distribution and distribution not in known:
            needs.guessed.append(distribution)
            needs.add(Requirement(distribution))


def _given_away(path: Path, folder: Path) -> Iterator[str]:
    """What a file of tests gives away that it needs, by what it imports, asks for and marks."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for module in _imports(text):
        if module in CONVENTIONS["module"] and not _provides(folder, module):
            yield CONVENTIONS["module"][module]
    for fixture, distribution in CONVENTIONS["fixture"].items():
        if re.search(rf"def \w+\([^)]*\b{fixture}\b", text) and not re.search(rf"def {fixture}\(", text):
            yield distribution
    for option, distribution in CONVENTIONS["option"].items():
        if option.startswith("mark.") and option in text:
            yield distribution


def _own(data: Mapping[str, Any]) -> Iterator[str]:
    """The names of what the project itself requires."""
    for text in data.get("project", {}).get("dependencies", ()):
        yield re.split(r"[^\w.-]", text.strip(), maxsplit=1)[0]
    yield from data.get("tool", {}).get("poetry", {}).get("dependencies", ())


def _tests(folder: Path) -> list[Path]:
    """The files of a project's tests."""
    found = {path for name in ("tests", "test") for path in (folder / name).rglob("*.py")}
    found |= {path for pattern in ("test_*.py", "*_test.py", "conftest.py") for path in folder.glob(pattern)}
    found |= {path for pattern in ("*/tests/**/*.py", "src/*/tests/**/*.py") for path in folder.glob(pattern)}
    return sorted(found)


def tested(folder: Path) -> bool:
    """Whether a project has tests where tests are looked for."""
    return any(path.name not in {"__init__.py", "conftest.py"} for path in _tests(folder))


def _provides(folder: Path, module: str) -> bool:
    """Whether a module is the project's own."""
    return any(
        (place / module).is_dir() or (place / f"{module}.py").is_file()
        for place in (folder, folder / "src", folder / "tests", folder / "test")
    )


def _imports(text: str) -> Iterator[str]:
    """The modules that a file imports, by their first name."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names:
                yield top


def _configured(folder: Path, data: Mapping[str, Any]) -> Iterator[str]:
    """The words of pytest's configuration: the names of its settings, and the options that are always given."""
    tables: list[Mapping[str, Any]] = [data.get("tool", {}).get("pytest", {}).get("ini_options", {})]
    for name, section in (("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        parser = _ini(folder / name)
        if parser.has_section(section):
            tables.append(dict(parser.items(section)))
    for table in tables:
        yield from table
        options = table.get("addopts", "")
        for word in options.split() if isinstance(options, str) else options:
            yield str(word).partition("=")[0]
