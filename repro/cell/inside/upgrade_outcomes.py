"""A pytest plugin that tells what becomes of each test: `pytest -p upgrade_outcomes`, under pytest 5 and later.

It changes no outcome and prints nothing. What it writes is said in `upgrade_inside`.
"""

from __future__ import annotations

import os
import platform
import sys
from typing import Any

import _pytest.config
import pytest
import upgrade_failures
import upgrade_inside
import upgrade_lines
import upgrade_places
import upgrade_warnings

_VERSION = tuple(int(part) for part in pytest.__version__.split(".")[:2])

#: Which pytest of a run this is: one that a test starts is no part of it.
_FIRST = "HTTPX_UPGRADE_SESSION"


class Outcomes:
    """The hooks.

    Args:
        settings: As in `upgrade_inside`.
        worker: The name of this pytest-xdist worker; None where there is none.
    """

    def __init__(self, settings: dict[str, Any], worker: str | None) -> None:
        self._lines = upgrade_lines.Lines(settings["results"])
        self._only = settings["only"]
        self._worker = worker
        # Workers collect the same.
        self._tells_collection = worker in (None, "gw0")
        self._controls = False
        self._crash: BaseException | None = None
        self._tests: dict[str, Any] = {}
        # A file is collected twice where doctests are wanted of it, and fails twice.
        self._collected: set[Any] = set()

    def add(self, entry: dict[str, Any]) -> None:
        """Write a line."""
        if self._worker:
            entry["worker"] = self._worker
        self._lines.add(entry)

    def crashed(self, error: BaseException) -> None:
        """Tell what pytest ends on, once."""
        if error is not self._crash:
            self._crash = error
            self.add({"crashed": _underlying(error)})

    def excepthook(self, kind: type[Any], error: BaseException, traceback: Any) -> None:
        """Tell what pytest ended on."""
        self.crashed(error)
        sys.__excepthook__(kind, error, traceback)

    # Session

    @pytest.hookimpl(hookwrapper=True)
    def pytest_load_initial_conftests(self) -> Any:
        """Tell a conftest.py that could not be imported: pytest ends on it before there is a session."""
        outcome = yield
        if outcome.excinfo is not None:
            error = outcome.excinfo[1]
            path = getattr(error, "path", None)
            if path is not None:
                self._crash = error
                self.add({"collection": _relative(path), "failure": _underlying(error)})

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: Any) -> None:
        """Tell who runs."""
        config = session.config
        self._controls = not self._worker and bool(getattr(config.option, "dist", "no") != "no")
        upgrade_inside.Running.when = "collect"
        if self._worker:
            return
        plugins = {f"{found.project_name}=={found.version}" for _, found in config.pluginmanager.list_plugin_distinfo()}
        self.add(
            {
                "session": {
                    "format": upgrade_inside.FORMAT,
                    "pytest": pytest.__version__,
                    "python": platform.python_version(),
                    "rootdir": str(getattr(config, "rootpath", None) or config.rootdir),
                    "plugins": sorted(plugins),
                }
            }
        )

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Tell how it ended."""
        upgrade_inside.Running.test = upgrade_inside.Running.when = None
        if not self._worker:
            self.add({"finished": int(exitstatus)})

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excinfo: Any) -> None:
        """Tell what pytest itself, or a plugin, ended on."""
        self.crashed(excinfo.value)

    # Collection

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector: Any) -> Any:
        """Tell what could not be collected, while there is the exception."""
        outcome = yield
        if outcome.excinfo is not None or not self._tells_collection:
            return
        report = outcome.get_result()
        if report.outcome == "passed" or report.nodeid in self._collected:
            return
        self._collected.add(report.nodeid)
        if report.outcome == "failed":
            call = getattr(report, "call", None)
            if call is not None and call.excinfo is not None:
                failure = _underlying(call.excinfo.value)
            else:
                failure = _told(report)
            self.add({"collection": report.nodeid, "failure": failure})
        elif report.outcome == "skipped":
            self.add({"module skipped": report.nodeid, "reason": _reason(report)})

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> Any:
        """Limit what runs, once everybody else has had their say."""
        yield
        if self._only:
            with open(self._only, encoding="utf-8") as file:
                wanted = [line for line in file.read().split("\n") if line]
            there = {item.nodeid for item in items}
            items[:] = [item for item in items if item.nodeid in set(wanted)]
            missing = [name for name in wanted if name not in there]
            if missing and self._tells_collection:
                self.add({"missing": missing})

    def pytest_collection_finish(self, session: Any) -> None:
        """Tell what is going to run."""
        upgrade_inside.Running.when = None
        if self._tells_collection and not self._controls:
            self.add({"collected": [item.nodeid for item in session.items]})

    # Tests

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell what begins."""
        if not self._controls:
            upgrade_inside.Running.test = nodeid
            self._tests.pop(nodeid, None)
            self.add({"began": nodeid})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Know the phase."""
        upgrade_inside.Running.when = "setup"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        """Know the phase."""
        upgrade_inside.Running.when = "call"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        """Know the phase."""
        upgrade_inside.Running.when = "teardown"

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Any:
        """Keep what was raised beside the report, which has it as text only."""
        outcome = yield
        if outcome.excinfo is not None:
            return
        report = outcome.get_result()
        if report is not None and report.outcome == "failed" and call.excinfo is not None:
            report.upgrade_failure = upgrade_failures.describe(call.excinfo.value, call.excinfo.tb)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take in a phase; the last one decides."""
        if self._controls:
            if report.when == "???":
                # The worker died of it.
                crash: dict[str, Any] = {
                    "type": "crashed",
                    "message": str(report.longrepr)[:4000],
                    "frames": [],
                    "cause": None,
                }
                self._end(report.nodeid, "failed", 0.0, None, [dict(crash, when="call")])
            return
        # Taken off, as other plugins would carry it around.
        failure: dict[str, Any] | None = report.__dict__.pop("upgrade_failure", None)
        seen = self._tests.setdefault(
            report.nodeid, {"outcome": "passed", "reason": None, "failures": [], "seconds": 0}
        )
        if report.outcome == "rerun":
            # A plugin for flaky tests is going to run it again.
            seen["outcome"] = None
        seen["seconds"] += getattr(report, "duration", 0) or 0
        if report.outcome == "failed":
            seen["failures"].append(dict(failure or _told(report), when=report.when))
            if report.when == "call":
                seen["outcome"] = "failed"
            elif seen["outcome"] != "failed":
                seen["outcome"] = "error"
        elif report.outcome == "skipped" and not _part(report) and seen["outcome"] == "passed":
            expected = getattr(report, "wasxfail", None)
            seen["outcome"] = "skipped" if expected is None else "xfailed"
            seen["reason"] = _reason(report) if expected is None else str(expected)[:4000]
        elif report.outcome == "passed" and hasattr(report, "wasxfail") and seen["outcome"] == "passed":
            seen["outcome"] = "xpassed"
            seen["reason"] = str(report.wasxfail)[:4000]

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Tell what became of a test."""
        if self._controls:
            return
        upgrade_inside.Running.test = upgrade_inside.Running.when = None
        seen = self._tests.pop(nodeid, None)
        if seen is not None and seen["outcome"] is not None:
            self._end(nodeid, seen["outcome"], seen["seconds"], seen["reason"], seen["failures"])

    def _end(self, test: str, outcome: str, seconds: float, reason: str | None, failures: list[Any]) -> None:
        """Write the line that ends a test."""
        self.add(
            {
                "ended": test,
                "outcome": outcome,
                "seconds": round(seconds, 3),
                "reason": reason,
                "failures": failures,
            }
        )

    # Warnings

    def _warned(self, warning: Any, when: str, test: str | None) -> None:
        """Tell a warning that pytest saw: also those given in C, which nothing else here sees."""
        witness = upgrade_warnings.witness
        if witness is None or self._controls or (not test and not self._tells_collection):
            return
        when = "call" if when == "runtest" else when
        witness.tell(warning.category, str(warning.message), warning.filename, warning.lineno, None, test or None, when)

    if _VERSION >= (6, 0):

        def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str) -> None:
            """Tell a warning."""
            self._warned(warning_message, when, nodeid)

    else:

        def pytest_warning_captured(self, warning_message: Any, when: str, item: Any) -> None:
            """Tell a warning, as pytest 5 has it."""
            self._warned(warning_message, when, item.nodeid if item is not None else None)


def _relative(path: Any) -> str:
    """A path as the protocol has it."""
    told: str = upgrade_places.place(str(path))[1]
    return told


def _underlying(error: BaseException) -> dict[str, Any]:
    """What kept a file from being collected: not pytest's own exception about it, where there is another."""
    names = ("CollectError", "ConftestImportFailure", "PluginImportFailure", "UsageError")
    found = error
    while type(found).__name__ in names:
        cause = upgrade_failures._cause(found) or getattr(found, "cause", None)
        if cause is None:
            break
        found = cause
    failure: dict[str, Any] = upgrade_failures.describe(found)
    return failure


