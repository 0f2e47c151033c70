"""What runs inside the environment of a user's project, in environments of their own, on projects made on the spot."""

import subprocess
import sys
from pathlib import Path

import pytest
from contained import ended, environment_of_a_module, project_within  # noqa: F401 - fixtures
from stage import ROOT

from repro.kit.downstream import inside
from repro.kit.environment import packages
from repro.release import Releases

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


def test_module_of_the_kit_is_where_it_says():
    """The folder that is put on the path is the one that the rules of the house are about."""
    assert Path(inside.FOLDER) == ROOT / "repro" / "cell" / "inside"
