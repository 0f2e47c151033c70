"""An environment with what the kit puts inside of it, and projects that it runs."""

import json
import os
import venv

import pytest

from repro.kit import process
from repro.kit.downstream import inside
from repro.kit.environment import packages

#: An httpx and a fork of it, small enough to be made here: their modules, and those of the fork's core.
LIBRARIES = {
    "httpx/__init__.py": "",
    "fork/__init__.py": "from ._client import Client\n__version__ = '2.0'\n",
    "fork/_client.py": "class Client:\n    def send(self):\n        return 'sent'\n",
    "fork/deep/__init__.py": "",
    "fork/deep/below.py": "import forkcore\nHERE = __name__\n",
    "fork/__main__.py": "print('run as', __name__)\n",
    "fork/broken.py": "import nowhere\n",
    "forkcore/__init__.py": "CORE = True\n",
}


class Environment:
    """An environment with a pytest, an httpx and a fork of it.

    Args:
        folder: Where it is made.
        pytest: Where the pytest is.
    """

    def __init__(self, folder, pytest):
        self.folder = folder
        venv.create(folder / "venv", symlinks=True)
        self.python = folder / "venv" / "bin" / "python"
        site = packages(self.python)
        (site / "pytest.pth").write_text(f"{pytest}\n")
        for name, text in LIBRARIES.items():
            (site / name).parent.mkdir(exist_ok=True, parents=True)
            (site / name).write_text(text)
        inside.install(self.python)


class Project:
    """A project, and how it is run.

    Args:
        folder: An empty folder.
        environment: Its environment.
    """

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.tree = folder / "project"
        self.scratch = folder / "scratch"
        self.tree.mkdir()
        self.scratch.mkdir()
        self.results = folder / "results"
        self.log = folder / "log"
        self.output = ""

    def file(self, name, text):
        """Write a file of the project."""
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *arguments, settings=None, **environ):
        """Run the environment's Python: its exit code."""
        run = inside.Settings(
            self.folder / "settings.json",
            log=self.log,
            results=self.results,
            **{"writable": (self.tree, self.scratch), "tree": self.tree, **(settings or {})},
        )
        seen = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        env = {**seen, "TMPDIR": str(self.scratch), "HOME": str(self.scratch), **environ}
        command = [str(self.environment.python), *arguments]
        ended = process.run(command, env={**env, **inside.environment_for(run)}, cwd=self.tree, timeout=60)
        self.output = ended.output
        return ended.code

    def code(self, text, **options):
        """Run code, which is to end well: what it printed."""
        assert self.run("-c", text, **options) == 0, self.output
        return self.output

    def tests(self, text, *arguments, name="test_it.py", **options):
        """Write a file of tests and run it: what was told of it."""
        self.file(name, text)
        self.results.unlink(missing_ok=True)
        self.run("-m", "pytest", "-p", inside.PLUGIN, "-p", "no:cacheprovider", *arguments, **options)
        return self.told()

    def told(self):
        """Every line of the results."""
        return [json.loads(line) for line in self.results.read_text().splitlines()]

    def refused(self):
        """What was refused, as kind, place and test."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [(told["refused"], told.get("to"), told.get("test")) for told in map(json.loads, lines)]


def ended(told):
    """The outcome of each test."""
    return {entry["ended"]: entry["outcome"] for entry in told if "ended" in entry}


@pytest.fixture(scope="module", name="environment")
def environment_of_a_module(alone, tmp_path_factory):
    """One environment for all of them: every run has settings of its own."""
    return Environment(tmp_path_factory.mktemp("environment"), alone)


@pytest.fixture(name="project")
def project_within(tmp_path, environment):
    """An empty project."""
    return Project(tmp_path, environment)
