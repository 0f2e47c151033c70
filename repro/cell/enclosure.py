"""The walls of a cell: what surrounds it stays outside, and nothing in it reaches beyond loopback.

Entered once, before the release is imported, by `tests/cell/conftest.py`; so a run by hand has the same walls as a
run by nox.
"""

from __future__ import annotations

import asyncio
import atexit
import errno
import ipaddress
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

#: The certificate authority of the loopback servers; the only one that a cell trusts by default.
AUTHORITY = Path(__file__).parent / "certificates" / "authority.pem"

# What a cell may see of the environment around it. Everything else stays outside: proxy variables, SSL variables,
# HTTPX_LOG_LEVEL, credentials, a netrc found through HOME.
_SEEN = {"PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "COLUMNS", "NO_COLOR", "TERM", "LD_LIBRARY_PATH"}
_SEEN_PREFIXES = ("REPRO_", "PYTEST_", "COVERAGE_")


def environment(around: dict[str, str], home: str) -> dict[str, str]:
    """The environment variables that a cell sees.

    Args:
        around: The variables around the cell.
        home: An empty folder, in the place of the home folder: there is no netrc in it.
    """
    seen = {name: v for name, v in around.items() if name in _SEEN or name.startswith(_SEEN_PREFIXES)}
    return {
        **seen,
        "HOME": home,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        # The releases take it as their default trust store. It makes the loopback servers trusted, and making a
        # client costs 1 ms where reading the whole of certifi costs 25 ms.
        "SSL_CERT_FILE": str(AUTHORITY),
    }


#: The hosts that the walls refused to look up or to reach, in order.
refused: list[object] = []


class Unreachable(OSError):
    """A connection that the walls of the cell refused."""

    def __init__(self, where: object) -> None:
        super().__init__(errno.ENETUNREACH, f"a cell reaches loopback only, and this was for {where}")


def is_loopback(host: object) -> bool:
    """Whether a host (a name, an address or None) is this machine's own, without asking anybody."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).split("%")[0]).is_loopback
    except ValueError:
        return False


_SENDING = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"})
_RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})
_STARTING = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"})
_GUARDED = _SENDING | _RESOLVING | _STARTING


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse what would leave loopback; an audit hook, which no code in the process can take off again."""
    if event not in _GUARDED:
        # Nearly all of the events are others: imports, attributes, files.
        return
    if event in _SENDING:
        sock, address = arguments[0], arguments[1]
        if address is None or getattr(sock, "family", None) not in (socket.AF_INET, socket.AF_INET6):
            return
        host = address[0] if isinstance(address, tuple) else address
        if not is_loopback(host):
            refused.append(host)
            raise Unreachable(address)
    elif event in _RESOLVING:
        host = arguments[0][0] if isinstance(arguments[0], tuple) else arguments[0]
        if not is_loopback(host):
            refused.append(host)
            raise socket.gaierror(socket.EAI_NONAME, f"a cell resolves loopback only, and this was for {host!r}")
    else:
        # A child would be outside these walls.
        raise PermissionError(errno.EPERM, f"a cell starts no process, and this was {event} {arguments[0]!r}")


def _keep_to_one_core() -> None:
    """Stay on the core that this process is on, where a system has a say in that.

    One thread of a process runs at a time. To wake the next one on another core, and to have it wait there for its
    turn, costs a tenth of a cell.
    """
    if hasattr(os, "sched_setaffinity"):
        after_name = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        os.sched_setaffinity(0, {int(after_name[_CORE])})


def _keep_dropped_streams_open() -> None:
    """Have no stream of asyncio closed because it is collected: since 3.11.5 Python does so, and before it does not.

    What a release leaves open is the release's doing, and so it is seen, whichever Python runs.
    """
    if hasattr(asyncio.StreamWriter, "__del__"):
        del asyncio.StreamWriter.__del__


#: The place of the core in `/proc/self/stat`, of what follows the name (proc_pid_stat(5): 39, and the name is 2).
_CORE = 39 - 3


def enter() -> None:
    """Put the walls up around this process, for good."""
    _keep_to_one_core()
    _keep_dropped_streams_open()
    home = tempfile.mkdtemp(prefix="cell-home-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    seen = environment(dict(os.environ), home)
    os.environ.clear()
    os.environ.update(seen)
    sys.addaudithook(_guard)
