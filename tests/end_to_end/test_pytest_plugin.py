"""The pytest plugin, installed as another project installs it: its fixtures, in the example and in suites made here."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import httpx
import pytest
from stage import ROOT, tree

EXAMPLE = ROOT / "repro" / "example"

STORED = {
    "httpx-0.11.1/test_search/test_found.json",
    "httpx-0.11.1/test_search/test_moved.json",
    "httpx-0.14.0/test_search/test_found.json",
    "httpx-0.20.0/test_search/test_moved.json",
}


@pytest.fixture(scope="session")
def interpreter(surroundings, tmp_path_factory):
    """An interpreter of an environment that the kit is installed in, from this checkout."""
    home = tmp_path_factory.mktemp("installed")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, home], check=True)
    python = home / "bin" / "python"
    packages = home / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    # What the kit needs, and what builds it, is borrowed from the environment of these tests.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = [*uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--python", python, ROOT]
    subprocess.run(install, check=True)
    return python


#: Of the plugins beside this one, those that are installed for others only take their time.
QUICK = ("-p", "no:cacheprovider", "-p", "no:respx", "-p", "no:anyio")


class Suite:
    """A project with tests, in a folder of its own, run by an interpreter that has the kit installed."""

    def __init__(self, root, interpreter):
        self.root = root
        self.interpreter = interpreter
        self.path = []
        self.environ = {}

    def write(self, name, text):
        """Write a file of the project."""
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(textwrap.dedent(text))

    def run(self, *arguments):
        """Run pytest as a person does: its exit code, and what it printed."""
        done = subprocess.run(
            [self.interpreter, "-m", "pytest", *QUICK, *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, self.path)), **self.environ},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def stored(self, folder="tests/snapshots"):
        """What is stored, by file."""
        return {name: json.loads(text)["observed"] for name, text in tree(self.root / folder).items()}


@pytest.fixture
def suite(tmp_path, interpreter):
    """A project without tests."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pytest.ini").write_text("[pytest]\n")
    return Suite(root, interpreter)


@pytest.fixture
def example(tmp_path, interpreter):
    """A copy of the example."""
    shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns("__pycache__"))
    return Suite(tmp_path / "example", interpreter)


def called(folder, version):
    """Put the metadata of an httpx of this version into a folder, which makes it the version that is installed."""
    info = folder / f"httpx-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: httpx\nVersion: {version}\n")
    return folder


@pytest.fixture
def newer(tmp_path):
    """A folder with a made-up httpx 0.29.0: 0.28.1, or what a test makes of it."""
    folder = tmp_path / "newer"
    shutil.copytree(Path(httpx.__file__).parent, folder / "httpx", ignore=shutil.ignore_patterns("__pycache__"))
    return called(folder, "0.29.0")


def test_everything_is_installed(interpreter):
    """What is installed is every module and every data file of `repro`, and the plugin is found by pytest."""
    code = "import importlib.metadata as m; d = m.distribution('httpx-upgrade-kit'); print(d.locate_file('repro'))"
    places = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=True)
    installed = Path(places.stdout.strip())
    assert installed.is_relative_to(interpreter.parents[1])

    def files(root):
        found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        return {str(path) for path in found if "__pycache__" not in path.parts}

    assert files(installed) == files(ROOT / "repro")
    assert {"releases.toml", "cell/certificates/server.pem", "kit/report/page/page.html"} <= files(installed)
    (info,) = installed.parent.glob("httpx_upgrade_kit-*.dist-info")
    (entry,) = importlib.metadata.Distribution.at(info).entry_points
    assert (entry.group, entry.value) == ("pytest11", "repro.cell.pytest_plugin")


def test_example_is_served_by_the_epochs_before(example):
    """Under 0.28.1 the example is held against what began at 0.14.0 and at 0.20.0, and nothing is written."""
    before = tree(example.root / "tests/snapshots")
    code, output = example.run("-q")
    assert code == 0, output
    assert "2 snapshots passed." in output
    assert tree(example.root / "tests/snapshots") == before
    assert set(before) == STORED
    (example.root / "tests/snapshots/httpx-0.14.0/test_search/test_found.json").unlink()
    code, output = example.run("-q")
    assert code == 1
    assert '-       "line": "GET /search?title=firefly HTTP/1.1"' in output
    assert '+       "line": "GET /v1/search?title=firefly HTTP/1.1"' in output


