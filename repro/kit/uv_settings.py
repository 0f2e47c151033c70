"""What of uv's settings reaches an install: where the packages are and how to get there, and nothing that chooses them.

uv reads its settings from files as well as from variables, and one may ask for the lowest version of everything, hold
some back or replace others. With that, two machines would not install the same release in the same way.
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The settings that say where packages are and how to get there, as uv's reference names them, there and in `[pip]`.
KEPT = frozenset(
    {
        "allow-insecure-host",
        "cache-dir",
        "concurrent-builds",
        "concurrent-downloads",
        "concurrent-installs",
        "extra-index-url",
        "find-links",
        "http-proxy",
        "https-proxy",
        "index",
        "index-strategy",
        "index-url",
        "keyring-provider",
        "link-mode",
        "native-tls",
        "no-index",
        "no-proxy",
        "offline",
        "system-certs",
    }
)
# Those of them that may be places in the file system, from the folder of the file on.
_PLACES = frozenset({"extra-index-url", "find-links", "index", "index-url"})


def read(around: Mapping[str, str], folder: Path) -> str:
    """The settings that are kept, of every file that uv would read, as the text of one file.

    Args:
        around: The environment variables.
        folder: Where uv is started.

    Raises:
        Problem: A file is damaged.
    """
    settings: dict[str, Any] = {}
    for path in _files(around, folder):
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Problem(f"uv's settings {path} are damaged: {error}.", "Mend the file, and run it again.") from None
        pip = found.get("pip")
        for name, value in {**found, **(pip if isinstance(pip, dict) else {})}.items():
            if name in KEPT:
                placed = _placed(value, path.parent) if name in _PLACES else value
                # What is read first counts; of lists, all of it.
                before = settings.get(name)
                settings[name] = [*before, *placed] if isinstance(before, list) else settings.get(name, placed)
    return "".join(f"{name} = {_toml(value)}\n" for name, value in sorted(settings.items()))


def _files(around: Mapping[str, str], folder: Path) -> Iterator[Path]:
    """The files of settings that there are, that of the narrowest reach first."""
    if around.get("UV_CONFIG_FILE"):
        yield Path(around["UV_CONFIG_FILE"])
        return
    home = Path(around.get("HOME") or Path.home())
    wide = [Path(each) / "uv" for each in (around.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep) if each]
    user = Path(around.get("XDG_CONFIG_HOME") or home / ".config") / "uv"
    for places in ((folder, *folder.parents), (user,), (*wide, Path("/etc/uv"))):
        for place in places:
            if (place / "uv.toml").is_file():
                yield place / "uv.toml"
                break


def _placed(value: Any, folder: Path) -> Any:
    """A setting with the places in it that are relative to the folder of its file."""
    if isinstance(value, list):
        return [_placed(each, folder) for each in value]
    if isinstance(value, dict):
        return {name: _placed(each, folder) if name == "url" else each for name, each in value.items()}
    if isinstance(value, str) and "://" not in value:
        return str(folder / value)
    return value


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_toml(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)
