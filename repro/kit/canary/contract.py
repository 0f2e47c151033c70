"""The contract: which requests a canary sends, what of their answers does not count, and what is allowed.

A contract is TOML, or the OpenAPI document of the service (`.json`, `.yaml`). As TOML:

    format = 1
    requests = 1000                     # of each side, twice of stable
    rate = 50                           # requests a second to one deployment, at most
    ignore = ["header etag", "json /results/*/popularity"]

    [limits]                            # those of repro/kit/canary/judge.py
    p99 = 1.5

    [metrics]                           # where the deployments count, for what they do upstream
    path = "/metrics"
    retries = "upstream_attempts_total" # the names of counters; {reason="..."} chooses among labels

    [[request]]
    name = "search"
    path = "/movies/search?q=firefly"
    headers = { Authorization = "Bearer ${API_TOKEN}" }

    [[request]]
    name = "remember"
    method = "POST"
    path = "/movies/watchlist"
    json = { id = 1437 }
    idempotency_key = "Idempotency-Key" # the header for a key that each request has for itself

A request by any but a safe method is sent only when it has an idempotency key and is allowed by name on the command
line. `${NAME}` in a header is taken from the environment, and never printed.
"""

from __future__ import annotations

import json
import re
import tomllib
import uuid
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from repro.kit import openapi, tables
from repro.kit.canary.judge import Limits
from repro.problem import Problem
from repro.release import check_format

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

FORMAT = 1
#: What may be sent without asking (RFC 9110, section 9.2.1).
SAFE = ("GET", "HEAD", "OPTIONS")

_MEND = "The head of repro/kit/canary/contract.py shows the form of a contract."
_KEYS = {"format", "requests", "rate", "ignore", "limits", "metrics", "request"}
_REQUEST_KEYS = {"name", "method", "path", "headers", "json", "body", "idempotency_key"}
_METRICS_KEYS = {"path", "retries", "connections"}


@dataclass(frozen=True)
class Request:
    """One request of a contract.

    Attributes:
        name: What it is called.
        method: Its method.
        path: Its target: path and query.
        headers: Its headers.
        body: Its body; None for none.
        idempotency_key: The header that carries a key of its own for each time it is sent; None for none.
        schemas: What its answer has to be, as a JSON schema by status; empty where nothing says so.
    """

    name: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    idempotency_key: str | None = None
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def sent_with(self) -> dict[str, str]:
        """The headers to send, with a new idempotency key where it has one."""
        key = {self.idempotency_key: str(uuid.uuid4())} if self.idempotency_key else {}
        return {**self.headers, **key}


@dataclass(frozen=True)
class Metrics:
    """Where a deployment counts what it does upstream.

    Attributes:
        path: The path of its metrics, in the text format of Prometheus.
        retries: The counter of retries; None for none.
        connections: The counter of connections; None for none.
    """

    path: str
    retries: str | None = None
    connections: str | None = None


@dataclass(frozen=True)
class Contract:
    """What is sent, and what is allowed.

    Attributes:
        requests: What to send, in turn.
        each: How many requests go to each side.
        rate: How many requests a second go to one deployment at most; None for as many as it answers.
        ignore: What of an answer does not count, as facets are called: `header etag`, `json /id`.
        limits: By how much a candidate may be worse.
        metrics: Where the deployments count; None where they do not.
        left_out: Operations of an OpenAPI document that are not sent, each with the reason.
        secrets: Values from the environment, which are never printed.
    """

    requests: tuple[Request, ...]
    each: int = 1000
    rate: float | None = None
    ignore: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    metrics: Metrics | None = None
    left_out: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    def redacted(self, text: str) -> str:
        """A text without the values that came from the environment."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "[secret]")
        return text


#: What a canary of two releases asks the service that the kit serves itself.
SEARCH = Request("search", "GET", "/movies/search?q=firefly")


def read(path: Path, environ: Mapping[str, str], allowed: Collection[str] = ()) -> Contract:
    """The contract in a file.

    Args:
        path: A TOML file, or an OpenAPI document as JSON or YAML.
        environ: The environment variables that headers may name.
        allowed: The names of requests by other than safe methods that may be sent.

    Raises:
        Problem: It is missing or damaged, names a variable that is not set, or would send what is not allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Problem(f"The contract {path} cannot be read: {why}.", _MEND) from None
    contract = _toml(text, path, environ) if path.suffix == ".toml" else _openapi(text, path)
    if not contract.requests:
        raise Problem(f"The contract {path} has no request that can be sent.", _MEND)
    for request in contract.requests:
        if request.method in SAFE:
            continue
        if request.idempotency_key is None:
            raise Problem(
                f"The contract {path} sends {request.name} by {request.method}, without an idempotency key.",
                "Give it the header for one, as idempotency_key = ..., or leave it out.",
            )
        if request.name not in allowed:
            raise Problem(
                f"The contract {path} sends {request.name} by {request.method}, which may change what it is sent to.",
                f"If that is meant, allow it by name: --allow {request.name}",
            )
    if unknown := sorted(set(allowed) - {request.name for request in contract.requests}):
        raise Problem(f"The contract {path} has no request {unknown[0]!r} to allow.", _MEND)
    return contract


