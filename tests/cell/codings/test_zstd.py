"""Bodies in zstd, with its library: whole, in parts, in several frames, empty, broken and cut off."""

import pytest

from repro.cell import codings

pytestmark = pytest.mark.needs("sync client", "content of a response", "zstd")


def frame(content):
    """A frame of zstd, made by hand as RFC 8878 has it: its length, and one block that is not compressed."""
    return b"\x28\xb5\x2f\xfd\x20" + bytes([len(content)]) + (len(content) << 3 | 1).to_bytes(3, "little") + content


HELLO = frame(b"hello")
#: A frame that holds nothing to be read.
SKIPPED = b"\x50\x2a\x4d\x18\x01\x00\x00\x00x"
#: Three MiB of zeros: blocks of a byte and how often it comes, 128 KiB each.
ZEROS = b"\x28\xb5\x2f\xfd\x00\x38" + b"\x02\x00\x10\x00" * 23 + b"\x03\x00\x10\x00"


def test_zstd(observe, forms):
    """A body in zstd: whole, in parts of one byte, under its name in capitals, and in gzip as well."""
    observe(forms("zstd", HELLO))


def test_zstd_frames(observe, read):
    """A body in two frames of zstd, by where it is split: nowhere, between the frames, within the first or second."""
    both = HELLO + frame(b" you")
    border = len(HELLO)
    places = {"between": border, "in the first": border - 3, "in the second": border + 3}
    observe({"nowhere": read("zstd", both)} | {n: read("zstd", both[:at], both[at:]) for n, at in places.items()})


def test_zstd_skipped_frames(observe, read):
    """A body in zstd with a frame that holds nothing to be read: before what it holds, and after it."""
    observe({"before": read("zstd", SKIPPED + HELLO), "after": read("zstd", HELLO + SKIPPED)})


def test_zstd_empty(observe, empty):
    """Bodies that say they are in zstd and are empty: by their length, in no chunk, and as an answer to HEAD."""
    observe(empty("zstd"))


def test_zstd_broken(observe, ask):
    """A body that is no zstd and says so: what is raised, and which `except` clauses catch it."""
    observe(ask(codings.caught, "zstd", b"no zstd at all"))


def test_zstd_cut_off(observe, read):
    """A body in zstd that is cut off: after its first bytes, within what it holds, and within a second frame."""
    observe(
        {
            "first bytes": read("zstd", HELLO[:2]),
            "within": read("zstd", HELLO[:-2]),
            "second frame": read("zstd", HELLO + HELLO[:-2]),
        }
    )


@pytest.mark.needs("streamed response")
def test_zstd_at_once(observe, at_once):
    """How much of a small body that decodes to three MiB is in the largest part of it."""
    observe(at_once("zstd", ZEROS))
