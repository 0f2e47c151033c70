"""What the tests of a project need, in every way in which projects say it."""

import pytest

from repro.kit.downstream import dependencies
from repro.problem import Problem


@pytest.fixture
def project(tmp_path):
    """Writes the files of a project, and says what its tests need."""

    def written(files, given=()):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return dependencies.declared(tmp_path, given)

    return written


def names(needs):
    """What is installed beside the project."""
    return {name: str(requirement.specifier) for name, requirement in needs.requirements.items()}


BUILT = '[build-system]\nrequires = ["hatchling"]\n'


def test_extras_for_tests_are_asked_for(project):
    """Of the extras of a package, those for tests are installed, whichever file declares them."""
    needs = project(
        {
            "pyproject.toml": BUILT + '[project]\nname="a"\n[project.optional-dependencies]\ntest=["x"]\ndocs=["y"]\n',
            "setup.cfg": "[options.extras_require]\ntesting = z\n",
            "setup.py": "setup(extras_require={'dev': ['w']})",
            "PKG-INFO": "Name: a\nProvides-Extra: tests\nProvides-Extra: http2\n",
        }
    )
    assert needs.package
    assert needs.extras == ["dev", "test", "testing", "tests"]
    assert names(needs) == {"pytest": ""}


def test_application_has_its_own_requirements_installed(project):
    """A project that says nothing of being built is not installed; what it requires is."""
    needs = project(
        {
            "pyproject.toml": '[project]\nname="a"\ndependencies=["httpx==0.27.2"]\n'
            'optional-dependencies={dev=["x>1"],docs=["y"]}\n'
        }
    )
    assert not needs.package
    assert needs.extras == []
    assert names(needs) == {"httpx": "", "x": ">1", "pytest": ""}
    assert needs.pins == {"httpx": "0.27.2"}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (
            '[dependency-groups]\ndev=["x>1", {include-group="lint"}]\nlint=["ruff"]\nother=["y"]',
            "dependency group dev",
        ),
        ('[tool.uv]\ndev-dependencies=["x>1"]', "dev-dependencies of uv or rye"),
        ('[tool.rye]\ndev-dependencies=["x>1", "mypy"]', "dev-dependencies of uv or rye"),
        ('[tool.pdm.dev-dependencies]\ntest=["x>1"]\ndocs=["y"]', "PDM's dev-dependencies test"),
        (
            '[tool.hatch.envs.hatch-test]\nextra-dependencies=["x>1"]\n[tool.hatch.envs.docs]\ndependencies=["y"]',
            "hatch's environment hatch-test",
        ),
        (
            '[tool.poetry.group.dev.dependencies]\nx=">1"\nhere={path="../here"}\n[tool.poetry.group.docs.dependencies]\ny="*"',
            "poetry's group dev",
        ),
        ('[tool.poetry.dev-dependencies]\nx=[{version=">1", python=">=3.8"}]', "poetry's group dev"),
    ],
    ids=["groups", "uv", "rye", "pdm", "hatch", "poetry", "old poetry"],
)
def test_every_tool_is_understood(project, text, where):
    """What the table of a tool lists for tests is installed, and what it lists for something else is not."""
    needs = project({"pyproject.toml": BUILT + text})
    assert names(needs) == {"x": ">1", "pytest": ""}
    assert needs.sources == [where]


def test_poetry_carets_are_translated(project):
    """Poetry's own way to write a range is everybody's when it is installed."""
    needs = project({"pyproject.toml": BUILT + '[tool.poetry.group.test.dependencies]\nx="^1.2"\n'})
    assert names(needs)["x"] == "<2.0,>=1.2"


def test_hatch_features_are_extras(project):
    """The features that hatch's environment for tests asks for are installed as extras."""
    needs = project({"pyproject.toml": BUILT + '[tool.hatch.envs.default]\nfeatures=["cli"]\n'})
    assert needs.extras == ["cli"]


def test_hatch_features_of_an_application_are_passed_over(project):
    """What is not installed has no extras to ask for."""
    assert project({"pyproject.toml": '[tool.hatch.envs.default]\nfeatures=["cli"]\n'}).extras == []


