"""Finds the interpreter of a Python that a person names by its minor version."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_ASK = "import sys; print('%d.%d' % sys.version_info[:2])"


def find(minor: str) -> str:
    """The interpreter of a minor Python, or the name itself, for uv to look where only it knows.

    Looked for where this process runs, on the path, and among the versions that pyenv has: its shims are on the path
    for every version, and work only for the chosen ones.

    Args:
        minor: The Python as `3.12`.
    """
    if minor == f"{sys.version_info.major}.{sys.version_info.minor}":
        # Not by one of its names, nor by that of an environment made of it: what is built with it is named after it.
        return os.path.realpath(sys.executable)
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    folders += sorted(folder / "bin" for folder in pyenv.glob(f"{minor}.*"))
    for folder in folders:
        candidate = folder / f"python{minor}"
        if candidate.is_file() and _answers(candidate) == minor:
            return str(candidate)
    return minor


def _answers(candidate: Path) -> str:
    """The version that an interpreter says it has; nothing if it does not run."""
    done = subprocess.run([str(candidate), "-I", "-c", _ASK], capture_output=True, text=True, check=False)
    return done.stdout.strip()
