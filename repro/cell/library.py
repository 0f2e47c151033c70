"""The release under test, whatever it is called: `from repro.cell.library import httpx`.

The release is found by what is installed, never by `__version__` (1.0.dev1 has none, 1.0.dev4 has a wrong one). Where
the release has another import name, `import httpx` is answered by it, so that the reproduction runs as it stands.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import sys
import warnings
from pathlib import Path

from repro.cell.installation import DISTRIBUTION_VARIABLE, installed
from repro.release import Release, Releases

#: Names the source of the release where it is none from the index.
SOURCE_VARIABLE = "REPRO_SOURCE"


def knows_its_version() -> bool:
    """Whether the version that the release gives as its own is the one that is installed.

    Raises:
        AttributeError: It gives none.
    """
    return bool(httpx.__version__ == str(release.version))


_releases = Releases.load()
_wanted = os.environ.get(DISTRIBUTION_VARIABLE)
_source = os.environ.get(SOURCE_VARIABLE)

release = installed(_releases, _wanted)
if _source:
    release = Release(release.distribution, release.version, _source)

with warnings.catch_warnings(record=True) as _caught:
    warnings.simplefilter("always")
    httpx = importlib.import_module(_releases.line(release.distribution).module)
#: Warnings that importing the release gave, as `(category, message)`.
import_warnings = sorted({(w.category.__name__, str(w.message)) for w in _caught})

sys.modules["httpx"] = httpx
if importlib.util.find_spec("respx") and "asynctest" in (importlib.metadata.requires("respx") or ()):
    # respx up to 0.11 imports asynctest, which needs a function that Python 3.11 removed.
    sys.path.append(str(Path(__file__).with_name("companions")))