def test_example_fails_on_a_change_of_its_own(example):
    """A project that asks for something else fails where that is seen, without the secret that it was given."""
    code = example.root / "search.py"
    code.write_text(code.read_text().replace('"/search"', '"/find"'))
    code, output = example.run("-q")
    assert code == 1
    assert "planted-" not in output
    assert "test_search.py::test_found" in output
    assert "GET /v1/find?title=firefly HTTP/1.1" in output
    assert "1 failed, 1 passed" in output
    code, output = example.run("-q", "--snapshot-update")
    assert code == 0, output
    assert set(example.stored()) == STORED | {"httpx-0.28.1/test_search/test_found.json"}
    assert example.stored()["httpx-0.28.1/test_search/test_found.json"]["sent"] == {
        "authorization": "<redacted>",
        "host": "127.0.0.1:PORT",
        "line": "GET /v1/find?title=firefly HTTP/1.1",
    }


def test_example_under_a_release_that_nobody_knows(example, newer):
    """A newer release is served by the last known epoch, fails where it differs, and gets a folder of only that."""
    example.path = [newer]
    assert example.run("-q", "--snapshot-update")[0] == 0
    assert set(example.stored()) == STORED
    client = newer / "httpx" / "_client.py"
    changed = client.read_text().replace("follow_redirects: bool = False", "follow_redirects: bool = True")
    assert changed != client.read_text()
    client.write_text(changed)
    code, output = example.run("-q")
    assert code == 1
    assert "FAILED tests/test_search.py::test_moved" in output
    assert "1 failed, 1 passed" in output
    assert set(example.stored()) == STORED
    assert example.run("-q", "--snapshot-update")[0] == 0
    assert set(example.stored()) == STORED | {"httpx-0.29.0/test_search/test_moved.json"}
    assert example.stored()["httpx-0.29.0/test_search/test_moved.json"] == {"films": []}
    assert example.run("-q")[0] == 0
    # What began later is no business of the release before.
    example.path = []
    assert example.run("-q")[0] == 0


def test_older_release_is_recorded_later(suite, tmp_path):
    """What an older release turns out to do as well did not begin at the newer one, whichever is recorded first."""
    suite.write("tests/test_it.py", "def test_it(epoch_snapshot):\n    assert epoch_snapshot == 1\n")
    assert suite.run("-q", "--snapshot-update")[0] == 0
    assert set(suite.stored()) == {"httpx-0.28.1/test_it/test_it.json"}
    suite.path = [called(tmp_path / "older", "0.27.0")]
    assert suite.run("-q")[0] == 1
    assert suite.run("-q", "--snapshot-update")[0] == 0
    assert set(suite.stored()) == {"httpx-0.27.0/test_it/test_it.json"}


def test_names_of_snapshots(suite):
    """A snapshot is named by module, class, test, parameters and its own name; no two have the same."""
    suite.write(
        "tests/unit/test_names.py",
        """
        import pytest

        class TestClass:
            @pytest.mark.parametrize("path", ["a/b", "x" * 300, "x" * 301], ids=str)
            def test_method(self, epoch_snapshot, path):
                assert epoch_snapshot == path

        def test_several(epoch_snapshot):
            assert epoch_snapshot == 1
            assert epoch_snapshot == 2
            assert epoch_snapshot(name="third") == 3
        """,
    )
    suite.write("outside/test_others.py", "def test_several(epoch_snapshot):\n    assert epoch_snapshot == 4\n")
    # Two processes write, and a third one tells.
    code, output = suite.run("-q", "-n", "2", "--snapshot-update")
    assert code == 0, output
    assert "7 snapshots generated." in output
    stored = suite.stored()
    long = {name: value for name, value in stored.items() if "xxx" in name}
    assert {name: value for name, value in stored.items() if name not in long} == {
        "httpx-0.28.1/unit.test_names/TestClass.test_method-a%2Fb.json": "a/b",
        "httpx-0.28.1/unit.test_names/test_several.json": 1,
        "httpx-0.28.1/unit.test_names/test_several.1.json": 2,
        "httpx-0.28.1/unit.test_names/test_several.third.json": 3,
        "httpx-0.28.1/outside.test_others/test_several.json": 4,
    }
    assert sorted(map(len, long.values())) == [300, 301]
    assert all(len(Path(name).name) < 200 for name in long)
    assert suite.run("-q")[0] == 0
    suite.write(
        "tests/unit/test_shared.py",
        """
        import pytest

        @pytest.mark.parametrize("name", ["a", "a]"])
        def test_it(epoch_snapshot, name):
            assert epoch_snapshot(name="1") == 1
            assert epoch_snapshot == 1
        """,
    )
    code, output = suite.run("-q", "tests/unit/test_shared.py", "--snapshot-update")
    assert code == 1
    assert "would share the snapshot unit.test_shared/test_it-a.1: give one another name" in output


