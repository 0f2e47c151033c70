"""The outputs of a project that must not drift: which there are, as its `pyproject.toml` says, and what they are now.

    [[tool.httpx-upgrade.output]]
    name = "schema"
    openapi = "shop.api:app.openapi"           # a callable, or what stands under a name
    ignore = ["/info/version"]                 # JSON pointers, `*` for every item of a list; all below counts neither

    [[tool.httpx-upgrade.output]]
    name = "published schema"
    openapi = "docs/openapi.json"              # a file of the project, JSON or YAML
    generate = ["python", "-m", "shop.export"] # what makes it first; may be left out

    [[tool.httpx-upgrade.output]]
    name = "served schema"
    openapi = "http://127.0.0.1:{port}/openapi.json"
    serve = ["python", "-m", "shop", "--port", "{port}"] # ended once it has been asked

    [[tool.httpx-upgrade.output]]
    name = "search"
    application = "shop.api:app"               # `shop.api:create_app()` where a function makes it
    interface = "asgi"                         # or "wsgi"; found where it is left out
    shape = true                               # hold the types at each place, and not the values

    [[tool.httpx-upgrade.output.request]]
    path = "/search?q=firefly"                 # `name`, `method`, `headers`, and `json` or `body` may be given as well

    [[tool.httpx-upgrade.output]]
    name = "help"
    command = ["shop", "--help"]               # its exit code, and what it prints
    secrets = ["SHOP_LICENCE"]                 # variables whose values are shown nowhere, beside those called so

`environment = { NAME = "value" }` sets variables for any of them. Each output is captured twice, in fresh processes of
the project's own environment, by `repro/cell/inside/upgrade_capture.py`; a place where the two differ varies, and is
never compared.
"""

from __future__ import annotations

import base64
import json
import os
import re
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro import secret
from repro.kit import openapi, payload, process, tables
from repro.kit.downstream import drift
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CAPTURE = Path(__file__).parents[2] / "cell" / "inside" / "upgrade_capture.py"

#: The longest text that is kept, in bytes; of a longer one, and of what is no text, only the digest is.
LONGEST = 1_000_000

_MEND = "The head of repro/kit/downstream/outputs.py shows the form of the table."
_TABLE = "[[tool.httpx-upgrade.output]]"
_ALWAYS = frozenset({"name", "ignore", "shape", "environment", "secrets"})
_KEYS = {
    "openapi": _ALWAYS | {"openapi", "generate", "serve"},
    "application": _ALWAYS | {"application", "interface", "request"},
    "command": _ALWAYS | {"command"},
}
_REQUEST_KEYS = {"name", "method", "path", "headers", "json", "body"}
_NAMED = re.compile(r"\w+(\.\w+)*:\w+(\.\w+)*(\(\))?")
_SERVED = "http://127.0.0.1:{port}/"


