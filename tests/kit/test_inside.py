"""What runs inside the environment of a user's project, in environments of their own, on projects made on the spot."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from stage import ROOT

from repro.kit import process
from repro.kit.downstream import inside
from repro.kit.environment import packages
from repro.release import Releases

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


@pytest.fixture(scope="module")
def environment(alone, tmp_path_factory):
    """One environment for all of them: every run has settings of its own."""
    return Environment(tmp_path_factory.mktemp("environment"), alone)


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


@pytest.fixture
def project(tmp_path, environment):
    """An empty project."""
    return Project(tmp_path, environment)


def ended(told):
    """The outcome of each test."""
    return {entry["ended"]: entry["outcome"] for entry in told if "ended" in entry}


def only(told, kind):
    """The one line of this kind."""
    (found,) = (entry for entry in told if kind in entry)
    return found


#: Before the number of processes that pytest distributes tests to: nothing loads what does so by itself.
DISTRIBUTED = ("-p", "xdist.plugin", "-n")

REDIRECTED = {"redirects": {"httpx": "fork", "httpcore": "forkcore"}}


# What the kit writes


def test_line_says_what_stands_in_for_httpx(environment, tmp_path):
    """The forks stand in for httpx, and for its core where they have their own; httpx itself for nothing."""
    lines = Releases.load().lines
    python = tmp_path / "bin" / "python"
    core = tmp_path / "lib" / "python3.11" / "site-packages" / "httpcorexyz"
    core.parent.mkdir(parents=True)
    assert inside.redirects(lines["httpx"], python) == {}
    assert inside.redirects(lines["httpxyz"], python) == {"httpx": "httpxyz"}
    core.mkdir()
    assert inside.redirects(lines["httpxyz"], python) == {"httpx": "httpxyz", "httpcore": "httpcorexyz"}


def test_installing_twice_writes_once(environment):
    """An environment that others run in is not written to again."""
    (path,) = packages(environment.python).glob("00-*.pth")
    before = path.stat().st_mtime_ns
    inside.install(environment.python)
    assert path.stat().st_mtime_ns == before


def test_nothing_happens_without_settings(environment):
    """A Python that is not run by the kit imports nothing of this, redirects nothing and refuses nothing."""
    code = "import sys; print([m for m in [*sys.modules, *map(str, sys.meta_path)] if 'upgrade' in m])"
    done = subprocess.run([environment.python, "-c", code], env={}, capture_output=True, text=True, check=True)
    assert done.stdout == "['upgrade_inside']\n"


@pytest.mark.parametrize("text", ["", "{}", '{"format": 2}'], ids=["empty", "without", "other"])
def test_settings_that_cannot_be_read_end_the_interpreter(environment, tmp_path, text):
    """Nothing runs uncontained because its settings are damaged."""
    (tmp_path / "settings").write_text(text)
    done = subprocess.run(
        [environment.python, "-c", "print('ran')"],
        env={"HTTPX_UPGRADE_INSIDE": str(tmp_path / "settings")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert "cannot be read" in done.stderr


@pytest.mark.parametrize("path", sorted(inside.FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_every_module_is_of_the_syntax_that_old_projects_have(path):
    """What runs inside is Python 3.8."""
    import ast

    ast.parse(path.read_text(), feature_version=(3, 8))


# Redirects


def test_redirected_module_is_the_fork(project):
    """However httpx is imported, it is the fork's module, with one identity; so is its core."""
    told = project.code(
        "import importlib, sys\n"
        "import httpx, httpx._client, httpx.deep.below\n"
        "from httpx import Client\n"
        "import fork, fork._client, forkcore\n"
        "assert httpx is fork and httpx._client is fork._client and Client is fork.Client\n"
        "assert importlib.import_module('httpcore') is forkcore\n"
        "assert httpx.deep.below is sys.modules['fork.deep.below'] and httpx.deep.below.HERE == 'fork.deep.below'\n"
        "assert fork.__spec__.name == 'fork' and fork.deep.below.__spec__.name == 'fork.deep.below'\n"
        "importlib.reload(httpx)\n"
        "print('one')",
        settings=REDIRECTED,
    )
    assert told == "one\n"