def _toml(text: str, path: Path, environ: Mapping[str, str]) -> Contract:
    """A contract from TOML."""
    what = f"The contract {path}"
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{what} is damaged: {error}.", _MEND) from None
    check_format(data.get("format"), FORMAT, what, _MEND)
    _known(data, _KEYS, what)
    each = _typed(data, "requests", int, what, 1000)
    rate = _typed(data, "rate", (int, float), what, None)
    if each < 1 or (rate is not None and rate <= 0):
        raise Problem(f"{what} sends nothing: requests and rate are more than 0.", _MEND)
    ignore = _typed(data, "ignore", list, what, [])
    limits = _typed(data, "limits", dict, what, {})
    _known(limits, {entry.name for entry in fields(Limits)}, f"{what}: limits")
    for name, limit in limits.items():
        if not isinstance(limit, (int, float)) or isinstance(limit, bool) or limit < 0:
            raise Problem(f"{what} has the limit {name} = {limit!r}, which is no number from 0 up.", _MEND)
    metrics = _typed(data, "metrics", dict, what, None)
    if metrics is not None:
        _known(metrics, _METRICS_KEYS, f"{what}: metrics")
        for name in metrics:
            _typed(metrics, name, str, f"{what}: metrics", None)
    secrets: list[str] = []
    requests = [
        _request(entry, f"{what}: request {number}", environ, secrets)
        for number, entry in enumerate(_typed(data, "request", list, what, []), 1)
    ]
    names = [request.name for request in requests]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Problem(f"{what} has two requests of the name {twice[0]!r}.", _MEND)
    return Contract(
        tuple(requests),
        each,
        rate,
        tuple(str(entry) for entry in ignore),
        Limits(**limits),
        Metrics(metrics.get("path", "/metrics"), metrics.get("retries"), metrics.get("connections"))
        if metrics is not None
        else None,
        secrets=tuple(secrets),
    )


def _known(table: Mapping[str, Any], keys: Collection[str], what: str) -> None:
    tables.known(table, keys, what, _MEND)


def _typed(table: Mapping[str, Any], key: str, kind: Any, what: str, default: Any) -> Any:
    return tables.typed(table, key, kind, what, _MEND, default)


def _request(entry: Any, what: str, environ: Mapping[str, str], secrets: list[str]) -> Request:
    """A request from TOML."""
    if not isinstance(entry, dict):
        raise Problem(f"{what} is no table.", _MEND)
    _known(entry, _REQUEST_KEYS, what)
    path = _typed(entry, "path", str, what, "")
    if not path.startswith("/"):
        raise Problem(f"{what} has the path {path!r}, which does not begin with a slash.", _MEND)
    method = _typed(entry, "method", str, what, "GET").upper()
    headers = {}
    for name, value in _typed(entry, "headers", dict, what, {}).items():
        headers[name] = _expanded(str(value), f"{what}: header {name}", environ, secrets)
    body = entry.get("body")
    if "json" in entry:
        body = json.dumps(entry["json"])
        headers.setdefault("Content-Type", "application/json")
    return Request(
        _typed(entry, "name", str, what, f"{method} {path}"),
        method,
        path,
        headers,
        None if body is None else str(body).encode(),
        _typed(entry, "idempotency_key", str, what, None),
    )


