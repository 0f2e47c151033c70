"""Writing a file so that nobody ever sees half of it."""

import errno
import os
import resource
import signal
import stat

import pytest

from repro import files


def test_text_is_written_as_utf8_with_line_feeds(tmp_path):
    """The bytes of a written file are the same on every machine."""
    files.write(tmp_path / "new" / "file", "é\n")
    assert (tmp_path / "new" / "file").read_bytes() == b"\xc3\xa9\n"


def test_written_file_is_readable_by_everybody(tmp_path):
    """A written file has the mode that git gives a file, not the private one of a temporary file."""
    files.write(tmp_path / "file", "text")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644


@pytest.mark.parametrize("step", ["fsync", "fdopen"])
def test_full_disk_leaves_the_old_file_alone(tmp_path, monkeypatch, step):
    """Whichever step finds the disk full, the old text stays and nothing lies beside it."""
    (tmp_path / "file").write_text("old")

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space left"):
        files.write(tmp_path / "file", "new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"file": "old"}


def test_file_that_outgrows_its_limit_leaves_the_old_one(tmp_path):
    """A write that the system really cuts short leaves the old text, and no part of the new."""
    (tmp_path / "file").write_text("old")
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            files.write(tmp_path / "file", "new" * 100_000)
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == errno.EFBIG
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"file": "old"}


def test_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    """An interrupt in the middle of a write leaves the old text and nothing beside it."""
    (tmp_path / "file").write_text("old")

    def interrupted(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write(tmp_path / "file", "new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"file": "old"}


def test_readers_never_see_half_a_file(tmp_path):
    """While two processes write a file over and over, every reading finds one whole text."""
    path = tmp_path / "file"
    texts = {"a" * 50_000, "b" * 50_000}
    files.write(path, "a" * 50_000)
    children = []
    for text in texts:
        if (child := os.fork()) == 0:
            for _ in range(60):
                files.write(path, text)
            os._exit(0)
        children.append(child)
    found = set()
    while children:
        found.add(path.read_text())
        children = [child for child in children if os.waitpid(child, os.WNOHANG) == (0, 0)]
    assert found <= texts
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