def test_redirected_names_are_found_by_those_that_patch_and_unpickle(project):
    """A patch by a path of text, a pickle of httpx's and `isinstance` meet the fork."""
    told = project.code(
        "import pickle\n"
        "from unittest import mock\n"
        "with mock.patch('httpx.Client.send', lambda self: 'patched'):\n"
        "    import fork\n"
        "    assert fork.Client().send() == 'patched'\n"
        "assert fork.Client().send() == 'sent'\n"
        "import httpx\n"
        "made = pickle.loads(pickle.dumps(httpx.Client()))\n"
        "assert isinstance(made, httpx.Client) and type(made) is fork.Client\n"
        "assert pickle.loads(b'chttpx\\nClient\\n.') is fork.Client\n"
        "print('same')",
        settings=REDIRECTED,
    )
    assert told == "same\n"


def test_what_the_fork_lacks_is_named_by_both_names(project):
    """A module that the fork does not have is an error that names it, and what stands in for it."""
    told = project.code(
        "import importlib.util, httpx\n"
        "try: import httpx._compat\n"
        "except ModuleNotFoundError as error: print(error, '|', error.name)\n"
        "try: import httpx.nix.nix\n"
        "except ModuleNotFoundError as error: print(error.name)\n"
        "try: import httpx.broken\n"
        "except ModuleNotFoundError as error: print(error)\n"
        "print(importlib.util.find_spec('httpx._compat'), importlib.util.find_spec('httpx.deep').name)",
        settings=REDIRECTED,
    )
    assert told == (
        "No module named 'httpx._compat': 'fork._compat' stands in for it here, and there is no such module "
        "| httpx._compat\n"
        "httpx.nix\n"
        "No module named 'nowhere'\n"
        "None httpx.deep\n"
    )
    assert project.run("-c", "import httpx", settings={"redirects": {"httpx": "absent"}}) == 1
    assert "'absent' stands in for it here" in project.output


def test_redirected_package_runs_as_a_program(project):
    """`python -m httpx` runs the fork, and its children are redirected as well."""
    assert project.run("-m", "httpx", settings=REDIRECTED) == 0, project.output
    assert project.output == "run as __main__\n"
    told = project.code(
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import httpx; print(httpx.__name__)'])",
        settings=REDIRECTED,
    )
    assert told == "fork\n"


# The guard


#: What would leave this machine, and what is told of it.
BEYOND = [
    ("socket.create_connection(('192.0.2.1', 80))", "192.0.2.1:80"),
    ("socket.create_connection(('2001:db8::1', 80))", "2001:db8::1:80"),
    ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))", "192.0.2.1:53"),
    ("socket.create_connection(('upgrade.invalid', 80))", "upgrade.invalid"),
    ("socket.gethostbyname('upgrade.invalid')", "upgrade.invalid"),
    ("socket.gethostbyaddr('192.0.2.1')", "192.0.2.1"),
    ("asyncio.run(asyncio.open_connection('192.0.2.1', 80))", "192.0.2.1:80"),
    ("urllib.request.urlopen('http://upgrade.invalid/')", "upgrade.invalid"),
]


def test_connections_beyond_loopback_are_refused_and_told(project):
    """Whatever would leave this machine fails as if nobody was there, says why, and is told."""
    told = project.code(
        "import asyncio, socket, urllib.request\n"
        f"for act in {[act for act, _ in BEYOND]!r}:\n"
        "    try: exec(act)\n"
        "    except OSError as error: print(error)\n"
        "    else: print('done', act)\n"
    )
    assert [line for line in told.splitlines() if "the upgrade kit lets nothing beyond loopback be" not in line] == []
    assert project.refused() == [("network", to, None) for to in dict.fromkeys(to for _, to in BEYOND)]


