"""The fixtures of the kit's tests: clean surroundings without a network, packages, checkouts, snapshots."""

import contextlib
import gc
import os
import re
import signal
import sys
import sysconfig
import tomllib
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from forge_server import serving
from projects import CLIENT, NEW, OLD, looked_through, surveyed, write
from scenes import Scenes
from stage import ANSWER, MEASURED, MINOR, SMALL, Checkout, Shelf, accept, keep, record, release

from repro.epochs import Epochs, dump
from repro.kit import __main__ as main
from repro.kit import environment
from repro.kit.downstream import dependencies, inquiry
from repro.kit.downstream import project as projects_of
from repro.kit.downstream.experiment import Conditions, Experiment
from repro.kit.downstream.installation import Held
from repro.kit.workspace import Workspace
from repro.release import Releases

#: The environment around the tests that could change what they see.
_AROUND = re.compile(
    r"(?i).*_proxy|(uv|pip|nox|repro|pytest|virtual|httpx|ssl)_.*|pythonpath|pythondontwrite.*|netrc|.*color"
    r"|coverage_process_.*"
)


#: The tests that follow names through the code of httpx, which a process reads once.
_FOLLOWING = {f"test_{name}.py" for name in ("inference", "keywords", "survey", "telling", "touches", "uses", "values")}


def pytest_collection_finish():
    """Spare the garbage collector what is there to stay: looking through it takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep the tests of a file together, which share what it sets up, and those that read the code of httpx."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid):
            name = nodeid.partition("::")[0].rpartition("/")[2]
            return "following" if name in _FOLLOWING else name

    return Together(config, log)


@pytest.fixture
def measured(monkeypatch):
    """The Pythons that a test starts measure their coverage, as no other does."""
    for name, value in MEASURED.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True, scope="session")
def surroundings(shelf, tmp_path_factory):
    """Clean surroundings, in which uv finds the shelf and no index."""
    # Whoever starts the tests in the background has them ignore an interrupt, and some are about one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if _AROUND.fullmatch(name):
                patch.delenv(name)
        patch.setenv("UV_OFFLINE", "1")
        patch.setenv("UV_FIND_LINKS", str(shelf.folder))
        patch.setenv("UV_CACHE_DIR", str(tmp_path_factory.mktemp("uv-cache")))
        yield


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    """A folder with the pytest of these tests and no plugin that it finds by itself: some need a real httpx."""
    folder, packages = tmp_path_factory.mktemp("pytest"), Path(sysconfig.get_path("purelib"))
    for name in ("pytest", "_pytest", "py.py", "pluggy", "iniconfig", "packaging", "pygments", "xdist", "execnet"):
        (folder / name).symlink_to(packages / name)
    (info,) = packages.glob("pluggy-*")
    (folder / info.name).symlink_to(info)
    return folder


@pytest.fixture(scope="session")
def shelf(alone, tmp_path_factory):
    """Releases of a small httpx: 0.1 and 0.2 answer, 0.3 cannot be imported, 0.4 cannot be built."""
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    shelf.wheel("underlay", "1", {"underlay.py": ""})
    shelf.wheel("extra", "1", {"extra.py": ""})
    shelf.wheel("borrowed", "1", {"borrowed.pth": sysconfig.get_path("purelib") + "\n"})
    shelf.wheel("pytest", "9.2.0", {"pytest.pth": f"{alone}\n"})
    for version, answer in {"0.1": 1, "0.2": 2, "0.2.1": 2, "0.28.1": 0}.items():
        shelf.wheel("httpx", version, {"httpx.py": f"Client = None\nANSWER = {answer}\n"})
    shelf.wheel("httpx", "0.3", {"httpx.py": "raise RuntimeError('this release cannot be imported')\n"})
    shelf.sdist("httpx", "0.4", "raise RuntimeError('this release cannot be built')\n")
    shelf.wheel("httpx2", "2.0", {"httpx2.py": "Client = None\nANSWER = 3\n"})
    return shelf


@pytest.fixture(scope="session")
def light(surroundings, tmp_path_factory):
    """An interpreter that has an httpx 0.28.1 which is imported in no time, for what is not about httpx."""
    plan = environment.plan(release("0.28.1"), sys.executable, MINOR, Releases(tomllib.loads(SMALL)))
    return environment.build(plan, tmp_path_factory.mktemp("environments"))


@pytest.fixture
def releases():
    """Small release data."""
    return Releases(tomllib.loads(SMALL))


@pytest.fixture
def checkout(tmp_path):
    """A checkout with the kit's own release data and no behaviours."""
    return Checkout(tmp_path / "checkout")


@pytest.fixture
def small_checkout(tmp_path):
    """A checkout with small release data and one behaviour, which every release of it answers."""
    checkout = Checkout(tmp_path / "checkout", SMALL)
    checkout.behaviours(ANSWER)
    return checkout