def test_secrets_and_ports(suite):
    """What is planted, given by the environment or sent in a secret header is in no snapshot, nor is the port."""
    suite.write("pytest.ini", "[pytest]\nepoch_folder = stored\nepoch_secrets = TOKEN NOT_SET\n")
    suite.write(
        "test_secrets.py",
        """
        import os
        import urllib.request
        from repro.cell import upstream

        def test_sent(httpx_upstream, epoch_snapshot, planted_secret):
            headers = {"Cookie": "a=1", "X-Own": os.environ["TOKEN"]}
            url = f"{httpx_upstream.url}/?key={planted_secret}"
            urllib.request.urlopen(urllib.request.Request(url, headers=headers)).close()
            (request,) = httpx_upstream.requests
            assert epoch_snapshot == [url, request.target, request.headers]
        """,
    )
    suite.environ = {"TOKEN": "Tr0ub4dor"}
    code, output = suite.run("-q", "--snapshot-update")
    assert code == 0, output
    ((name, (url, target, headers)),) = suite.stored("stored").items()
    assert name == "httpx-0.28.1/test_secrets/test_sent.json"
    assert (url, target) == ("http://127.0.0.1:PORT/?key=<redacted>", "/?key=<redacted>")
    assert dict(headers).items() >= {"Cookie": "<redacted>", "X-Own": "<redacted>", "Host": "127.0.0.1:PORT"}.items()
    code, output = suite.run("-q", "-o", "epoch_folder=nowhere")
    assert code == 1
    assert "<redacted>" in output
    assert "Tr0ub4dor" not in output
    assert "planted-" not in output


def test_what_a_person_can_mend_is_said(suite):
    """A distribution that is not there or not known, a damaged snapshot and a missing syrupy each say what to do."""
    suite.write("tests/test_it.py", "def test_it(epoch_snapshot):\n    assert epoch_snapshot == 1\n")
    suite.environ = {"REPRO_DISTRIBUTION": "httpxyz"}
    code, output = suite.run("-q")
    assert code == 1
    assert "This environment has none of httpxyz." in output
    suite.environ = {}
    assert "'aiohttp' is not a distribution this kit knows" in suite.run("-q", "-o", "epoch_distribution=aiohttp")[1]
    assert "epoch_snapshot needs syrupy" in suite.run("-q", "-p", "no:syrupy")[1]
    suite.write("tests/snapshots/httpx-0.20.0/test_it/test_it.json", "{")
    code, output = suite.run("-q")
    assert code == 1
    assert "httpx-0.20.0/test_it/test_it.json is damaged: " in output
    assert "Restore it with: git checkout -- tests/snapshots" in output


def test_suite_that_uses_none_of_it_notices_nothing(suite):
    """Installed beside a suite that asks for no fixture, the plugin imports nothing of the kit and prints nothing."""
    suite.write(
        "test_none.py",
        """
        import sys

        def test_none():
            loaded = {name for name in sys.modules if name.partition(".")[0] == "repro"}
            assert loaded <= {"repro", "repro.cell", "repro.cell.pytest_plugin"}
        """,
    )
    code, beside = suite.run()
    assert code == 0, beside
    code, without = suite.run("-p", "no:httpx-upgrade-kit")
    assert code == 0, without

    def shown(output):
        # Which plugins there are is pytest's own header; how long it took is another each time.
        return [line.partition(" in ")[0] for line in output.splitlines() if not line.startswith("plugins:")]

    assert shown(beside) == shown(without)
