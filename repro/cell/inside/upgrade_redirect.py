"""Redirects imports: `import httpx` gives the very modules of the fork that stands in for it.

A finder in front of all others answers for the redirected names, and the module that it loads *is* the fork's, so
there is one identity: `httpx._client is httpx2._client`. The fork is imported only when somebody asks.

Not redirected: the metadata of distributions (`importlib.metadata.version("httpx")` says what is installed under that
name), logger names, and what a class says of its own module.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Loader:
    """Loads a module by importing another.

    Args:
        real: The name of the module that stands in.
    """

    def __init__(self, real: str) -> None:
        self.real = real
        self._spec: importlib.machinery.ModuleSpec | None = None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Any:
        """The module itself."""
        module = importlib.import_module(self.real)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: Any) -> None:
        """Give the module its own spec back, which the import machinery replaced."""
        module.__spec__ = self._spec

    def get_code(self, fullname: str) -> Any:
        """The code of the module, for `python -m`."""
        spec: Any = importlib.util.find_spec(self.real)
        return spec.loader.get_code(self.real)

    def is_package(self, fullname: str) -> bool:
        """Whether the module is a package."""
        spec = importlib.util.find_spec(self.real)
        return spec is not None and spec.submodule_search_locations is not None


class Finder:
    """Finds what is redirected.

    Args:
        redirects: The names that stand in, by the names that they stand in for.
    """

    def __init__(self, redirects: dict[str, Any]) -> None:
        self.redirects = redirects

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """The spec of a redirected module; None for any other.

        Raises:
            ModuleNotFoundError: What stands in has no such module.
        """
        root, dot, rest = fullname.partition(".")
        if root not in self.redirects:
            return None
        real = self.redirects[root] + dot + rest
        spec = None if real in sys.modules else _spec(real)
        if real not in sys.modules and spec is None:
            if _only_asked():
                return None
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: {real!r} stands in for it here, and there is no such module",
                name=fullname,
            )
        loader: Any = Loader(real)
        found = importlib.machinery.ModuleSpec(fullname, loader, origin=spec.origin if spec else None)
        if spec is not None and spec.submodule_search_locations is not None:
            found.submodule_search_locations = list(spec.submodule_search_locations)
        return found


def _spec(real: str) -> importlib.machinery.ModuleSpec | None:
    """The spec of a module; None if there is none, nor a package that it could be in."""
    try:
        return importlib.util.find_spec(real)
    except ModuleNotFoundError as error:
        if error.name and (real == error.name or real.startswith(error.name + ".")):
            return None
        # The package is there, and what it imports is not.
        raise


def _only_asked() -> bool:
    """Whether `importlib.util.find_spec` asks, which says None for what is not there, rather than an import."""
    caller = sys._getframe(3)
    return caller.f_code.co_name == "find_spec" and caller.f_globals.get("__name__") == "importlib.util"


def install(redirects: dict[str, Any]) -> None:
    """Redirect imports from now on."""
    if redirects:
        sys.meta_path.insert(0, Finder(redirects))
