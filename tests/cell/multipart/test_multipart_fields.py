"""Fields beside files: what a value becomes, how names are escaped, and where the parts are divided."""

import decimal
import io
import re

import pytest

from repro.cell import bodies, outcomes
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("sync client", "body arguments")


def file():
    """A file without a name, fresh."""
    return {"file": (None, io.BytesIO(b"bytes"))}


def test_order(observe, send_parts):
    """Fields and files in one form: the order of their names."""
    parts = send_parts(data={"z": "1", "a": "2"}, files={"y": io.BytesIO(b"3"), "b": io.BytesIO(b"4")})
    observe([re.search('name="(.)"', part)[1] for part in parts])


def test_values(observe, send_parts):
    """Fields whose value is no text."""
    each = {
        "bytes": b"\xff",
        "int": 1,
        "float": 1.5,
        "true": True,
        "None": None,
        "decimal": decimal.Decimal("1.50"),
        "dict": {"a": "1"},
    }
    observe({name: valued(send_parts(data={"field": value}, files=file())) for name, value in each.items()})


def test_lists(observe, send_parts):
    """Fields with several values: in a list, in a tuple, and none."""
    each = {"list": ["1", "2"], "tuple": ("1", "2"), "list of others": [1, None], "empty list": []}
    observe({name: valued(send_parts(data={"field": value}, files=file())) for name, value in each.items()})


def valued(parts):
    """The bodies of the parts that are called `field`, or how sending them failed."""
    if isinstance(parts, str):
        return parts
    return [part.partition("\r\n\r\n")[2] for part in parts if 'name="field"' in part]


def test_names(observe, send_parts):
    """Fields whose name is no text."""
    observe({str(name): send_parts(data={name: "1"}, files=file()) for name in (1, None, b"b")})


CHARACTERS = {"quote": '"', "backslash": "\\", "newline": "\r\n", "control": "\x01", "letter": "é", "percent": "%"}


def test_characters_of_field(observe, send_parts):
    """How a field's name is written that holds a character with a meaning of its own."""
    observe(
        {which: head(send_parts(data={f"a{character}b": "1"}, files=file())) for which, character in CHARACTERS.items()}
    )


def test_characters_of_file(observe, send_parts):
    """How a file's name is written that holds a character with a meaning of its own."""
    observe(
        {
            which: head(send_parts(files={"f": (f"a{character}b", io.BytesIO(b"1"))}))
            for which, character in CHARACTERS.items()
        }
    )


def head(parts):
    """The first header of the first part, up to what begins the next one."""
    return parts if isinstance(parts, str) else parts[0].partition("\r\nContent-Type")[0].partition("\r\n\r\n")[0]


def test_boundary(observe, client, upstream):
    """The form of the boundary that is made up, and whether it is another in the next request."""
    first, second = (bodies.sent(client, upstream, files=file()) for _ in range(2))
    if isinstance(first, str):
        observe(first)
        return
    form = re.sub("[0-9a-f]", "x", first["Content-Type"].partition("boundary=")[2])
    observe({"form": form, "another": first["Content-Type"] != second["Content-Type"]})


def test_own_boundary(observe, send):
    """A boundary in a `Content-Type` of the caller: what is said, and what divides the parts."""
    each = {"plain": "multipart/form-data; boundary=own", "quoted": 'multipart/form-data; boundary="own one"'}
    observe({name: divided(send, kind) for name, kind in each.items()})


def test_own_type(observe, send):
    """A `Content-Type` of the caller without a boundary, and another one: what is said, and what divides the parts."""
    observe({kind: divided(send, kind) for kind in ("multipart/form-data", "text/plain")})


def divided(send, kind):
    """What is said of a form that is given this type, and what its parts begin with."""
    observed = send(files=file(), headers={"Content-Type": kind})
    if isinstance(observed, str):
        return observed
    said, begin = (observed[name] for name in ("Content-Type", "body"))
    begin = begin.partition("\r\n")[0].replace("BOUNDARY", "made up")
    return {"said": said.replace("BOUNDARY", "made up"), "parts begin with": re.sub("[0-9a-f]{32}", "made up", begin)}


def test_with_json(observe, send):
    """Files and `json=` in one request: which of them is sent."""
    observe(send(files=file(), json={"from": "json"})["Content-Type"].partition(";")[0])


def test_with_raw_data(observe, send):
    """Files and bytes as `data=` in one request: which of them is sent."""
    observed = send(files=file(), data=b"bytes")
    observe(observed if isinstance(observed, str) else observed["body"])


def test_redirected(observe, client, upstream):
    """A form whose request is redirected with 307, and followed: what the second request sends."""
    upstream.answer("/", answering(status=307, headers=(("Location", "/there"),)))
    arguments = bodies.following("POST", upstream.url, files={"file": io.BytesIO(b"bytes")})
    ending = outcomes.of(lambda: client.request(**arguments))
    there = upstream.requests_for("/there")
    observe({"ending": ending, "sent again": bool(there) and there[0].body == upstream.requests[0].body})


def test_own_type_without_boundary(observe, send):
    """A form with a `Content-Type` of the caller's that says something of it, and no boundary."""
    sent = send(files={"a": io.BytesIO(b"1")}, headers={"Content-Type": "multipart/form-data; charset=utf-8"})
    observe({"Content-Type": sent["Content-Type"], "a boundary in the body": sent["body"].startswith("--")})
