"""Two runs that would be in each other's way."""

import subprocess
import sys

import pytest
from stage import ROOT

from repro.kit import turn

WAITS = """
import sys
from pathlib import Path
from repro.kit import turn

with turn.taken(Path(sys.argv[1]), "is at it", lambda said: print(said, flush=True)):
    print("taken", flush=True)
"""


def begin(lock):
    """Another process, which says when it waits and when its turn has come."""
    return subprocess.Popen(
        [sys.executable, "-c", WAITS, str(lock)], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )


def test_second_process_waits_and_says_so(tmp_path):
    """While one process is at it another waits, and says for what; then its turn comes."""
    lock, said = tmp_path / "below" / "a.lock", []
    with turn.taken(lock, "is at it", said.append):
        other = begin(lock)
        assert other.stdout.readline() == "another run is at it; waiting for it to end\n"
        assert other.poll() is None
    assert other.communicate(timeout=20)[0] == "taken\n"
    assert said == []


def test_turn_ends_with_an_error(tmp_path):
    """Whatever ends a turn, the next one begins without waiting."""
    lock = tmp_path / "a.lock"
    with pytest.raises(ValueError, match="broken"), turn.taken(lock, "is at it", print):
        raise ValueError("broken")
    assert begin(lock).communicate(timeout=20)[0] == "taken\n"