def _expanded(text: str, what: str, environ: Mapping[str, str], secrets: list[str]) -> str:
    """A text with `${NAME}` from the environment."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if not environ.get(name):
            raise Problem(f"{what} needs the environment variable {name}, which is not set.", f"Set {name}.")
        secrets.append(environ[name])
        return environ[name]

    return re.sub(r"\$\{(\w+)\}", value, text)


def _openapi(text: str, path: Path) -> Contract:
    """A contract from an OpenAPI document: what can be read from it with the examples that it gives."""
    try:
        document = openapi.document(text, path.suffix)
    except ValueError as error:
        raise Problem(f"The contract {path} is damaged: {error}.", _MEND) from None
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise Problem(f"The contract {path} is neither TOML nor an OpenAPI document with paths.", _MEND)
    requests: list[Request] = []
    left_out: list[str] = []
    for place, operations in document["paths"].items():
        for method, operation in operations.items():
            if method.upper() not in (*SAFE, "POST", "PUT", "PATCH", "DELETE"):
                continue
            name = operation.get("operationId") or f"{method.upper()} {place}"
            if method.upper() not in SAFE:
                left_out.append(f"{name}: {method.upper()} may change what it is sent to; say it in a TOML contract")
                continue
            parameters = [
                _resolved(entry, document)
                for entry in (*operations.get("parameters", ()), *operation.get("parameters", ()))
            ]
            values, missing = _values(parameters)
            if missing:
                left_out.append(f"{name}: no example of the parameter {missing[0]}")
                continue
            requests.append(_operation(name, method.upper(), place, values, operation, document))
    return Contract(tuple(requests), left_out=tuple(left_out))


def _values(parameters: list[Any]) -> tuple[dict[tuple[str, str], str], list[str]]:
    """The example of each parameter by where it goes and its name, and the required ones that have none."""
    values: dict[tuple[str, str], str] = {}
    missing = []
    for entry in parameters:
        schema = entry.get("schema", {})
        examples = [
            *(
                each
                for each in (entry.get("example"), schema.get("example"), schema.get("default"))
                if each is not None
            ),
            *(each.get("value") for each in entry.get("examples", {}).values()),
            *schema.get("examples", ()),
            *schema.get("enum", ()),
        ]
        if examples:
            values[entry["in"], entry["name"]] = str(examples[0])
        elif entry.get("required"):
            missing.append(entry["name"])
    return values, missing


def _operation(
    name: str,
    method: str,
    place: str,
    values: Mapping[tuple[str, str], str],
    operation: Mapping[str, Any],
    document: Mapping[str, Any],
) -> Request:
    """An operation with its examples, as a request."""
    target = re.sub(r"\{(\w+)\}", lambda match: quote(values["path", match.group(1)], safe=""), place)
    query = urlencode([(key, value) for (where, key), value in values.items() if where == "query"])
    pointer = place.replace("~", "~0").replace("/", "~1")
    schemas = {}
    for status, answer in operation.get("responses", {}).items():
        content = _resolved(answer, document).get("content", {}) if "$ref" not in answer else {}
        if "schema" in content.get("application/json", {}):
            # The document itself is the schema, so that its references are found.
            where = f"#/paths/{pointer}/{method.lower()}/responses/{status}/content/application~1json/schema"
            schemas[str(status)] = {**document, "$ref": quote(where, safe="#/~")}
    headers = {key: value for (where, key), value in values.items() if where == "header"}
    return Request(name, method, target + (f"?{query}" if query else ""), headers, schemas=schemas)


def _resolved(entry: Any, document: Mapping[str, Any]) -> Any:
    """What a reference within the document refers to; anything else is itself."""
    if not isinstance(entry, dict) or "$ref" not in entry:
        return entry
    found: Any = document
    for step in str(entry["$ref"]).removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found
