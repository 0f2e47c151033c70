"""The contract of a canary: how it is read, and what it refuses to send."""

import json

import pytest

from repro.kit.canary.contract import Contract, Metrics, Request, read
from repro.kit.canary.judge import Limits
from repro.problem import Problem

WHOLE = """
format = 1
requests = 700
rate = 12.5
ignore = ["json /id"]
limits = { p99 = 2, floor = 650 }
metrics = { retries = "attempts_total" }

[[request]]
path = "/a?b=c"
headers = { Authorization = "Bearer ${TOKEN}" }

[[request]]
name = "remember"
method = "post"
path = "/movies"
json = { id = 1 }
idempotency_key = "Idempotency-Key"

[[request]]
name = "raw"
method = "PUT"
path = "/raw"
body = "as it is"
idempotency_key = "Key"
"""


@pytest.fixture
def contract(tmp_path):
    """Reads a contract from its text."""

    def make(text, *, name="contract.toml", environ=None, allowed=()):
        path = tmp_path / name
        path.write_text(text)
        return read(path, environ or {}, allowed)

    return make


def test_contract_says_what_is_sent_and_what_is_allowed(contract):
    """Requests, how many, how fast, what does not count, limits and metrics come from the file."""
    found = contract(WHOLE, environ={"TOKEN": "s3cret"}, allowed=["remember", "raw"])
    assert found == Contract(
        (
            Request("GET /a?b=c", "GET", "/a?b=c", {"Authorization": "Bearer s3cret"}),
            Request(
                "remember",
                "POST",
                "/movies",
                {"Content-Type": "application/json"},
                b'{"id": 1}',
                "Idempotency-Key",
            ),
            Request("raw", "PUT", "/raw", {}, b"as it is", "Key"),
        ),
        700,
        12.5,
        ("json /id",),
        Limits(p99=2, floor=650),
        Metrics("/metrics", "attempts_total"),
        secrets=("s3cret",),
    )
    assert found.redacted("it was s3cret") == "it was [secret]"


def test_each_sending_has_an_idempotency_key_of_its_own(contract):
    """The key of a request is another each time that it is sent, and a request without one has none."""
    found = contract(WHOLE, environ={"TOKEN": "s"}, allowed=["remember", "raw"])
    keys = {found.requests[1].sent_with()["Idempotency-Key"] for _ in range(3)}
    assert len(keys) == 3
    assert found.requests[0].sent_with() == {"Authorization": "Bearer s"}


ONE = 'format = 1\n[[request]]\npath = "/"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "is damaged"),
        ("", "has no format"),
        ("format = 1", "has no request that can be sent"),
        (ONE + "[more]", "has the unknown key 'more'; the keys are format, ignore, limits"),
        ("requests = 0\n" + ONE, "sends nothing"),
        ("rate = 0\n" + ONE, "sends nothing"),
        ("requests = true\n" + ONE, "has requests = True, which is of the wrong kind"),
        ("limits = { p99 = -1 }\n" + ONE, "has the limit p99 = -1, which is no number from 0 up"),
        ("limits = { p90 = 1 }\n" + ONE, "limits has the unknown key 'p90'"),
        ("metrics = { retries = 1 }\n" + ONE, "metrics has retries = 1, which is of the wrong kind"),
        ("format = 1\nrequest = [1]", "request 1 is no table"),
        ('format = 1\n[[request]]\npath = "movies"', "has the path 'movies', which does not begin with a slash"),
        (ONE + 'headers = { A = "${NONE}" }', "request 1: header A needs the environment variable NONE"),
        (ONE + '[[request]]\npath = "/"', "has two requests of the name 'GET /'"),
        (ONE + 'method = "POST"', "sends POST / by POST, without an idempotency key"),
        (ONE + 'method = "POST"\nidempotency_key = "K"', "which may change what it is sent to"),
    ],
)
def test_contract_that_cannot_be_sent_is_said(contract, text, said):
    """What is damaged, unknown, of a wrong kind, or not allowed is named with its place."""
    with pytest.raises(Problem) as caught:
        contract(text)
    assert said in caught.value.found


def test_missing_contract_is_said(tmp_path):
    """A contract that is not there is a problem, and so is one that is no text."""
    with pytest.raises(Problem, match="cannot be read: No such file"):
        read(tmp_path / "none.toml", {})
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(Problem, match="cannot be read: 'utf-8' codec"):
        read(tmp_path / "bytes.toml", {})


def test_name_that_allows_nothing_is_said(contract):
    """Allowing a request that is not there is a mistake and not a permission."""
    with pytest.raises(Problem, match="has no request 'forget' to allow"):
        contract(ONE, allowed=["forget"])


DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/movies/{id}": {
            "summary": "no operation",
            "parameters": [{"name": "id", "in": "path", "required": True, "example": "a b"}],
            "get": {
                "operationId": "movie",
                "parameters": [
                    {"$ref": "#/components/parameters/page"},
                    {"name": "sort", "in": "query", "schema": {"enum": ["up", "down"]}},
                    {"name": "X-A", "in": "header", "examples": {"one": {"value": "1"}}},
                    {"name": "left", "in": "query"},
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Movie"}}}},
                    "404": {"description": "none"},
                },
            },
            "delete": {"operationId": "forget"},
        },
        "/search": {"get": {"parameters": [{"name": "q", "in": "query", "required": True}]}},
    },
    "components": {
        "parameters": {"page": {"name": "page", "in": "query", "required": True, "schema": {"default": 1}}},
        "schemas": {"Movie": {"type": "object", "required": ["id"]}},
    },
}


@pytest.mark.parametrize("name", ["api.json", "api.yaml"])
def test_openapi_document_is_a_contract(contract, name):
    """Safe operations are sent with the examples of their parameters, held to their schemas; others are left out."""
    import jsonschema
    import yaml

    text = json.dumps(DOCUMENT) if name.endswith("json") else yaml.safe_dump(DOCUMENT)
    found = contract(text, name=name)
    (request,) = found.requests
    assert (request.name, request.method) == ("movie", "GET")
    assert request.path == "/movies/a%20b?page=1&sort=up"
    assert request.headers == {"X-A": "1"}
    assert set(request.schemas) == {"200"}
    validator = jsonschema.Draft202012Validator(request.schemas["200"])
    assert validator.is_valid({"id": 1})
    assert not validator.is_valid({})
    assert found.left_out == (
        "forget: DELETE may change what it is sent to; say it in a TOML contract",
        "GET /search: no example of the parameter q",
    )


@pytest.mark.parametrize(("name", "text"), [("api.json", "{"), ("api.yaml", "a: [")])
def test_damaged_openapi_document_is_said(contract, name, text):
    """A document that cannot be read is damaged."""
    with pytest.raises(Problem, match="is damaged"):
        contract(text, name=name)


@pytest.mark.parametrize("text", ["[]", "{}", '{"paths": []}'])
def test_other_document_is_said(contract, text):
    """A document without paths is no contract."""
    with pytest.raises(Problem, match="is neither TOML nor an OpenAPI document with paths"):
        contract(text, name="api.json")