@dataclass(frozen=True)
class Output:
    """An output that must not drift.

    Attributes:
        name: What it is called.
        job: What is to be captured, as `repro/cell/inside/upgrade_capture.py` takes it.
        ignore: The places that do not count, with all below them.
        shape: Whether only the types at each place count.
        environment: Environment variables for it.
        secrets: Variables that hold secrets, beside those that are called so.
    """

    name: str
    job: Mapping[str, Any]
    ignore: tuple[str, ...] = ()
    shape: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Captured:
    """What an output was under one release, without secrets, paths and ports.

    Attributes:
        name: The output.
        parts: What it consists of, by name, each any JSON; empty where it is absent.
        absent: Why it could not be captured; None where it was.
        varying: Parts and places that were another the second time, of those that count.
        ignore: The places that do not count, with all below them.
        shape: Whether only the types at each place count.
    """

    name: str
    parts: Mapping[str, Any] = field(default_factory=dict)
    absent: str | None = None
    varying: tuple[tuple[str, str], ...] = ()
    ignore: tuple[str, ...] = ()
    shape: bool = False

    def data(self) -> dict[str, Any]:
        """It as JSON holds it."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Captured:
        """What JSON holds."""
        varying = tuple((part, place) for part, place in data["varying"])
        return cls(**{**data, "varying": varying, "ignore": tuple(data["ignore"])})


def declared(tree: Path) -> tuple[Output, ...]:
    """The outputs that a project names, in the order in which it does.

    Args:
        tree: The folder of its `pyproject.toml`; a project without one names none.

    Raises:
        Problem: The file is damaged, or a table in it says what cannot be.
    """
    path = tree / "pyproject.toml"
    if not path.is_file():
        return ()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f"{path} is damaged: {error}.", "Mend it, and run this again.") from None
    tool = tables.typed(data, "tool", dict, "pyproject.toml", _MEND, {})
    table = tables.typed(tool, "httpx-upgrade", dict, "pyproject.toml: tool", _MEND, {})
    tables.known(table, {"output"}, "pyproject.toml: [tool.httpx-upgrade]", _MEND)
    found = tables.typed(table, "output", list, "pyproject.toml: [tool.httpx-upgrade]", _MEND, [])
    outputs = tuple(_output(entry, f"pyproject.toml: {_TABLE} {number}") for number, entry in enumerate(found, 1))
    _apart([output.name for output in outputs], "pyproject.toml", "outputs")
    return outputs


def _apart(names: Sequence[str], what: str, of: str) -> None:
    """Hold names to being told apart."""
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise Problem(f"{what} has two {of} of the name {twice!r}.", "Give one of them a name of its own.")


def _output(entry: Any, what: str) -> Output:
    """An output from its table."""
    if not isinstance(entry, dict):
        raise Problem(f"{what} is no table.", _MEND)
    name = tables.typed(entry, "name", str, what, _MEND, "")
    if not name:
        raise Problem(f"{what} has no name.", _MEND)
    what = f"{what} ({name})"
    kinds = sorted(entry.keys() & _KEYS.keys())
    if len(kinds) != 1:
        named = " and ".join(kinds) or "nothing to capture"
        raise Problem(f"{what} names {named}: give it one of {', '.join(_KEYS)}.", _MEND)
    tables.known(entry, _KEYS[kinds[0]], what, _MEND)
    ignore = tables.texts(entry, "ignore", what, _MEND)
    if wrong := next((place for place in ignore if not place.startswith("/")), None):
        raise Problem(f"{what} ignores {wrong!r}, which is no JSON pointer: it does not begin with a slash.", _MEND)
    return Output(
        name,
        _JOBS[kinds[0]](entry, what),
        ignore,
        tables.typed(entry, "shape", bool, what, _MEND, False),
        tables.named_texts(entry, "environment", what, _MEND),
        tables.texts(entry, "secrets", what, _MEND),
    )


def _openapi(entry: Mapping[str, Any], what: str) -> dict[str, Any]:
    """The job of an OpenAPI document, by how it is named."""
    source = tables.typed(entry, "openapi", str, what, _MEND)
    serve = tables.texts(entry, "serve", what, _MEND)
    generate = tables.texts(entry, "generate", what, _MEND)
    if "://" in source and not source.startswith(_SERVED):
        raise Problem(f"{what} has the URL {source!r}, which does not begin with {_SERVED}.", _MEND)
    if source.startswith(_SERVED) != bool(serve):
        raise Problem(f"{what} has either a URL or serve: a URL needs the command that serves it.", _MEND)
    if serve:
        job: dict[str, Any] = {"kind": "url", "url": source, "serve": serve}
    elif _NAMED.fullmatch(source):
        job = {"kind": "callable", "callable": source}
    elif Path(source).is_absolute() or ".." in Path(source).parts or not source:
        raise Problem(f"{what} has the file {source!r}, which is not below the project.", _MEND)
    else:
        return {"kind": "file", "file": source, "generate": generate}
    if generate:
        raise Problem(f"{what} has generate, and {source!r} is no file that it would make.", _MEND)
    return job


def _application(entry: Mapping[str, Any], what: str) -> dict[str, Any]:
    """The job of an application and of the requests to it."""
    application = tables.typed(entry, "application", str, what, _MEND)
    if not _NAMED.fullmatch(application):
        raise Problem(f"{what} has the application {application!r}; it is written package.module:name.", _MEND)
    interface = tables.typed(entry, "interface", str, what, _MEND)
    if interface not in {None, "asgi", "wsgi"}:
        raise Problem(f"{what} has the interface {interface!r}, which is neither asgi nor wsgi.", _MEND)
    requests = [
        _request(request, f"{what}: request {number}")
        for number, request in enumerate(tables.typed(entry, "request", list, what, _MEND, []), 1)
    ]
    if not requests:
        raise Problem(f"{what} has no request: add a table [[tool.httpx-upgrade.output.request]].", _MEND)
    _apart([request["name"] for request in requests], what, "requests")
    return {"kind": "application", "application": application, "interface": interface, "requests": requests}


def _request(entry: Any, what: str) -> dict[str, Any]:
    """A request from its table."""
    if not isinstance(entry, dict):
        raise Problem(f"{what} is no table.", _MEND)
    tables.known(entry, _REQUEST_KEYS, what, _MEND)
    path = tables.typed(entry, "path", str, what, _MEND, "")
    if not path.startswith("/") or not path.isascii():
        raise Problem(f"{what} has the path {path!r}; it begins with a slash, and is encoded as in a URL.", _MEND)
    method = tables.typed(entry, "method", str, what, _MEND, "GET").upper()
    headers = tables.named_texts(entry, "headers", what, _MEND)
    body = tables.typed(entry, "body", str, what, _MEND, "")
    if "json" in entry:
        if body:
            raise Problem(f"{what} has both json and body.", "Give it one of them.")
        body = json.dumps(entry["json"], default=str)
        headers = {"Content-Type": "application/json", **headers}
    return {
        "name": tables.typed(entry, "name", str, what, _MEND, f"{method} {path}"),
        "method": method,
        "target": path,
        "headers": [list(header) for header in headers.items()],
        "body": base64.b64encode(body.encode()).decode(),
    }


def _command(entry: Mapping[str, Any], what: str) -> dict[str, Any]:
    """The job of a command."""
    command = tables.texts(entry, "command", what, _MEND)
    if not command:
        raise Problem(f"{what} has an empty command.", _MEND)
    return {"kind": "command", "command": command}


_JOBS: Mapping[str, Callable[[Mapping[str, Any], str], dict[str, Any]]] = {
    "openapi": _openapi,
    "application": _application,
    "command": _command,
}


def capture(
    outputs: Sequence[Output],
    interpreter: Path,
    tree: Path,
    env: Mapping[str, str],
    scratch: Path,
    timeout: float,
    bounds: process.Bounds | None = None,
) -> dict[str, Captured]:
    """What the outputs of a project are under the release of an environment, by name; each is captured twice.

    Args:
        outputs: The outputs.
        interpreter: The environment's interpreter.
        tree: The folder of the project, which its commands may write to.
        env: The environment variables to run it with.
        scratch: A folder for what passes between the processes, which they write to; made where it is not there.
        timeout: Seconds that each may take, each time.
        bounds: What else they are held to; None for a project that is trusted.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    found = {}
    for number, output in enumerate(outputs, 1):
        places = [scratch / f"output-{number}-{time}.json" for time in ("first", "second")]
        seen = [_once(output, interpreter, tree, env, place, timeout, bounds) for place in places]
        found[output.name] = _captured(output, *seen)
    return found