def test_loopback_is_left_alone(project):
    """Servers on loopback work, by address and by name, with both families and unix sockets; names stay known."""
    told = project.code(
        "import http.server, socket, threading, urllib.request\n"
        "for family, host in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):\n"
        "    with socket.socket(family) as server, socket.socket(family) as client:\n"
        "        server.bind((host, 0)); server.listen(); client.connect(server.getsockname())\n"
        "with socket.socket() as server:\n"
        "    server.bind(('', 0)); server.listen()\n"
        "    for host in ('localhost', '127.1', '::ffff:127.0.0.1', '0.0.0.0', b'127.0.0.1'):\n"
        "        socket.create_connection((host, server.getsockname()[1])).close()\n"
        "with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:\n"
        "    server.bind('here.sock'); server.listen(); client.connect('here.sock')\n"
        "with socket.socket(socket.AF_UNIX) as server: server.bind('\\0abstract' + str(id(server)))\n"
        "one, other = socket.socketpair(); one.sendmsg([b'x'])\n"
        "http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler).server_close()\n"
        "socket.getaddrinfo(None, 80); socket.getaddrinfo('192.0.2.1', 80); socket.getfqdn()\n"
        "print('all')"
    )
    assert told == "all\n"
    assert project.refused() == []


def test_network_is_there_where_it_is_allowed(project):
    """With the network allowed, names are looked up by whoever does that, and nothing is told."""
    project.code(
        "import socket\n"
        "try: socket.getaddrinfo('', '', proto=-5)\n"
        "except OSError as error: print(error)\n"
        "try: socket.getaddrinfo('x' * 300 + '.invalid', 80)\n"
        "except (OSError, UnicodeError) as error: print(error)",
        settings={"network": True},
    )
    assert "upgrade kit" not in project.output
    assert project.refused() == []


#: What would change something outside.
OUTSIDE = [
    "open(outside / 'new', 'w')",
    "open(outside / 'file', 'a')",
    "open(outside / 'file', 'r+')",
    "os.open(outside / 'new', os.O_CREAT | os.O_WRONLY)",
    "(outside / 'file').unlink()",
    "(outside / 'file').rename('here')",
    "os.rename('mine', outside / 'new')",
    "(outside / 'new').mkdir()",
    "(outside / 'folder').rmdir()",
    "os.link('mine', outside / 'new')",
    "os.symlink('mine', outside / 'new')",
    "os.chmod(outside / 'file', 0o777)",
    "os.utime(outside / 'file')",
    "os.truncate(outside / 'file', 0)",
    "shutil.rmtree(outside)",
    "shutil.move(outside / 'file', 'here')",
    "shutil.copy('mine', outside / 'new')",
    "open('link/new', 'w')",
    "open('../outside/new', 'w')",
    "os.rmdir('folder', dir_fd=os.open(outside, os.O_RDONLY))",
    "sqlite3.connect(outside / 'new')",
    "sqlite3.connect(f'file:{outside}/new', uri=True)",
    "socket.socket(socket.AF_UNIX).bind(str(outside / 'new'))",
]


def test_writes_outside_are_refused_and_told(project, tmp_path):
    """What is outside stays as it was, whatever a project does to it; it is told, with the reason."""
    outside = tmp_path / "outside"
    (outside / "folder").mkdir(parents=True)
    (outside / "file").write_text("as it was")
    project.file("mine", "mine")
    (project.tree / "link").symlink_to(outside)
    told = project.code(
        "import os, shutil, socket, sqlite3\nfrom pathlib import Path\n"
        f"outside = Path({str(outside)!r})\n"
        f"for act in {OUTSIDE!r}:\n"
        "    try: exec(act)\n"
        "    except PermissionError as error: print(error)\n"
        "    else: print('done', act)\n"
        "    assert sorted(os.listdir(outside)) == ['file', 'folder'] and os.path.exists('mine'), act\n"
    )
    said = "the upgrade kit lets nothing outside of the run's folders be written"
    assert [line for line in told.splitlines() if said not in line] == []
    assert len(told.splitlines()) == len(OUTSIDE)
    assert (outside / "file").read_text() == "as it was"
    names = ("new", "file", "folder")
    assert project.refused() == [("write", str(outside / name), None) for name in names]


