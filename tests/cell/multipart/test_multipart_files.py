"""`files=`: what may be given as a file, and what each becomes."""

import io
import os
import pathlib
import tempfile

import pytest

pytestmark = pytest.mark.needs("sync client", "body arguments")


class Named(io.BytesIO):
    """A file in memory that has a name."""

    name = "folder/named.txt"


def test_form(observe, send):
    """A field and a file: the whole body, its type and its length."""
    observe(send(data={"field": "value"}, files={"file": io.BytesIO(b"bytes")}))


def test_bytes(observe, send_part):
    """Bytes as a file, alone and after a name."""
    given = {"alone": b"bytes", "after a name": ("name.txt", b"bytes")}
    observe({name: send_part(files={"file": value}) for name, value in given.items()})


def test_text(observe, send_part):
    """Text as a file."""
    observe(send_part(files={"file": "Zoë"}))


def test_file_with_name(observe, send_part):
    """A file that has a name, with a folder in it."""
    observe(send_part(files={"file": Named(b"bytes")}))


def test_files_of_text(observe, send_part):
    """A file that was opened for text, and text in memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "file.txt")
        path.write_text("text", encoding="utf-8")
        with path.open(encoding="utf-8") as file:
            given = {"on disk": file, "in memory": io.StringIO("text")}
            observe({name: send_part(files={"file": value}) for name, value in given.items()})


def test_text_around_bytes(observe, send_part):
    """A file that gives text, and does not say how it was opened."""
    observe(send_part(files={"file": io.TextIOWrapper(io.BytesIO(b"text"))}))


def test_name_and_type(observe, send_part):
    """A file name and the content, without the type and with it."""
    given = {"without": ("name.txt", io.BytesIO(b"bytes")), "with": ("name.txt", io.BytesIO(b"bytes"), "text/x-own")}
    observe({name: send_part(files={"file": value}) for name, value in given.items()})


def test_without_name(observe, send_part):
    """A file whose name is None, and one whose name is empty."""
    given = {"None": (None, io.BytesIO(b"bytes")), "empty": ("", io.BytesIO(b"bytes"))}
    observe({name: send_part(files={"file": value}) for name, value in given.items()})


def test_headers(observe, send_part):
    """A file name, the content, its type and further headers, of which one may say the type once more."""
    given = {"another": {"X-Own": "1"}, "the type": {"content-type": "text/x-header"}}
    file = ("name.txt", b"bytes", "text/x-own")
    observe({name: send_part(files={"file": (*file, headers)}) for name, headers in given.items()})


def test_header_over_lines(observe, send_part):
    """A file with a header that goes over two lines."""
    observe(send_part(files={"file": ("name.txt", b"bytes", None, {"X-Own": "1\r\nX-More: 2"})}))


def test_empty_file(observe, send):
    """A file of no bytes: the whole body and its length."""
    observe(send(files={"file": io.BytesIO()}))


def test_type_guessed(observe, send_part):
    """The type that is said of a file when only its name is known."""
    names = ("page.html", "image.png", "data.json", "archive.unknown", "no_suffix")
    observe({name: typed(send_part(files={"file": (name, io.BytesIO())})) for name in names})


def typed(part):
    """The type that a part says it has."""
    return next(
        (line.partition(": ")[2] for line in part.split("\r\n") if line.lower().startswith("content-type")), "none"
    )


def test_no_file(observe, send):
    """What is no file: a number, None, a path, a list of bytes, tuples of one and of five."""
    each = {
        "number": 1,
        "None": None,
        "path": pathlib.PurePath("name.txt"),
        "list": [b"bytes"],
        "tuple of one": (b"bytes",),
        "tuple of five": ("name.txt", b"bytes", None, {}, 5),
    }
    observe({name: how(send(files={"file": value})) for name, value in each.items()})


def how(observed):
    """How sending a form ended."""
    return observed if isinstance(observed, str) else "sent"


def test_no_files(observe, send):
    """A form with fields where `files=` is empty, in three ways."""
    each = {"dict": {}, "list": [], "None": None}
    observe({name: said(send(data={"a": "1"}, files=value)) for name, value in each.items()})


def said(observed):
    """The type that a form says it has, or how sending it failed."""
    return observed if isinstance(observed, str) else observed["Content-Type"].partition(";")[0]


def test_several_files(observe, send_parts):
    """Files as a list of pairs, two of them under one name."""
    observe(send_parts(files=[(name, (None, io.BytesIO(b"bytes"))) for name in "bab"]))


def test_file_begun(observe, send_part):
    """A file of which the beginning was read already."""
    file = io.BytesIO(b"0123456789")
    file.read(4)
    observe(send_part(files={"file": file}))


def test_file_again(observe, send_part):
    """One file in two requests: what the second sends."""
    file = io.BytesIO(b"0123456789")
    send_part(files={"file": file})
    observe(send_part(files={"file": file}))


def test_closed_file(observe, send_part):
    """A file that is closed."""
    file = io.BytesIO(b"bytes")
    file.close()
    observe(send_part(files={"file": file}))


class Readable:
    """What has a `read` and nothing else of a file."""

    def __init__(self, content):
        self._left = content

    def read(self, size=-1):
        """Give the rest."""
        given, self._left = self._left, b""
        return given


def test_readable(observe, send):
    """What has a `read` and nothing else of a file: body and framing."""
    observe(send(files={"file": Readable(b"bytes")}))


def test_pipe(observe, send):
    """The end of a pipe, whose length nobody knows: body and framing."""
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as file:
        with os.fdopen(theirs, "wb") as writing:
            writing.write(b"bytes")
        observe(send(files={"file": ("name.txt", file)}))
