"""What the kit's tests play on: small release data, real packages made on the spot, checkouts, records, processes.

Nothing here reaches the network: uv installs from the wheels and source distributions of a `Shelf`, and every cell of
a `Checkout` is a real process.
"""

import contextlib
import functools
import io
import os
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

from syrupy.extensions.single_file import SingleFileSnapshotExtension

from repro import epochs
from repro import record as records
from repro.epochs import Epochs, dump
from repro.kit import catalogue, comparison, folding, supervisor, transaction
from repro.kit.workspace import Workspace
from repro.record import Behaviour, Record
from repro.release import Release, Releases

ROOT = Path(__file__).parents[2]
MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"

HTTPX = Release("httpx", "0.28.1")

#: Tests of a project: the first holds under httpx 0.1 alone, the other under every release.
SUITE = """
import httpx

def test_answer():
    assert httpx.ANSWER == 1

class TestMore:
    def test_always(self):
        assert httpx.Client is None
"""

#: Tests that are no pytest's, which starts no sooner than all else is done.
CHECK = ("python", "-c", "import httpx, sys; sys.exit(httpx.ANSWER - 1)")

#: What has a Python measure its coverage. Only those are given it that run what nothing else does: it takes as long to
#: start as most of them take for all they do.
MEASURED = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_PROCESS_")}

# Release data of the same form as the kit's own, with a line, a gap and a fork, and no package but those on the shelf.
SMALL = f"""
format = 1
cutoff = "2026-01-01T00:00:00Z"
pythons = ["{MINOR}"]
harness = ["underlay==1"]
server = ["underlay==1"]

[boundary]
releases = ["0.1", "0.2", "httpx2"]

[[line]]
distribution = "httpx"
module = "httpx"
versions = ["0.1", "0.2", "0.2.1", "0.3", "0.4", "1.0.dev1"]

[[line]]
distribution = "httpx2"
module = "httpx2"
forked_from = "httpx==0.2.1"
versions = ["2.0b1", "2.0"]

[[rule]]
releases = "httpx"
install = ["borrowed==1"]
reason = "What observes is borrowed from the environment of these tests."

[[rule]]
releases = "httpx2"
install = ["borrowed==1"]
reason = "As above."

[[rule]]
releases = "httpx==0.4"
outcome = "not-installable"
sdist = ["httpx"]
reason = "It never could be built."
"""

ANSWER = '''
from repro.cell.library import httpx


def test_answer(observe):
    """What does the release answer?"""
    observe(httpx.ANSWER)
'''


