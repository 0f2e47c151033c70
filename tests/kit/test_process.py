"""Processes that leave nothing behind."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from stage import eventually, processes

from repro.kit import process


def python(code, **options):
    """Run Python code as a process."""
    return process.run([sys.executable, "-c", code], env=dict(os.environ), **options)


def test_process_is_known_by_its_code_and_its_output():
    """The exit code and both streams of a process are kept, whatever bytes it printed."""
    code = "import os, sys; os.write(1, b'out\\xff\\n'); os.write(2, b'err\\n'); sys.exit(3)"
    assert python(code) == process.Ended(3, overdue=False, output="out�\nerr\n")


def test_process_runs_where_it_is_told_to(tmp_path):
    """A process has the working directory and the environment it was given, and no more of either."""
    code = "import os; print(os.getcwd(), 'HOME' in os.environ)"
    ended = process.run([sys.executable, "-c", code], env={}, cwd=tmp_path)
    assert ended.output == f"{tmp_path} False\n"


def test_signal_is_a_negative_code():
    """A process that dies on a signal has that signal's number, negative."""
    assert python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)").code == -signal.SIGSEGV


def test_process_that_takes_too_long_is_killed():
    """A process that ignores every polite signal is ended all the same, and what it printed is kept."""
    # A shell and not Python: it has to have begun by then, on a machine that is busy too.
    code = "trap '' TERM; echo here; while :; do sleep 60; done"
    begun = time.monotonic()
    ended = process.run(["/bin/sh", "-c", code], env=dict(os.environ), timeout=1.0)
    assert (ended.overdue, ended.code, ended.output) == (True, -signal.SIGKILL, "here\n")
    assert time.monotonic() - begun < 20


def test_child_that_is_left_behind_is_killed_and_not_waited_for(tmp_path):
    """A child that ignores SIGTERM and holds the output open neither delays the end nor outlives it."""
    code = (
        "import os, signal, time\n"
        "if os.fork() == 0:\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        f"    open({str(tmp_path / 'child')!r}, 'w').write(str(os.getpid())); time.sleep(60)\n"
        f"while not os.path.exists({str(tmp_path / 'child')!r}): time.sleep(0.01)\n"
    )
    begun = time.monotonic()
    assert python(code, timeout=40).code == 0
    assert time.monotonic() - begun < 20
    assert eventually(lambda: not processes(str(tmp_path)))


def test_interrupt_takes_the_process_with_it(tmp_path):
    """An interrupt while waiting ends the process before it ends the kit."""
    code = f"import time; open({str(tmp_path / 'begun')!r}, 'w'); time.sleep(60)"

    def interrupt():
        eventually((tmp_path / "begun").exists)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        python(code)
    assert Path(tmp_path / "begun").exists()
    assert eventually(lambda: not processes(str(tmp_path)))