def test_what_may_be_written_is_written(project, tmp_path):
    """The tree, the scratch folder and devices are written to, and what is outside is read."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("read")
    told = project.code(
        "import os, shutil, sqlite3, tempfile, multiprocessing\nfrom pathlib import Path\n"
        f"outside = Path({str(tmp_path / 'outside')!r})\n"
        "assert (outside / 'file').read_text() == 'read'\n"
        "assert os.open(outside, os.O_RDONLY)\n"
        "Path('a/b').mkdir(parents=True); Path('a/b/c').write_text('x'); shutil.move('a', 'd'); shutil.rmtree('d')\n"
        "with tempfile.TemporaryDirectory() as folder: Path(folder, 'x').touch()\n"
        "for name in ('/dev/null', '/dev/stdout', '/proc/self/comm'): open(name, 'w').close()\n"
        "multiprocessing.Lock(); open('/dev/shm/upgrade-inside', 'w').close(); os.remove('/dev/shm/upgrade-inside')\n"
        "sqlite3.connect(':memory:'); sqlite3.connect('here.db')\n"
        "sqlite3.connect(f'file:{outside}/file?mode=ro', uri=True)\n"
        "os.close(os.open('x', os.O_CREAT | os.O_WRONLY)); os.truncate(os.open('x', os.O_RDWR), 0)\n"
        "open(1, 'w', closefd=False)\n"
        "print('all')"
    )
    assert told == "all\n"
    assert project.refused() == []


def test_what_cannot_happen_is_left_to_the_system(project, tmp_path):
    """Removing what is not there and making what is there give the errors that projects expect."""
    told = project.code(
        "import os\nfrom pathlib import Path\n"
        f"outside = Path({str(tmp_path)!r})\n"
        "outside.mkdir(exist_ok=True)\n"
        "(outside / 'nowhere').unlink(missing_ok=True)\n"
        "try: os.chmod(outside / 'nowhere', 0)\nexcept FileNotFoundError: print('as expected')"
    )
    assert told == "as expected\n"
    assert project.refused() == []


def test_children_are_guarded_too(project, tmp_path):
    """A Python that a test starts is under the same guard, and what it does is told with the test."""
    code = f"open({str(tmp_path / 'new')!r}, 'w')"
    told = project.tests(
        "import subprocess, sys\n"
        "def test_child():\n"
        f"    code = {code!r}\n"
        "    assert subprocess.run([sys.executable, '-c', code]).returncode == 1\n"
    )
    assert ended(told) == {"test_it.py::test_child": "passed"}
    assert project.refused() == [("write", str(tmp_path / "new"), "test_it.py::test_child")]


def test_what_is_told_of_one_test_ends_somewhere(project):
    """A loop that tries a thing again is told once, and one that tries thousands ends in a line that says so."""
    project.code(
        "import socket\n"
        "def attempt(host):\n"
        "    try: socket.gethostbyname(host)\n"
        "    except OSError: pass\n"
        "for _ in range(9): attempt('once.invalid')\n"
        "for number in range(2000): attempt(f'{number}.invalid')"
    )
    told = project.refused()
    assert len(told) == 1001
    assert told[0] == ("network", "once.invalid", None)
    assert told[-1] == ("more", None, None)


# Outcomes

EVERY = """
import unittest
import pytest

def helper(text):
    raise ValueError("no " + text)

def test_passed(): pass

def test_failed():
    try:
        helper("luck")
    except ValueError as error:
        raise RuntimeError("outer") from error

@pytest.mark.xfail(reason="known")
def test_xfailed(): assert 0

@pytest.mark.xfail
def test_xpassed(): pass

@pytest.mark.xfail(strict=True)
def test_strict(): pass

@pytest.mark.skip(reason="not now")
def test_skipped(): assert 0

@pytest.fixture
def bad(): raise KeyError("setup")

def test_error(bad): pass

@pytest.fixture
def late():
    yield
    raise KeyError("teardown")

def test_late(late): pass

def test_both(late): assert 0

class TestCase(unittest.TestCase):
    def test_case(self): self.assertEqual(1, 2)

    def test_parts(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)

def test_group():
    raise ExceptionGroup("two", [ValueError("a"), TypeError("b")])
