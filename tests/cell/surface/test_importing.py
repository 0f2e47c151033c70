"""What `import httpx` does besides making the package: what else it imports, and by which names it is there."""

import builtins
import importlib
import sys

import pytest

from repro.cell.library import httpx
from repro.cell.values import told


@pytest.fixture
def imports(monkeypatch):
    """The names of the packages that the release's own modules import, as they come."""
    found = set()
    ask = builtins.__import__

    def listening(name, place=None, *given):
        asking, package = (place or {}).get("__name__", ""), name.partition(".")[0]
        relative = given[2:3] not in {(), (0,)}
        # The packages of the command line are not the release's, and without them it does without the command.
        if asking.partition(".")[0] == httpx.__name__ and not asking.endswith("._main") and not relative:
            found.add(package)
        return ask(name, place, *given)

    monkeypatch.setattr(builtins, "__import__", listening)
    return found


def test_packages(anew, imports, observe):
    """The packages that the release's own modules import while it is imported, and that were found."""
    anew()
    # Whether these are needed, or are packages at all, is a question of what the Python has itself.
    own = {httpx.__name__, "cgi", "typing_extensions", *sys.stdlib_module_names}
    observe(sorted(name for name in imports - own if name in sys.modules))


def test_second_name(anew, observe):
    """Whether the release is there under the name `httpx` once it is imported by its own name."""
    module = anew()
    observe(sys.modules.get("httpx") is module)


def test_alias(anew, monkeypatch, observe):
    """The packages that `import httpx` and `import httpcore` find after `alias_httpx()`, if there is one."""
    found = {}
    if hasattr(httpx, "alias_httpx"):
        monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
        anew().alias_httpx()
        for name in ("httpx", "httpcore"):
            found[name] = told(lambda name=name: importlib.import_module(name).__name__)
    observe(found)
