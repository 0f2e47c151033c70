"""What the behaviours of the surface share: what is logged meanwhile, and the package imported anew."""

import contextlib
import importlib
import logging
import sys

import pytest

from repro.cell.library import httpx


class Kept(logging.Handler):
    """Keeps what the packages outside the standard library log."""

    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        """Keep a record; an event loop has its own to say, which is not the release's."""
        if record.name.partition(".")[0] not in sys.stdlib_module_names:
            self.records.append(record)


@contextlib.contextmanager
def everything_logged():
    """The records of everything that is logged meanwhile, however low its level."""
    root, kept = logging.getLogger(), Kept()
    level = root.level
    root.addHandler(kept)
    root.setLevel(1)
    try:
        yield kept.records
    finally:
        root.setLevel(level)
        root.removeHandler(kept)


@pytest.fixture
def logged():
    """Makes a call, and gives what is logged meanwhile."""

    def records(call):
        with everything_logged() as found:
            call()
        return found

    return records


def is_own(module):
    """Whether a module is the release's, or of the package for the network that its authors split off."""
    package = module.partition(".")[0]
    return package in {"httpx", httpx.__name__} or package.startswith("httpcore")


@pytest.fixture
def anew():
    """Imports the release as if nothing had imported it before, and gives the module, which is not `library.httpx`."""
    before = {name: module for name, module in sys.modules.items() if is_own(name)}

    def forget():
        for name in [name for name in sys.modules if is_own(name)]:
            del sys.modules[name]

    def imported():
        forget()
        return importlib.import_module(httpx.__name__)

    yield imported
    forget()
    sys.modules.update(before)