def _captured(output: Output, first: dict[str, Any] | str, second: dict[str, Any] | str) -> Captured:
    """What an output is: what it was the first time, and what of it was another the second time."""
    if isinstance(first, str) or isinstance(second, str):
        reasons = [seen for seen in (first, second) if isinstance(seen, str)]
        # What fails once and not again says nothing of the release either.
        why = reasons[0] if len(reasons) > 1 else f"of two times, it failed once: {reasons[0]}"
        return Captured(output.name, absent=why, ignore=output.ignore, shape=output.shape)
    varying = drift.counting(drift.differences(first, second), output.ignore, shape=output.shape)
    places = tuple((found.part, found.place) for found in varying)
    return Captured(output.name, first, None, places, output.ignore, output.shape)


def _once(
    output: Output,
    interpreter: Path,
    tree: Path,
    env: Mapping[str, str],
    place: Path,
    timeout: float,
    bounds: process.Bounds | None,
) -> dict[str, Any] | str:
    """The parts of an output, captured in a fresh process; or why they could not be."""
    seen = {**env, **output.environment}
    # `python`, and whatever the project installs, is that of its environment.
    seen["PATH"] = os.pathsep.join(filter(None, (str(interpreter.parent), seen.get("PATH"))))
    answered = Path(f"{place}.answer")
    answered.unlink(missing_ok=True)
    place.write_text(json.dumps({**output.job, "tree": str(tree), "said": f"{place}.said"}), encoding="utf-8")
    command = [str(interpreter), str(CAPTURE), str(place)]
    ended = process.run(command, env=seen, cwd=tree, timeout=timeout, bounds=bounds)
    if ended.overdue:
        return f"it took longer than {timeout:g} s"
    folders = {tree: "<project>", place.parent: "<scratch>", interpreter.parents[1]: "<environment>"}
    plain = _Plain(seen, output.secrets, folders)
    if not answered.is_file():
        last = next((line.strip() for line in reversed(ended.output.splitlines()) if line.strip()), "it said nothing")
        return plain.text(f"its process ended with {ended.code}: {last}")
    answer = json.loads(answered.read_text(encoding="utf-8"))
    plain.port(answer["port"])
    if "failed" in answer:
        return plain.text(answer["failed"])
    try:
        return {part: plain.value(value) for part, value in _parts(answer["captured"]).items()}
    except ValueError as error:
        return plain.text(f"what was captured is no OpenAPI document: {error}")


