"""How a cell asks one behaviour after the other: as pytest does, without the reports that nobody reads.

pytest reports three times of every test, and asks each time which of its plugins are for the folder of that test. Over
a cell that is 0.15 s of CPU, so the kit loads this into its cells (`-p`); by hand nobody misses it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

#: What ends the session, whatever runs.
_ENDING = (pytest.exit.Exception, KeyboardInterrupt)


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Set a behaviour up, ask it and tear it down; report of the asking, and of what else went wrong."""
    # Not those of the item: of all folders of behaviours, none has hooks of its own.
    hook = item.config.hook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    if _went_well(item, "setup", partial(hook.pytest_runtest_setup, item=item)):
        _went_well(item, "call", partial(hook.pytest_runtest_call, item=item))
    _went_well(item, "teardown", partial(hook.pytest_runtest_teardown, item=item, nextitem=nextitem))
    # What a behaviour was given ends with it.
    if isinstance(item, pytest.Function):
        item.funcargs.clear()
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Print no dot for a behaviour that passed: nobody watches, and each is a write."""
    return ("passed", "", "") if report.passed and report.when == "call" else None


def _went_well(item: pytest.Item, when: Any, phase: Callable[[], None]) -> bool:
    """Go through a phase of a test, report what there is to report, and say whether nothing was raised."""
    call = pytest.CallInfo.from_call(phase, when=when, reraise=_ENDING)
    if call.excinfo or when == "call":
        hook = item.config.hook
        hook.pytest_runtest_logreport(report=hook.pytest_runtest_makereport(item=item, call=call))
    return call.excinfo is None