def _part(report: Any) -> bool:
    """Whether a report is of a subtest, of which a test may have skipped some and passed."""
    return "SubTest" in type(report).__name__ or "Subtest" in type(report).__name__


def _told(report: Any) -> dict[str, Any]:
    """A failure of which there is no exception: an expected failure that passed, say."""
    return {"type": "Failed", "message": str(report.longrepr)[:4000], "frames": [], "cause": None}


def _reason(report: Any) -> str:
    """Why something was skipped."""
    found = report.longrepr
    text = str(found[-1] if isinstance(found, tuple) else found)
    return text[len("Skipped: ") :][:4000] if text.startswith("Skipped: ") else text[:4000]


def _hooks() -> Outcomes | None:
    """The hooks of this process; None where nothing is to be told."""
    settings = upgrade_inside.SETTINGS
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if settings is None or not settings["results"]:
        return None
    if os.environ.get(_FIRST) != ("controller" if worker else None):
        # A test started this one, with workers of its own perhaps.
        os.environ[_FIRST] = "inner"
        return None
    os.environ[_FIRST] = worker or "controller"
    upgrade_inside.Running.when = "config"
    return Outcomes(settings, worker)


def _witness(hooks: Outcomes, owner: Any, name: str) -> None:
    """Tell what a method of pytest raises that runs before there are hooks: some versions print it, and that is all."""
    given = getattr(owner, name)

    def witnessed(self: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return given(self, *arguments, **options)
        except Exception as error:
            # Later on, a test may do the same within this process.
            if upgrade_inside.Running.when == "config" and type(error).__name__ != "Skipped":
                hooks.crashed(error)
            raise

    setattr(owner, name, witnessed)


hooks = _hooks()
if hooks is not None:
    _witness(hooks, _pytest.config.PytestPluginManager, "import_plugin")
    _witness(hooks, _pytest.config.PytestPluginManager, "load_setuptools_entrypoints")
    sys.excepthook = hooks.excepthook
    if upgrade_warnings.witness is not None:
        upgrade_warnings.witness.worker = hooks._worker
    # pytest takes this module for the plugin, and only so early that it sees the first conftest.py.
    globals().update((name, getattr(hooks, name)) for name in dir(hooks) if name.startswith("pytest_"))