def _parts(found: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of what was captured: a document, a command, or an answer for each request.

    Raises:
        ValueError: It should be a document, and is none.
    """
    if "answers" in found:
        return {name: _answer(answer) for name, answer in found["answers"].items()}
    if "exit code" in found:
        said = {stream: _body(base64.b64decode(found[stream])) for stream in ("stdout", "stderr")}
        streams = {f"{stream} as {kind}": value for stream, (kind, value) in said.items()}
        return {"command": {"exit code": found["exit code"], **streams}}
    return {"document": found["value"] if "value" in found else _document(base64.b64decode(found["text"]))}


def _document(data: bytes) -> Any:
    """What a document holds, in JSON or YAML.

    Raises:
        ValueError: It is damaged.
    """
    try:
        return json.loads(data)
    except ValueError:
        found = openapi.document(data.decode("utf-8"))
    try:
        # YAML has dates, which JSON has not.
        return json.loads(json.dumps(found, default=str))
    except TypeError as error:
        raise ValueError(str(error)) from None


def _answer(found: Mapping[str, Any]) -> dict[str, Any]:
    """What of an application's answer counts."""
    if "raises" in found:
        return {"raises": found["raises"]}
    kind, body = _body(base64.b64decode(found["body"]))
    return {"status": found["status"], **payload.headers(found["headers"]), kind: body}


def _body(data: bytes) -> tuple[str, Any]:
    """What some bytes are, and what is kept of them: JSON, lines of text, or a digest."""
    try:
        text = data[: LONGEST + 1].decode("utf-8")
    except UnicodeDecodeError:
        return "bytes", payload.digest(data)
    if len(data) > LONGEST:
        return "bytes", payload.digest(data)
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    # A number alone is JSON too, and text to whoever prints it.
    return ("json", value) if isinstance(value, dict | list) else ("text", text.splitlines())


class _Plain:
    """Takes out of what was captured what is no property of the release: secrets, paths, the port.

    Args:
        environ: The environment variables that it was captured with.
        secrets: Those that hold secrets, beside those that are called so.
        folders: What the folders that differ from release to release are called instead.
    """

    def __init__(self, environ: Mapping[str, str], secrets: Sequence[str], folders: Mapping[Path, str]) -> None:
        self._named = dict.fromkeys(secret.values(environ, secrets), secret.REDACTED)
        for folder, name in folders.items():
            self._named |= {str(folder.resolve()): name, str(folder): name}
        self._port: re.Pattern[str] | None = None

    def port(self, number: int) -> None:
        """Say <port> for this number as well; 0 is none."""
        self._port = re.compile(rf"\b{number}\b") if number else None

    def text(self, text: str) -> str:
        """A text without them."""
        for found, name in self._named.items():
            text = text.replace(found, name)
        return secret.text(self._port.sub("<port>", text) if self._port else text)

    def value(self, value: Any) -> Any:
        """Any JSON without them."""
        if isinstance(value, dict):
            return {
                self.text(name): self.value(
                    secret.hidden(entry) if secret.named(name.removeprefix("header ")) else entry
                )
                for name, entry in value.items()
            }
        if isinstance(value, list):
            return [self.value(entry) for entry in value]
        return self.text(value) if isinstance(value, str) else value