def test_requirement_files_are_followed(project):
    """Files of requirements are read with what they include, their hashes, extras, comments and continued lines."""
    needs = project(
        {
            "setup.py": "",
            "requirements.txt": "-e .[full]\n-r more.txt  # the rest\n-c pins.txt\n--index-url nowhere\n# nothing\n",
            "more.txt": "x>1 \\\n    --hash=sha256:00\ny==2.0 ; python_version > '3'\n"
            "httpx==0.23.*\n-r requirements.txt\nmypy==1.0\n",
            "pins.txt": "z==3.0\n",
            "requirements-docs.txt": "sphinx\nfuro\nw\n",
            "requirements-dev.lock": "v==1.5\n",
        }
    )
    assert needs.extras == ["full"]
    assert names(needs) == {"x": ">1", "y": "", "z": "", "httpx": "", "pytest": ""}
    assert needs.pins == {"y": "2.0", "z": "3.0", "v": "1.5"}


def test_lists_that_name_the_same_are_joined(project):
    """Where two lists name one package, both have to be met; a marker of one alone does not leave it out."""
    needs = project(
        {
            "setup.py": "",
            "requirements.txt": "x[a]>1\nx[b]<3; python_version < '3'\nx!=2; python_version < '3'\n"
            "y; python_version < '3.12'\ny<2; python_version < '3.13'",
        }
    )
    assert str(needs.requirements["x"]) == "x[a,b]!=2,<3,>1"
    assert str(needs.requirements["y"]) == 'y<2; python_version < "3.13"'


def test_tox_is_read(project):
    """What tox installs to run tests is installed, whichever of its environments it is for."""
    needs = project(
        {
            "setup.py": "",
            "tox.ini": "[testenv]\ndeps =\n  py311: x>1\n  -r{toxinidir}/a.txt\n  -rlist.txt\n"
            "  {env:MORE}\n  what is this\n",
            "list.txt": "y\n",
        }
    )
    assert names(needs) == {"x": ">1", "y": "", "pytest": ""}


def test_what_tests_give_away_is_added(project):
    """What tests import, ask for or mark, and what pytest's settings name, is installed where nothing declares it."""
    needs = project(
        {
            "pyproject.toml": BUILT + '[project]\nname="a"\ndependencies=["anyio>=3"]\n'
            '[tool.pytest.ini_options]\naddopts="--cov=a -n auto"\nasyncio_mode="auto"\n',
            "pytest.ini": "[pytest]\ntimeout = 3\n",
            "tests/test_a.py": "import respx.router\nfrom trio import run\nimport os, flask\n"
            "from . import here\nimport anyio\n"
            "@pytest.mark.django_db\ndef test_x(mocker, httpx_mock): ...\n",
            "tests/test_broken.py": "def (",
            "tests/flask.py": "",
            "tests/conftest.py": "@pytest.fixture\ndef httpx_mock(): ...\ndef vcr(vcr): ...\n",
        }
    )
    assert set(needs.guessed) == {
        "pytest-asyncio",
        "pytest-cov",
        "pytest-django",
        "pytest-httpx",
        "pytest-mock",
        "pytest-timeout",
        "pytest-xdist",
        "respx",
        "trio",
    }
    assert set(names(needs)) == {"pytest", *needs.guessed}


def test_list_of_options_is_read(project):
    """The options that pytest is always given are read as a list, too."""
    assert project({"pyproject.toml": '[tool.pytest.ini_options]\naddopts=["--cov=a"]'}).guessed == ["pytest-cov"]


def test_person_has_the_last_word(project):
    """What is given by hand is installed, be it a tool; what is no requirement is said."""
    needs = project({"setup.cfg": "[metadata]\nname = a\n"}, given=["mypy>1"])
    assert needs.package
    assert names(needs) == {"mypy": ">1", "pytest": ""}
    with pytest.raises(Problem, match="'no such!' is no requirement"):
        project({}, given=["no such!"])


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"pyproject.toml": "[project"}, "pyproject.toml of the project is damaged"),
        ({"pyproject.toml": '[dependency-groups]\ntest=[{include-group="gone"}]'}, "dependency group 'test' of"),
    ],
)
def test_damaged_project_is_said(project, files, message):
    """A file of the project that cannot be read is named with what is wrong in it."""
    with pytest.raises(Problem, match=message):
        project(files)


def test_damaged_ini_file_says_nothing(project):
    """An ini file that its own tool would refuse declares nothing here."""
    assert names(project({"setup.py": "", "tox.ini": "deps = x\n"})) == {"pytest": ""}


def test_tests_are_found(tmp_path):
    """A project has tests where a file below one of the usual folders is one."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").touch()
    assert not dependencies.tested(tmp_path)
    (tmp_path / "tests" / "test_a.py").touch()
    assert dependencies.tested(tmp_path)
