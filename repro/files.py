"""Ground floor: writing a file so that nobody ever sees half of it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

#: The file of an environment that names the folder of its optional packages; the kit writes it, the cell reads it.
OPTIONAL = "optional.path"


def write(path: Path, text: str) -> None:
    """Write `text` (as UTF-8) to `path` in one step, making its folder where needed.

    The text goes to a file beside `path`, reaches the disk, and takes the name last: a full disk, an interrupt or a
    power cut leaves the old file or the new one, never a part.

    Raises:
        OSError: The disk is full or the folder cannot be written; `path` is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(0o644)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
