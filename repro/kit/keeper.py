"""Stands between the kit and a program that it does not trust: run by `process.run` as a process of its own.

It sets the limits, leaves the network for one of its own that has loopback only, starts the program, and waits for it.
Whatever the program leaves behind, in whatever session and with whatever environment, becomes a child of this process
and is killed before it ends; on SIGTERM, so is the program. Standard input has one JSON object:

    command, env, cwd   the program
    limits              [[name of a limit, such as RLIMIT_CORE, and its value]]
    network             whether it keeps the network
    writable            the only folders that it may write to, as far as the file systems go; null for all
    told                the descriptor that what became of it is written to

What is written is a JSON object before the program starts, and one at the end: the exit `code` (negative for a signal),
how many `strays` were killed, whether the network was left (`alone`), whether the rest was read-only (`walled`), and
which of these could not be done, so that the program was not started (`unable`). Where one of them is, a program may
see the files of other users as nobody's.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

_CLONE_NEWNS, _CLONE_NEWUSER, _CLONE_NEWNET = 0x20000, 0x10000000, 0x40000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE, _READ_ONLY = 442, -100, 0x8000, 1
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_EXPENDABLE = "800"  # of 1000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


class _Told(BaseException):
    """SIGTERM: whoever started this wants it to end."""


def _terminated(_number: int, _frame: object) -> NoReturn:
    """End what runs, once; whoever sends more waits for that."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Told


def _adopt(libc: ctypes.CDLL) -> None:
    """Become the parent of whatever is left behind, and end with the kit."""
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    # Where memory runs out, the system is to take the program and not the kit.
    Path("/proc/self/oom_score_adj").write_text(_EXPENDABLE, encoding="ascii")


def _checked(result: int) -> None:
    """Take the result of a call of the system.

    Raises:
        OSError: It failed.
    """
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _leave(libc: ctypes.CDLL, flags: int) -> None:
    """Leave the namespaces of these flags for new ones.

    Raises:
        OSError: The system does not let this user do so.
    """
    user, group = os.getuid(), os.getgid()
    if libc.unshare(flags) != 0:
        # Without the right to do so, in a world where this user has it, and is otherwise who they are.
        _checked(libc.unshare(flags | _CLONE_NEWUSER))
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def _raise_loopback() -> None:
    """Give a new network its loopback interface; IPv6 has its address from then on, too."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", asked)[1] | _IFF_UP
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags))


def _wall(libc: ctypes.CDLL, writable: list[str]) -> None:
    """Make every file system read-only, but for these folders and what processes share memory by.

    Raises:
        OSError: The system cannot do so: Linux can from 5.12 on.
    """
    paths = [os.fsencode(path) for path in (*writable, "/dev/shm")]  # noqa: S108 - it is not used
    _checked(libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None))
    for path in paths:
        _checked(libc.mount(path, path, None, _MS_BIND | _MS_REC, None))
    for path, change in ((b"/", (_READ_ONLY, 0)), *((path, (0, _READ_ONLY)) for path in paths)):
        attributes = struct.pack("QQQQ", *change, 0, 0)
        at = ctypes.c_long(_AT_FDCWD)
        _checked(libc.syscall(_MOUNT_SETATTR, at, path, _AT_RECURSIVE, attributes, len(attributes)))


def _descendants() -> set[int]:
    """The ids of all processes below this one."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        # Others end meanwhile.
        with contextlib.suppress(OSError):
            state, parent = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
            if state != "Z":
                children.setdefault(int(parent), []).append(int(folder.name))
    found: set[int] = set()
    ahead = [os.getpid()]
    while ahead:
        below = children.get(ahead.pop(), [])
        found.update(below)
        ahead.extend(below)
    return found


def _clear() -> int:
    """Kill all that is left below this process, however fast it multiplies; how many that were."""
    killed: set[int] = set()
    while left := _descendants():
        for number in left:
            # Stopped first, so that none starts another while the rest is being killed.
            for sent in (signal.SIGSTOP, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, sent)
        killed |= left
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    return len(killed)


def _wait(program: int) -> int:
    """Wait for the program, burying what it leaves behind meanwhile; its exit code."""
    while True:
        number, status = os.waitpid(-1, 0)
        if number == program:
            return os.waitstatus_to_exitcode(status)


def _prepare(wanted: dict[str, Any], told: dict[str, Any]) -> None:
    """Do what only Linux can.

    Raises:
        OSError: A namespace cannot be had, which is told.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    with contextlib.suppress(AttributeError, OSError):
        _adopt(libc)
    for name, wall in (("alone", not wanted["network"]), ("walled", wanted["writable"] is not None)):
        if wall:
            try:
                _leave(libc, _CLONE_NEWNET if name == "alone" else _CLONE_NEWNS)
                _raise_loopback() if name == "alone" else _wall(libc, wanted["writable"])
            except (OSError, AttributeError):
                told["unable"] = name
                raise OSError from None
            told[name] = True


def main() -> None:
    """Run what standard input says."""
    signal.signal(signal.SIGTERM, _terminated)
    wanted: dict[str, Any] = json.load(sys.stdin)
    told = {"code": -signal.SIGKILL, "strays": 0, "alone": False, "walled": False, "unable": None}
    channel = os.fdopen(wanted["told"], "w", encoding="utf-8")
    try:
        _prepare(wanted, told)
        # It may be killed before it can tell the rest.
        channel.write(json.dumps(told) + "\n")
        channel.flush()
        for name, value in wanted["limits"]:
            limit = getattr(resource, name)
            hard = resource.getrlimit(limit)[1]
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(limit, (most, most))
        # The channel of this process is none of the program's: it is not inherited.
        program = subprocess.Popen(
            wanted["command"], env=wanted["env"], cwd=wanted["cwd"], stdin=subprocess.DEVNULL, start_new_session=True
        )
        told["code"] = _wait(program.pid)
        program.returncode = told["code"]
        told["strays"] = _clear()
    except _Told:
        _clear()
    except OSError as error:
        told["code"] = 127
        if not told["unable"]:
            sys.stderr.write(f"{error}\n")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with channel:
        channel.write(json.dumps(told) + "\n")