"""

OUTCOMES = {
    "passed": "passed",
    "failed": "failed",
    "xfailed": "xfailed",
    "xpassed": "xpassed",
    "strict": "failed",
    "skipped": "skipped",
    "error": "error",
    "late": "error",
    "both": "failed",
    "TestCase::test_case": "failed",
    "TestCase::test_parts": "failed",
    "group": "failed",
}


def of(told, test):
    """The line that ends a test."""
    (found,) = (entry for entry in told if entry.get("ended") == f"test_it.py::{test}")
    return found


@pytest.mark.parametrize(
    "arguments", [[], [*DISTRIBUTED, "2"], ["-p", "no:terminal"], ["-p", "no:warnings", "-x", "-x"]]
)
def test_every_outcome_is_told(project, arguments):
    """Each kind of outcome is told as what it is, whatever else pytest is told, and by whichever process."""
    told = project.tests(EVERY, *arguments, "--maxfail", "99")
    seen = {name.partition("::")[2].removeprefix("test_"): outcome for name, outcome in ended(told).items()}
    assert seen == OUTCOMES
    assert {entry["began"] for entry in told if "began" in entry} == set(ended(told))
    assert only(told, "session")["session"]["pytest"] == pytest.__version__
    assert len(only(told, "collected")["collected"]) == len(OUTCOMES)
    assert only(told, "finished") == {"finished": 1}
    assert "upgrade" not in project.output


def test_failure_is_told_in_its_parts(project):
    """A failure has its type, its message, the frames of the project and what it was raised from."""
    told = project.tests(EVERY)
    (failure,) = of(told, "test_failed")["failures"]
    assert (failure["type"], failure["message"], failure["when"]) == ("RuntimeError", "outer", "call")
    (frame,) = failure["frames"]
    assert frame == {
        "path": "test_it.py",
        "place": "tree",
        "line": 14,
        "function": "test_failed",
        "code": 'raise RuntimeError("outer") from error',
    }
    cause = failure["cause"]
    assert (cause["type"], cause["message"], cause["cause"]) == ("ValueError", "no luck", None)
    assert [frame["function"] for frame in cause["frames"]] == ["test_failed", "helper"]
    assert [member["type"] for member in of(told, "test_group")["failures"][0]["group"]] == ["ValueError", "TypeError"]
    assert [failure["when"] for failure in of(told, "test_both")["failures"]] == ["call", "teardown"]
    assert of(told, "test_strict")["failures"][0]["message"].startswith("[XPASS(strict)]")
    assert (of(told, "test_skipped")["reason"], of(told, "test_xfailed")["reason"]) == ("not now", "known")


def test_file_that_cannot_be_collected_is_told_with_what_was_raised(project):
    """An import that fails while collecting is told as that import, once, and what could be collected runs."""
    project.file("test_import.py", "from httpx import Nowhere\n")
    project.file("test_syntax.py", "def broken(:\n")
    project.file("test_skips.py", "import pytest\npytest.skip('not here', allow_module_level=True)\n")
    project.file("below/conftest.py", "import nowhere\n")
    project.file("below/test_below.py", "def test_below(): pass\n")
    told = project.tests("def test_fine(): pass\n", "--continue-on-collection-errors", "--doctest-modules")
    failures = {entry["collection"]: entry["failure"] for entry in told if "collection" in entry}
    assert failures["test_import.py"]["type"] == "ImportError"
    assert "cannot import name 'Nowhere' from 'httpx'" in failures["test_import.py"]["message"]
    assert failures["test_import.py"]["frames"][-1]["code"] == "from httpx import Nowhere"
    assert failures["test_syntax.py"]["type"] == "SyntaxError"
    assert "ModuleNotFoundError" in {failure["type"] for failure in failures.values()}
    assert only(told, "module skipped") == {"module skipped": "test_skips.py", "reason": "not here"}
    assert ended(told) == {"test_it.py::test_fine": "passed"}


def test_first_conftest_that_cannot_be_imported_is_told(project):
    """Pytest ends on it before there is a session, and what it ended on is told."""
    project.file("conftest.py", "import nowhere\n")
    told = project.tests("def test_fine(): pass\n")
    entry = only(told, "collection")
    assert entry["collection"] == "conftest.py"
    assert (entry["failure"]["type"], entry["failure"]["message"]) == (
        "ModuleNotFoundError",
        "No module named 'nowhere'",
    )


def test_plugin_that_cannot_be_imported_is_told(project):
    """What pytest itself ends on is told, however early that is."""
    project.file("plugin.py", "import nowhere\n")
    told = project.tests("def test_fine(): pass\n", "-p", "plugin", PYTHONPATH=str(project.tree))
    crash = only(told, "crashed")["crashed"]
    assert "nowhere" in crash["message"]
    project.file("conftest.py", "def pytest_collection_finish(session): raise OSError('in a hook')\n")
    told = project.tests("def test_fine(): pass\n")
    assert only(told, "crashed")["crashed"]["message"] == "in a hook"
    assert only(told, "finished") == {"finished": 3}


def test_test_that_ends_the_process_has_begun(project):
    """After a crash, the test that ran has begun and not ended, and the session has not finished."""
    told = project.tests("import os\ndef test_fine(): pass\ndef test_crash(): os._exit(7)\n")
    assert told[-1] == {"began": "test_it.py::test_crash"}
    told = project.tests("import os\ndef test_fine(): pass\ndef test_crash(): os._exit(7)\n", *DISTRIBUTED, "1")
    assert of(told, "test_crash")["failures"][0]["type"] == "crashed"
    assert only(told, "finished") == {"finished": 1}


def test_only_what_is_asked_for_runs(project):
    """Test ids limit what runs after collection; those that are no longer there are told."""
    text = "import pytest\n@pytest.mark.parametrize('v', ['a b', 'c'])\ndef test_it(v): pass\ndef test_other(): pass\n"
    asked = ("test_it.py::test_it[a b]", "test_it.py::test_gone")
    told = project.tests(text, settings={"only": asked})
    assert ended(told) == {"test_it.py::test_it[a b]": "passed"}
    assert only(told, "missing") == {"missing": ["test_it.py::test_gone"]}
    assert only(told, "collected") == {"collected": ["test_it.py::test_it[a b]"]}


def test_doctest_is_told_with_its_line(project):
    """A doctest that fails says what was wanted, and one that raises has what it raised as its cause."""
    project.file(
        "sums.py", 'def one():\n    """\n    >>> 1 + 1\n    3\n    """\ndef two():\n    """\n    >>> [][1]\n    """\n'
    )
    told = project.tests("", "--doctest-modules")
    failures = {entry["ended"]: entry["failures"][0] for entry in told if "ended" in entry}
    assert failures["sums.py::sums.one"]["message"] == "1 + 1 gave\n2\nand was to give\n3\n"
    assert failures["sums.py::sums.one"]["frames"][-1]["line"] == 3
    assert failures["sums.py::sums.two"]["cause"]["type"] == "IndexError"


def test_hostile_test_is_told_all_the_same(project):
    """A test that breaks files, JSON and its own exception's message cannot keep its outcome back."""
    told = project.tests(
        "import builtins, json, os\n"
        "class Mute(Exception):\n"
        "    def __str__(self): raise ValueError\n"
        "def test_mute(monkeypatch):\n"
        "    for name in ('open', 'write', 'close', 'fsdecode'): monkeypatch.setattr(os, name, None)\n"
        "    for name in ('dumps', 'JSONEncoder'): monkeypatch.setattr(json, name, None)\n"
        "    monkeypatch.setattr(builtins, 'open', None)\n"
        "    raise Mute\n"
        "def test_after(): pass\n",
        "-s",
    )
    (failure,) = of(told, "test_mute")["failures"]
    assert (failure["type"], failure["message"]) == ("test_it.Mute", "(its message cannot be had: ValueError)")
    assert of(told, "test_after")["outcome"] == "passed"


