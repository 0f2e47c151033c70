"""What a run of a project's tests sees of this machine, and what of its words a report may repeat."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from repro import secret

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# What a run may see: how texts and times are written. Whatever else it needs is given to it.
_SEEN = re.compile(r"LANG|LC_\w+|TZ|SYSTEMROOT|TERM")

# What keys look like wherever they stand: those of OpenAI and Anthropic, GitHub, AWS, Slack, Google; tokens of three
# parts (RFC 7519); what follows Bearer or Basic; and the password in an address.
_SHAPES = re.compile(
    r"\bsk-[\w-]{16,}|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bAKIA[0-9A-Z]{16}\b|\bxox[abprs]-[\w-]{10,}"
    r"|\bAIza[\w-]{30,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?<=Bearer )[\w.~+/=-]{8,}|(?<=Basic )[\w+/=]{8,}"
    r"|(?<=://)[^\s/:@'\"]+:[^\s/@'\"]+(?=@)"
)

# An entry of a file of variables, as `export NAME="value"`.
_ENTRY = re.compile(r"^\s*(?:export\s+)?\w+\s*=\s*['\"]?([^'\"#\n]{6,}?)['\"]?\s*(?:#.*)?$", re.MULTILINE)


def environment(interpreter: Path, scratch: Path) -> dict[str, str]:
    """The environment variables of a run: none that this machine gives a meaning to, and no secret.

    Args:
        interpreter: The interpreter of the project's environment, which comes first on the path.
        scratch: A folder that what is somebody's home, or temporary, is made in.
    """
    made = {name: scratch / folder for name, folder in (("HOME", "home"), ("TMPDIR", "tmp"))}
    made |= {f"XDG_{kind}_HOME": scratch / "home" / kind.lower() for kind in ("CACHE", "CONFIG", "DATA", "STATE")}
    for folder in made.values():
        folder.mkdir(parents=True, exist_ok=True)
    seen = {name: value for name, value in os.environ.items() if _SEEN.fullmatch(name)}
    path = os.pathsep.join([str(interpreter.parent), os.environ.get("PATH", os.defpath)])
    folders = {name: str(folder) for name, folder in made.items()}
    # Its packages are those of its environment, and its hashes are the same in every run.
    return {**seen, **folders, "PATH": path, "PYTHONNOUSERSITE": "1", "PYTHONHASHSEED": "0"}


def known(folder: Path) -> list[str]:
    """The secrets that a report must not repeat: those in this process's environment, and in a project's own files.

    Args:
        folder: The project, whose `.env` files hold variables that are not for others.
    """
    found = {
        value.strip()
        for path in sorted(folder.glob(".env*"))
        if path.is_file()
        for value in _ENTRY.findall(path.read_text(encoding="utf-8", errors="replace"))
    }
    return sorted({*found, *secret.values(os.environ)}, key=lambda value: (-len(value), value))


def redacted(value: Any, hidden: Iterable[str]) -> Any:
    """A document without the secrets in any of its texts.

    Args:
        value: The document, as JSON holds it.
        hidden: The secrets that are known, the longest first.
    """
    if isinstance(value, dict):
        return {redacted(name, hidden): redacted(entry, hidden) for name, entry in value.items()}
    if isinstance(value, list):
        return [redacted(entry, hidden) for entry in value]
    if not isinstance(value, str):
        return value
    text = value
    for each in hidden:
        text = text.replace(each, secret.REDACTED)
    return _SHAPES.sub(secret.REDACTED, secret.text(text))
