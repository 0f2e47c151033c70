"""Bodies in brotli, with its library: whole, in parts, empty, broken and cut off."""

import pytest

from repro.cell import codings

pytestmark = pytest.mark.needs("sync client", "content of a response", "brotli")

#: "hello" in brotli, made by hand as RFC 7932 has it: one part that is not compressed, and the end.
HELLO = b"\x0b\x02\x80hello\x03"
#: Three MiB of zeros.
ZEROS = bytes.fromhex("9bffff2ff82700e2b14020f7fe05")


def test_brotli(observe, forms):
    """A body in brotli: whole, in parts of one byte, under its name in capitals, and in gzip or around it as well."""
    observe(forms("br", HELLO))


def test_brotli_empty(observe, empty):
    """Bodies that say they are in brotli and are empty: by their length, in no chunk, and as an answer to HEAD."""
    observe(empty("br"))


def test_brotli_broken(observe, ask):
    """A body that is no brotli and says so: what is raised, and which `except` clauses catch it."""
    observe(ask(codings.caught, "br", b"no brotli"))


def test_brotli_cut_off(observe, read):
    """A body in brotli that is cut off: after its first bytes, within what it holds, and before its end."""
    observe(
        {
            "first bytes": read("br", HELLO[:2]),
            "within": read("br", HELLO[:6]),
            "before the end": read("br", HELLO[:-1]),
        }
    )


def test_brotli_and_more(observe, read):
    """A body in brotli that is followed by something: by a byte, in the same chunk and in one of its own."""
    observe({"same chunk": read("br", HELLO + b"x"), "next chunk": read("br", HELLO, b"x")})


@pytest.mark.needs("streamed response")
def test_brotli_at_once(observe, at_once):
    """How much of a small body that decodes to three MiB is in the largest part of it."""
    observe(at_once("br", ZEROS))
