"""Keeps secrets out: of the environment that a project's tests get, and of whatever is told of them afterwards."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from repro.secret import HEADERS, REDACTED, SHORTEST, variable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

# What a run may see of the environment around it: how programs are found and text is written.
_SEEN = re.compile(r"PATH|LANG|LANGUAGE|LC_\w+|TZ|USER|LOGNAME|SHELL|LD_LIBRARY_PATH|SYSTEMROOT|PATHEXT|COMSPEC")

#: Folders that programs look for by a variable, below the scratch folder.
_FOLDERS = {
    "HOME": "home",
    "TMPDIR": "tmp",
    "TEMP": "tmp",
    "TMP": "tmp",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_STATE_HOME": "home/.local/state",
    "XDG_RUNTIME_DIR": "run",
}

# Values of .env files that are no secrets: words, numbers, and places on this machine.
_INNOCENT = re.compile(
    r"(?i)[a-z]+|[\d.]+|(https?://)?(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(:\d+)?(/\S*)?|[./]\S*"
)

_ASSIGNED = re.compile(
    r"""^\s*(?:export\s+)?([\w.]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^#\n]*?))\s*(?:\s#.*)?$""", re.MULTILINE
)

#: What a value of these shapes is, wherever it stands. A group that is captured stays.
_SHAPES = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        r"\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*",  # a JSON web token
        r"\bsk-[\w-]{12,}",  # OpenAI, Anthropic and others
        r"\b[prs]k_(?:live|test)_\w{10,}",  # Stripe
        r"\bgh[opsur]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",  # AWS
        r"\bAIza[\w-]{30,}",  # Google
        r"\bxox[a-z]-[\w-]{10,}",  # Slack
        r"\bhf_[A-Za-z0-9]{20,}|\bnpm_[A-Za-z0-9]{30,}|\bpypi-[\w-]{30,}",
        r"(?i)\b(bearer\s+)(?=[^\s'\"]*\d|[^\s'\"]{20})[\w.~+/=-]{8,}",
        r"(?i)\b(basic\s+)(?=[^\s'\"]*[\d=])[\w+/]{8,}={0,2}",
        r"(?i)([?&](?:\w*token|\w*key|\w*secret|password|passwd|sig|signature)=)[^&\s'\"#]+",
        r"(://)[^/\s'\"@?#]+(?=@)",  # who asks, in a URL
        # A header, as JSON, a header line or a repr has it.
        (
            rf"(?i)(\b(?:{'|'.join(sorted(HEADERS))})"
            r"['\"]?\s*[:,]\s*(?:b(?=['\"]))?['\"]?)[^'\"\r\n]+"
        ),
    )
]


def environment(around: Mapping[str, str], scratch: Path, let: Iterable[str] = ()) -> dict[str, str]:
    """The environment variables that a run gets, with folders of its own for what programs keep.

    Args:
        around: The variables around the kit.
        scratch: A folder that the run may write to; the folders are made in it.
        let: Names of further variables that its user lets it have.
    """
    wanted = set(let)
    seen = {name: value for name, value in around.items() if _SEEN.fullmatch(name) or name in wanted}
    folders = {name: scratch / below for name, below in _FOLDERS.items()}
    for folder in folders.values():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        **seen,
        **{name: str(folder) for name, folder in folders.items()},
        # What others installed for this user is no part of the environment.
        "PYTHONNOUSERSITE": "1",
        # The order of sets is no difference between releases.
        "PYTHONHASHSEED": "0",
    }


@dataclass(frozen=True)
class Secrets:
    """What is known to be secret, beside what looks like it.

    Attributes:
        values: The secret texts, in every spelling, longest first.
    """

    values: tuple[str, ...] = ()

    def redact(self, text: str) -> str:
        """A text without secrets."""
        for value in self.values:
            text = text.replace(value, REDACTED)
        for shape in _SHAPES:
            text = shape.sub(_hidden, text)
        return text

    def plain(self, value: Any) -> Any:
        """JSON without secrets, in names and in values."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, dict):
            return {self.redact(name): self.plain(entry) for name, entry in value.items()}
        return [self.plain(entry) for entry in value] if isinstance(value, list) else value


def known(around: Mapping[str, str], tree: Path | None = None) -> Secrets:
    """The secrets of whoever runs the kit: from the environment, and from the `.env` files of the project.

    A value of fewer than six characters is not looked for, nor is one that is only a word, a number or a place here.

    Args:
        around: The variables around the kit.
        tree: The project; None for none.
    """
    found = {value for name, value in around.items() if variable(name)}
    for path in [*tree.glob(".env*"), *tree.glob("*/.env*")] if tree else ():
        if path.is_file():
            found |= _assigned(path.read_text(encoding="utf-8", errors="replace"))
    spelled = {
        spelling
        for value in found
        if len(value) >= SHORTEST and not _INNOCENT.fullmatch(value)
        for spelling in (value, quote(value, safe=""), json.dumps(value)[1:-1], repr(value)[1:-1])
    }
    return Secrets(tuple(sorted(spelled, key=lambda value: (-len(value), value))))


def _assigned(text: str) -> set[str]:
    """The values of a `.env` file."""
    return {double or single or bare for _, double, single, bare in _ASSIGNED.findall(text)}


def _hidden(found: re.Match[str]) -> str:
    """What stays of a secret: what stood before it and says what it is."""
    return "".join(group for group in found.groups() if group) + REDACTED