@pytest.fixture
def kit(small_checkout, monkeypatch, capsys):
    """The command line of a small checkout, in this process: its exit code, what it printed, and its errors."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(main, "Workspace", lambda: small_checkout.workspace)

    def run(*arguments):
        code = main.main(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def stored(kit, small_checkout):
    """A small checkout that has a line stored: 0.1 answers 1, 0.2 answers 2, 0.4 cannot be built."""
    keep(
        small_checkout,
        record("0.1", {"area/a": 1, "other/b": 1}),
        record("0.2", {"area/a": 2, "other/b": 1}),
        record("0.4", outcome="not-installable", reason="It never could be built."),
    )
    assert kit("accept")[0] == 0
    return small_checkout


@pytest.fixture
def store(tmp_path, releases):
    """Snapshots of small releases: `store({"httpx-0.1": {"area/name": 1}})` writes them."""

    def make(stored):
        for folder, behaviours in stored.items():
            for name, observation in behaviours.items():
                path = tmp_path / "snapshots" / folder / f"{name}.json"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(dump(observation))
        return Epochs(tmp_path / "snapshots", releases)

    return make


@pytest.fixture
def accepted(tmp_path, releases):
    """Accept records, beside notes by folder: the stored epochs and the catalogue that come of it."""
    return partial(accept, tmp_path, releases)


@pytest.fixture(scope="session")
def scenes(tmp_path_factory):
    """The comparisons that every format is held against."""
    return Scenes(lambda: tmp_path_factory.mktemp("scene"), Releases(tomllib.loads(SMALL)))


@pytest.fixture
def project(tmp_path):
    """Makes a project of files by their names."""

    def make(**contents):
        for name, content in contents.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path

    return make


@pytest.fixture
def finder(tmp_path, tmp_path_factory):
    """What looked through a project of the given files."""

    def make(files, **options):
        write(tmp_path, files)
        return looked_through(tmp_path, tmp_path_factory.getbasetemp() / "jedi", **options)

    return make


@pytest.fixture
def github():
    """A repository behind a real API on loopback: what it holds, and what was asked of it."""
    with serving() as state:
        yield state


@pytest.fixture
def look(tmp_path, tmp_path_factory):
    """What a survey of a project of one file, in the folder `project`, finds of some changes."""
    return partial(surveyed, tmp_path / "project", tmp_path_factory.getbasetemp() / "jedi")


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """Two folders of packages, with the httpx before and the one after."""
    found = []
    for text, client in (
        (OLD, CLIENT.format("def went(self): ...", "proxies=None")),
        (NEW, CLIENT.format("", "b=None")),
    ):
        folder = tmp_path_factory.mktemp("packages")
        (folder / "httpx").mkdir()
        (folder / "httpx" / "__init__.py").write_text(text)
        (folder / "httpx" / "_client.py").write_text(client)
        found.append(folder)
    return found


@pytest.fixture
def ask(tmp_path, releases):
    """Asks about a project of these files; the document that answers."""

    def asked(files, after="0.2", **wanted):
        folder = tmp_path / "mine"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (tmp_path / "snapshots").mkdir(exist_ok=True)
        workspace = Workspace(tmp_path, tmp_path / "tests", tmp_path / "snapshots")
        question = inquiry.Asked(str(folder), None, after, "ends", sys.executable, MINOR, timeout=60.0)
        return inquiry.run(replace(question, **wanted), releases, workspace, said.append)

    said = asked.said = []
    return asked


@pytest.fixture
def experiment(tmp_path, releases):
    """Makes the experiment with a project of these files."""

    def made(files, **conditions):
        folder = tmp_path / "mine"
        for name, text in {"requirements.txt": "httpx==0.1\n", **files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        found = projects_of.find(str(folder), tmp_path / "scratch")
        needs = dependencies.declared(folder)
        conditions = Conditions(sys.executable, MINOR, **{"timeout": 60.0, **conditions})
        held = Held(needs, needs.pins, releases.cutoff, replaced=True)
        # One at a time is at a project.
        stack.close()
        return stack.enter_context(Experiment(found, held, conditions, releases, tmp_path / "made", said.append))

    said = made.said = []
    with contextlib.ExitStack() as stack:
        yield made


@pytest.fixture
def here(monkeypatch):
    """Every environment is the one that these tests run in, which has a real httpx, Flask and WSGI server."""
    monkeypatch.setattr(environment, "build", lambda *_, **__: environment.Path(sys.executable))
    monkeypatch.setattr(environment, "packages", lambda _: environment.Path(os.__file__).parent / "site-packages")


@pytest.fixture
def touched(kit, small_checkout, tmp_path):
    """A project that passes `proxies=`, and a line stored in which what is said of that changes at 0.2."""
    answers = ({"proxies/argument-proxies": answer, "redirects/attribute_of_client": answer} for answer in (1, 2))
    keep(small_checkout, *(record(version, answer) for version, answer in zip(("0.1", "0.2"), answers, strict=True)))
    assert kit("accept")[0] == 0
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text("import httpx\n\nclient = httpx.Client(proxies={})\n")
    return str(project)