RERUNS = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for turn in range(2):
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in runtestprotocol(item, log=False, nextitem=nextitem):
            if turn == 0 and report.failed:
                report.outcome = "rerun"
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
"""


def test_flaky_test_that_is_run_again_ends_once(project):
    """What a plugin takes for flaky and runs again has the outcome of its last run."""
    project.file("conftest.py", RERUNS)
    told = project.tests("runs = []\ndef test_flaky():\n    runs.append(1)\n    assert len(runs) > 1\n")
    assert [entry["outcome"] for entry in told if "ended" in entry] == ["passed"]
    assert len([entry for entry in told if "began" in entry]) == 2


@pytest.mark.parametrize(
    ("outer", "inner"), [([], [*DISTRIBUTED, "1"]), ([*DISTRIBUTED, "1"], [])], ids=["workers", "worker"]
)
def test_pytest_that_a_test_starts_is_no_part_of_the_run(project, outer, inner):
    """What a test runs in a pytest of its own is that test's affair."""
    project.file("inner/test_inner.py", "def test_inner(): assert 0\n")
    told = project.tests(
        "import subprocess, sys\n"
        "def test_outer():\n"
        f"    command = [sys.executable, '-m', 'pytest', '-p', '{inside.PLUGIN}', 'inner', *{inner}]\n"
        "    assert subprocess.run(command).returncode == 1\n",
        "test_it.py",
        *outer,
    )
    assert ended(told) == {"test_it.py::test_outer": "passed"}
    assert len([entry for entry in told if "session" in entry]) == 1


