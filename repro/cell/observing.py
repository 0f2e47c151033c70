"""The pytest plugin of a cell: gives a behaviour its `observe`, and keeps what became of each in the record.

`tests/cell/conftest.py` loads it, so `pytest tests/cell` observes in any environment that has an httpx. With
`--record FILE` the session also writes its record; until then `FILE.partial` holds one line per behaviour that is
done or begun, for whoever finds this process dead.
"""

from __future__ import annotations

import asyncio
import difflib
import faulthandler
import gc
import importlib.metadata
import importlib.util
import json
import os
import platform
import resource
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from repro import epochs
from repro.cell import capabilities, library, redaction
from repro.cell.epoch_snapshots import Areas, EpochSnapshotExtension
from repro.cell.optional import companion
from repro.problem import Problem
from repro.record import Behaviour, Record
from repro.release import Releases

if TYPE_CHECKING:
    import warnings
    from collections.abc import Callable, Generator, Iterable, Sequence

    from syrupy.assertion import SnapshotAssertion

#: What the optional packages' process costs goes by, among the areas: it works for several of them.
COMPANION = "with optional packages"

TESTS = Path(__file__).parents[2] / "tests" / "cell"

_recorder: Recorder | None = None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a cell."""
    group = parser.getgroup("cell", "a cell of the upgrade regression test kit")
    group.addoption("--record", type=Path, metavar="FILE", help="write the record of this cell to FILE")
    group.addoption("--snapshots", type=Path, metavar="DIR", default=epochs.ROOT, help="hold against these snapshots")
    group.addoption("--areas", type=Path, metavar="DIR", default=TESTS, help="the folder of the behaviours' areas")
    group.addoption(
        "--cell-timeout", type=float, metavar="SECONDS", help="end the process after this, with a stack of every thread"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Point the snapshots at the running release, and open the record."""
    config.addinivalue_line("markers", "needs(*capabilities): what the behaviour needs from the release")
    releases = Releases.load()
    areas = Areas(config.getoption("areas").resolve())
    EpochSnapshotExtension.configure(epochs.Epochs(config.getoption("snapshots"), releases), library.release, areas)
    global _recorder  # noqa: PLW0603 - pytest's hooks are functions; the session has one recorder
    _recorder = Recorder(config.getoption("record"), areas)
    # A warning is kept in the record, without secrets; pytest's summary would print it as it was given.
    config.option.disable_warnings = True
    if seconds := config.getoption("cell_timeout"):
        # Not through pytest's own plugin: it forgets the time limit at the first failure.
        stderr = os.dup(2)
        faulthandler.enable(stderr)
        faulthandler.dump_traceback_later(seconds, exit=True, file=stderr)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Take secrets out of what is printed about a module that cannot be collected."""
    report = yield
    if report.failed:
        report.longrepr = redaction.text(str(report.longrepr))
    return report


def pytest_report_header() -> list[str]:
    """Name the release under test at the top of the output, and what a cell has that this environment lacks."""
    header = [f"release: {library.release}"]
    if lack := lacking():
        header.append(f"lacking: {', '.join(lack)}: what needs them is left out, or is not as stored")
    return header


def pytest_collection_finish() -> None:
    """Let the collector pass over what is there for good, whenever it comes by.

    Looking through all that importing and collecting has made takes it 25 ms each time, and it frees nothing of it.
    So a behaviour that freezes what was there before it never unfreezes: that would be all of this as well.
    """
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a behaviour that needs what the release lacks, and note the missing capability.

    Each begins in a main thread without an event loop. The synchronous client of 0.7 takes the one that is there, and
    which one that is depends on what ran before.
    """
    recorder().begin(item)
    asyncio.set_event_loop(None)
    if lack := capabilities.missing(needs(item)):
        recorder().note(item, "absent", lack)
        pytest.skip(f"absent: {library.release} has no {lack}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note what became of the behaviour, and take secrets out of what a failure prints."""
    report = yield
    if report.failed:
        message = str(call.excinfo.value) if call.excinfo else "failed"
        recorder().fail(item, f"{call.excinfo.typename if call.excinfo else ''}: {message}".splitlines()[0])
        report.longrepr = redaction.text(str(report.longrepr))
        report.sections = [(name, redaction.text(content)) for name, content in report.sections]
    elif report.skipped:
        recorder().skip(item)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Close the account of a behaviour once it is done."""
    done = yield
    recorder().finish(item)
    redaction.forget()
    return done


def pytest_warning_recorded(warning_message: warnings.WarningMessage, nodeid: str) -> None:
    """Keep a warning: in a cell it is an observation, never an error.

    Not a ResourceWarning: during which behaviour the collector comes by, and under which descriptor it finds what was
    left open, is another from run to run. What a client leaves open is asked for by behaviours of its own.
    """
    if not issubclass(warning_message.category, ResourceWarning):
        recorder().warn(nodeid, warning_message.category.__name__, str(warning_message.message))


def pytest_sessionfinish(exitstatus: int) -> None:
    """Write the record of a session that ran every behaviour; one that could not even collect them has none."""
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        recorder().write()


def recorder() -> Recorder:
    """The recorder of this session."""
    assert _recorder is not None
    return _recorder


@pytest.fixture
def observe(request: pytest.FixtureRequest) -> Callable[[Any], None]:
    """Answer the behaviour's question: keep an observation and hold it against what is stored.

    syrupy comes in where an answer is not the stored one, to store it or to tell. Through it, finding that an answer is
    the stored one costs as much as many a behaviour.
    """

    def keep(observation: Any) -> None:
        value = redaction.plain(observation)
        recorder().note(request.node, "observed", value)
        behaviour = recorder().asked(request.node)
        try:
            if EpochSnapshotExtension.holds(behaviour, value):
                return
        except Problem:
            # It is an answer all the same. That the file it is held against is damaged, the kit says.
            recorder().differs(request.node)
            raise
        snapshot: SnapshotAssertion = request.getfixturevalue("snapshot")
        if value != snapshot(extension_class=EpochSnapshotExtension):
            recorder().differs(request.node)
            pytest.fail(difference(behaviour, value), pytrace=False)

    return keep


def lacking() -> list[str]:
    """The packages that a cell has and this environment, made by hand, has not: those that observe, h2 and respx.

    Each is imported by its name.
    """
    names = {canonicalize_name(Requirement(text).name) for text in Releases.load().harness}
    return sorted(name for name in {*names, "h2", "respx"} if not importlib.util.find_spec(name.replace("-", "_")))


def needs(item: pytest.Item) -> list[str]:
    """The capabilities that a test needs of the release, in the order in which they are asked for."""
    return [need for mark in item.iter_markers("needs") for need in mark.args]


def difference(behaviour: str, value: Any) -> str:
    """What a person reads when an answer differs: the stored epoch, and what is different now."""
    store = EpochSnapshotExtension.store
    serving = store.serving(library.release, behaviour)
    if serving is None:
        return f"{behaviour} has no stored observation yet; now: {json.dumps(value)}"
    lines = difflib.unified_diff(
        epochs.dump(store.observation(serving, behaviour)).splitlines(),
        epochs.dump(value).splitlines(),
        f"stored since {serving}",
        f"now, under {library.release}",
        lineterm="",
    )
    alone = [f"A cell has {', '.join(lack)}, which this environment lacks."] if (lack := lacking()) else []
    return "\n".join([f"{behaviour} differs from what is stored", *lines, *alone])


class Recorder:
    """Collects what became of each behaviour of one session.

    Args:
        path: Where the record goes; None to write none.
        areas: What names the behaviours.
    """

    def __init__(self, path: Path | None, areas: Areas) -> None:
        self.path = path
        self._areas = areas
        self.behaviours: dict[str, Behaviour] = {}
        self.warnings: set[tuple[str, str, str]] = {("", *warning) for warning in library.import_warnings}
        self._ids: dict[str, str] = {}
        self._noted: dict[str, tuple[str, Any]] = {}
        self._differing: set[str] = set()
        self._startup: float | None = None
        self._spent: defaultdict[str, float] = defaultdict(float)
        self._since = 0.0
        self._partial = path.with_name(path.name + ".partial").open("w", encoding="utf-8") if path else None

    def begin(self, item: pytest.Item) -> None:
        """A behaviour begins."""
        if self._startup is None:
            self._startup = self._since = time.process_time()
        behaviour = self._areas.behaviour(item.path, item.name)
        if behaviour in self.behaviours:
            raise ValueError(f"two tests ask {behaviour}: a behaviour is one test")
        self._ids[item.nodeid] = behaviour
        self._line({"began": behaviour})

    def asked(self, item: pytest.Item) -> str:
        """The id of the behaviour that a test asks for."""
        return self._ids[item.nodeid]

    def note(self, item: pytest.Item, state: str, value: Any) -> None:
        """A behaviour gave its answer, or cannot be asked."""
        if item.nodeid in self._noted:
            raise ValueError("a behaviour is one question with one answer: observe once")
        self._noted[item.nodeid] = (state, value)

    def fail(self, item: pytest.Item, message: str) -> None:
        """A behaviour failed: for good, or only by differing, which the kit judges from the answer itself."""
        if item.nodeid in self._differing:
            self._differing.remove(item.nodeid)
        else:
            self._noted[item.nodeid] = ("failed", redaction.text(message))

    def skip(self, item: pytest.Item) -> None:
        """A behaviour was passed over, which only a missing capability may do; anything else would hide it."""
        self._noted.setdefault(item.nodeid, ("failed", "skipped, and not for a missing capability"))

    def differs(self, item: pytest.Item) -> None:
        """A behaviour's answer differs from what is stored; the failure that follows says no more than that."""
        self._differing.add(item.nodeid)

    def finish(self, item: pytest.Item) -> None:
        """A behaviour is done."""
        behaviour = self.asked(item)
        state, value = self._noted.get(item.nodeid, ("held", None))
        title = (getattr(item, "obj", None).__doc__ or "").strip().splitlines()
        entry = Behaviour(title[0] if title else "", item.nodeid, state, value, needs(item))
        self.behaviours[behaviour] = entry
        self._line({"ended": behaviour, **vars(entry)})
        now = time.process_time()
        self._spent[behaviour.partition("/")[0]] += now - self._since
        self._since = now

    def warn(self, nodeid: str, category: str, message: str) -> None:
        """A warning was given while a behaviour ran, or outside of all."""
        self.warnings.add((self._ids.get(nodeid, ""), category, redaction.text(message)))

    def _line(self, entry: dict[str, Any]) -> None:
        if self._partial:
            self._partial.write(json.dumps(entry) + "\n")
            self._partial.flush()

    def write(self) -> None:
        """Write the record, and beside it what the session cost."""
        if self.path is None or self._partial is None:
            return
        self._partial.close()
        packages = installed()
        Record(
            release=library.release,
            python=platform.python_version(),
            packages={name: distribution.version for name, distribution in packages.items()},
            harness=harness(packages, Releases.load().harness),
            behaviours=self.behaviours,
            warnings=[
                {"behaviour": behaviour, "category": category, "message": message}
                for behaviour, category, message in sorted(self.warnings)
            ],
        ).write(self.path)
        # The process with the optional packages works for behaviours; what it cost is known once it has ended.
        companion.end()
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        total = time.process_time() + children.ru_utime + children.ru_stime
        startup = total if self._startup is None else self._startup
        spent = {**self._spent, COMPANION: children.ru_utime + children.ru_stime}
        self.path.with_name(self.path.name + ".cost").write_text(
            json.dumps({"startup": startup, "behaviours": total - startup, "areas": spent}), encoding="utf-8"
        )


def installed() -> dict[str, importlib.metadata.Distribution]:
    """Every distribution of this cell, by its normalised name; the first on the path wins, optional ones come last."""
    found: dict[str, importlib.metadata.Distribution] = {}
    for distribution in importlib.metadata.distributions(path=[p for p in (*sys.path, companion.folder) if p]):
        found.setdefault(canonicalize_name(distribution.metadata["Name"]), distribution)
    return found


def harness(packages: dict[str, importlib.metadata.Distribution], wanted: Sequence[str]) -> list[str]:
    """The names of the packages that observe: those that the release data wants in every cell, and what they need.

    What the release needs as well is the release's: its own requirement decides the version.
    """
    return sorted(closure(packages, wanted) - closure(packages, [library.release.distribution]))


def closure(packages: dict[str, importlib.metadata.Distribution], wanted: Iterable[str]) -> set[str]:
    """The names of the packages that fulfil requirements, and what those need in turn."""
    found: set[str] = set()
    left = list(wanted)
    while left:
        requirement = Requirement(left.pop())
        name = canonicalize_name(requirement.name)
        needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if needed and name in packages and name not in found:
            found.add(name)
            left += packages[name].requires or ()
    return found