class Shelf:
    """A folder of packages that uv installs from.

    Args:
        folder: The folder.
    """

    def __init__(self, folder):
        self.folder = folder

    def wheel(self, name, version, files, requires=()):
        """Put a wheel on the shelf."""
        info = f"{name}-{version}.dist-info"
        wanted = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
        texts = {
            **files,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{wanted}",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        texts[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*texts, f"{info}/RECORD"])
        with zipfile.ZipFile(self.folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
            for path, text in texts.items():
                archive.writestr(path, text)

    def sdist(self, name, version, backend):
        """Put a source distribution on the shelf, whose build backend is this code."""
        texts = {
            "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
            "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            "backend.py": backend,
        }
        with tarfile.open(self.folder / f"{name}-{version}.tar.gz", "w:gz") as archive:
            for path, text in texts.items():
                entry = tarfile.TarInfo(f"{name}-{version}/{path}")
                entry.size = len(text.encode())
                archive.addfile(entry, io.BytesIO(text.encode()))


class Checkout:
    """A checkout of the kit in a folder of its own: the kit's own code, and other data, behaviours and snapshots.

    Args:
        root: An empty folder.
        data: The text of its release data; the kit's own when None.
    """

    def __init__(self, root, data=None):
        self.root = root
        self.tests = root / "tests" / "cell"
        self.snapshots = root / "snapshots"
        self.workspace = Workspace(root, self.tests, self.snapshots)
        (root / "repro").mkdir(parents=True)
        for path in (ROOT / "repro").iterdir():
            if path.name != "__pycache__" and not (data and path.name == "releases.toml"):
                (root / "repro" / path.name).symlink_to(path)
        if data:
            (root / "repro" / "releases.toml").write_text(data)
        for name in ("noxfile.py", "pyproject.toml"):
            (root / name).write_bytes((ROOT / name).read_bytes())
        self.tests.mkdir(parents=True)
        (self.tests / "conftest.py").write_bytes((ROOT / "tests" / "cell" / "conftest.py").read_bytes())
        self.releases = Releases.load(root / "repro" / "releases.toml")

    def behaviours(self, text, area="area", name="test_behaviours.py"):
        """Write a file of behaviours."""
        (self.tests / area).mkdir(exist_ok=True)
        path = self.tests / area / name
        path.write_text(text)
        return path

    def store(self, release, behaviour, observation):
        """Store an observation."""
        path = self.snapshots / release / f"{behaviour}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump(observation))
        return path

    def begin(self, *arguments, **environ):
        """Start a verb of the kit."""
        return subprocess.Popen(
            [sys.executable, "-m", "repro.kit", *arguments],
            cwd=self.root,
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments, **environ):
        """Run a verb of the kit: its exit code, and what it printed."""
        process = self.begin(*arguments, **environ)
        output, _ = process.communicate(timeout=60)
        return process.returncode, output

    def files(self):
        """Every file below the snapshots, and its text."""
        return tree(self.snapshots)


def tree(root):
    """Every file below a folder, and its text."""
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def release(text):
    """A release from `0.1` or `httpx2==2.0`."""
    distribution, _, version = text.rpartition("==")
    return Release(distribution or "httpx", version)


def record(name, observed=None, python=f"{MINOR}.1", states=None, needs=None, **fields):
    """A record with these observations, these states by behaviour as `(state, value)`, and what behaviours need."""
    entries = {behaviour: ("observed", value) for behaviour, value in (observed or {}).items()} | (states or {})
    behaviours = {
        behaviour: Behaviour(
            f"What is {behaviour}?", f"tests/cell/{behaviour}", state, value, (needs or {}).get(behaviour, [])
        )
        for behaviour, (state, value) in entries.items()
    }
    return Record(release(name), python, behaviours=behaviours, **fields)


def keep(checkout, *records):
    """Leave records as cells of a checkout leave them."""
    for entry in records:
        entry.write(checkout.workspace.record(entry.release, entry.minor))


def accept(folder, releases, *records, notes=None):
    """Accept records below a folder, beside notes by release: the stored epochs and the catalogue that come of it."""
    root = folder / "snapshots"
    root.mkdir(exist_ok=True)
    with transaction.alone(root, folder / "lock"):
        transaction.apply(root, folding.fold(records, Epochs(root, releases), releases).texts)
    for name, text in (notes or {}).items():
        (root / name / "notes.toml").write_text(text)
    return Epochs(root, releases), catalogue.read(root)


@functools.cache
def stored_here():
    """What is stored in this checkout, read once: its release data, its epochs and its catalogue."""
    releases = Releases.load()
    return releases, Epochs(epochs.ROOT, releases), catalogue.read(epochs.ROOT)


@functools.cache
def compared_here(before, after):
    """The comparison of two releases from what is stored in this checkout, made once."""
    releases, store, known = stored_here()
    sides = [comparison.stored(releases.parse(text), store, known) for text in (before, after)]
    return comparison.compare(*sides, store, known, releases)


def golden(extension):
    """The syrupy extension that keeps each text in a file of its own, so that a change is a diff to read."""
    return type("Golden", (SingleFileSnapshotExtension,), {"file_extension": extension})


def processes(mark):
    """The ids of running processes that have `mark` in their command line or their working directory."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and int(folder.name) != os.getpid():
                seen = (folder / "cmdline").read_bytes().decode(errors="replace") + str((folder / "cwd").readlink())
                if mark in seen:
                    found.append(int(folder.name))
    return found


def children(mark):
    """The ids of running processes with that mark that this process started: other tests run beside it."""
    return [number for number in processes(mark) if _parent(number) == os.getpid()]


def _parent(number):
    """The id of the process that started another; None where that is gone."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])


def eventually(happened, within=20.0):
    """Wait until something has happened; what it returned, or what it returned last."""
    end = time.monotonic() + within
    while not (found := happened()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def states(trial):
    """The states of the tests, by the last part of their names."""
    return {name.rpartition("::")[2]: test.state for name, test in trial.tests.items()}


def observe(checkout, interpreter, subject=HTTPX, timeout=30.0):
    """Run a cell of a checkout with an interpreter that has an httpx."""
    scratch = checkout.workspace.made / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    found = supervisor.observe(
        Path(interpreter), subject, MINOR, checkout.releases, checkout.workspace, scratch, timeout=timeout
    )
    assert records.read(checkout.workspace.record(subject, MINOR)) == found
    return found


def log(checkout):
    """What the cells of a checkout printed."""
    return "".join(path.read_text() for path in (checkout.workspace.made / "logs").iterdir())