# Warnings


def warned(told):
    """Each warning: its category, message, path, line and test, and the line of the project that led to it."""
    return [
        (
            entry["warning"]["category"],
            entry["warning"]["message"],
            entry["warning"]["path"],
            entry["warning"]["line"],
            entry["test"],
            entry["when"],
            entry["warning"]["caller"] and entry["warning"]["caller"]["code"],
        )
        for entry in told
        if "warning" in entry
    ]


LIBRARY = """
import warnings

def old(stacklevel=2):
    warnings.warn("old is going", DeprecationWarning, stacklevel=stacklevel)
"""


@pytest.mark.parametrize("filters", ["ignore", "error", "default", "off"])
def test_warnings_are_seen_whatever_the_filters_are(project, environment, filters):
    """A deprecation is told once with the project's line, hidden, turned into an error or shown; outcomes stay."""
    (packages(environment.python) / "library.py").write_text(LIBRARY)
    arguments = ["-p", "no:warnings", "-W", "ignore"] if filters == "off" else ["-W", filters]
    told = project.tests(
        "import library\ndef test_uses():\n    library.old()\n    library.old(stacklevel=1)\n", *arguments
    )
    assert ended(told) == {"test_it.py::test_uses": "failed" if filters == "error" else "passed"}
    test = "test_it.py::test_uses"
    first = ("DeprecationWarning", "old is going", "test_it.py", 3, test, "call", "library.old()")
    second = ("DeprecationWarning", "old is going", "library.py", 5, test, "call", "library.old(stacklevel=1)")
    assert warned(told) == ([first] if filters == "error" else [first, second])
    if filters == "error":
        (failure,) = of(told, "test_uses")["failures"]
        assert [frame["path"] for frame in failure["frames"]] == ["test_it.py", "library.py"]


def test_warnings_go_where_they_went(project):
    """With the kit's eyes on it a warning has the same place, class and text as without, at every stack level."""
    code = (
        "import warnings\n"
        "def give(**options):\n"
        "    warnings.warn('text', **options)\n"
        "def outer(**options):\n"
        "    give(**options)\n"
        "with warnings.catch_warnings(record=True) as seen:\n"
        "    warnings.simplefilter('always')\n"
        "    for level in (-1, 0, 1, 2, 3, 4, 99): outer(stacklevel=level)\n"
        "    outer(category=DeprecationWarning)\n"
        "    warnings.warn(FutureWarning('of its own'))\n"
        "    warnings.warn_explicit('explicit', UserWarning, 'there.py', 7)\n"
        "    for wrong in ((), ('text', 7)):\n"
        "        try: warnings.warn(*wrong)\n"
        "        except TypeError as error: print(type(error))\n"
        "print([(w.category.__name__, str(w.message), w.filename, w.lineno) for w in seen])\n"
    )
    project.file("script.py", code)
    assert project.run("script.py") == 0, project.output
    watched = project.output
    done = subprocess.run([sys.executable, "script.py"], cwd=project.tree, capture_output=True, text=True, check=True)
    assert watched.replace(str(project.tree) + "/", "") == done.stdout.replace(str(project.tree) + "/", "")
    assert {entry["warning"]["message"] for entry in project.told()} == {"text", "of its own", "explicit"}


def test_warning_that_only_pytest_sees_is_told(project):
    """A warning that the interpreter gives in C is told as pytest sees it."""
    told = project.tests("def test_c():\n    eval('1 is 1')\n", "-W", "default")
    (entry,) = (found for found in warned(told) if found[0] == "SyntaxWarning")
    assert entry[4:6] == ("test_it.py::test_c", "call")


def test_module_of_the_kit_is_where_it_says():
    """The folder that is put on the path is the one that the rules of the house are about."""
    assert Path(inside.FOLDER) == ROOT / "repro" / "cell" / "inside"
