"""Refuses what strays: connections beyond loopback, and writes outside of what may be written to.

An audit hook, which no code of the process can take off again. What it cannot see is said in `upgrade_inside`.
"""

from __future__ import annotations

import _socket
import errno
import os
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

#: Devices, and this process's own entries: nothing that is written to them stays.
_DEVICES = re.compile(
    r"/dev/(null|zero|full|tty\w*|ptmx|pts/\d+|stdin|stdout|stderr|fd/\d+|shm|shm/.*)|/proc/(self|thread-self|\d+)/.*"
)

#: How an IPv4 address begins as an IPv6 address, and the first byte of its loopback addresses.
_MAPPED = b"\0" * 10 + b"\xff\xff"
_LOOPBACK = 127

#: How many things one process tells.
_MOST = 1000

#: Events by the places of the paths that they change, and for each the place of its directory descriptor.
_CHANGES = {
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.mkdir": ((0, 2),),
    "os.truncate": ((0, None),),
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.utime": ((0, 3),),
    "os.chflags": ((0, None),),
    "os.setxattr": ((0, None),),
    "os.removexattr": ((0, None),),
}

#: Those that say by themselves that what they would change is not there.
_NEEDS_IT = {"os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "os.utime", "os.chflags"} | {
    "os.setxattr",
    "os.removexattr",
}


def loopback(host: Any) -> bool | None:
    """Whether an address is this machine's own; None for what is a name."""
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    text = str(host).partition("%")[0]
    try:
        packed = _socket.inet_pton(_socket.AF_INET6, text)
    except OSError:
        try:
            # It knows 127.1 too, which is an address to the operating system.
            packed = _MAPPED + _socket.inet_aton(text)
        except OSError:
            return None
    # The unspecified address is where a server listens; to connect to it is to connect to loopback.
    if packed.startswith(_MAPPED):
        return packed[len(_MAPPED)] == _LOOPBACK or not any(packed[len(_MAPPED) :])
    return not any(packed[:-1]) and packed[-1] <= 1


class Guard:
    """The hook.

    Args:
        settings: As in `upgrade_inside`.
        log: Lines for what is refused.
        running: Says which test runs.
    """

    def __init__(self, settings: dict[str, Any], log: Any, running: Any) -> None:
        self._log = log
        self._running = running
        self._told: set[Any] = set()
        self._realpath = os.path.realpath
        self._lexists = os.path.lexists
        self._fsdecode = os.fsdecode
        self._readlink = os.readlink
        self._join = os.path.join
        self._own = {os.path.abspath(settings[name]) for name in ("log", "results") if settings[name]}
        self._writable = tuple(os.path.realpath(path) for path in settings["writable"])
        self._bytecode = os.path.realpath(sys.prefix) + os.sep
        self._name = os.uname().nodename.lower() if hasattr(os, "uname") else ""
        self._handlers = {"open": self._opened, "sqlite3.connect": self._database, "socket.bind": self._bound}
        self._handlers.update((event, self._changed) for event in _CHANGES)
        if not settings["network"]:
            self._handlers.update(
                {
                    "socket.connect": self._connected,
                    "socket.sendto": self._connected,
                    "socket.sendmsg": self._connected,
                    "socket.getaddrinfo": self._resolved,
                    "socket.gethostbyname": self._resolved,
                    "socket.gethostbyaddr": self._resolved,
                    "socket.getnameinfo": self._resolved,
                }
            )

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Let an event pass, or raise what refuses it."""
        handler = self._handlers.get(event)
        if handler is not None:
            handler(event, arguments)

    def _tell(self, refused: str, event: str, to: str) -> None:
        """Write down what is refused, once per test."""
        test = self._running()
        # A forked child has its own id, and has told nothing yet.
        pid = os.getpid()
        key = (refused, to, test, pid)
        if key in self._told or len(self._told) > _MOST:
            return
        self._told.add(key)
        if len(self._told) > _MOST:
            self._log.add({"refused": "more", "pid": pid})
        else:
            self._log.add({"refused": refused, "event": event, "to": to, "test": test, "pid": pid})

    # Network

    def _connected(self, event: str, arguments: tuple[Any, ...]) -> None:
        """A socket is connected, or sends without being connected."""
        sock, address = arguments[0], arguments[1]
        if address is None or getattr(sock, "family", None) not in (_socket.AF_INET, _socket.AF_INET6):
            return
        host = address[0] if isinstance(address, tuple) and address else address
        near = loopback(host)
        if near is None:
            near = self._near(host)
        if not near:
            port = address[1] if isinstance(address, tuple) and len(address) > 1 else ""
            to = f"{host}:{port}"
            self._tell("network", event, to)
            raise ConnectionRefusedError(
                errno.ECONNREFUSED, f"the upgrade kit lets nothing beyond loopback be reached, and this was {to}"
            )

    def _resolved(self, event: str, arguments: tuple[Any, ...]) -> None:
        """A name is looked up."""
        host = arguments[0][0] if isinstance(arguments[0], tuple) and arguments[0] else arguments[0]
        # Addresses are looked up without asking anybody; names of addresses are not.
        asks = event in ("socket.gethostbyaddr", "socket.getnameinfo")
        near = loopback(host) if host else True
        if near or (near is False and not asks) or self._near(host):
            return
        if isinstance(host, (bytes, bytearray)):
            host = bytes(host).decode("ascii", "replace")
        self._tell("network", event, str(host))
        raise _socket.gaierror(
            _socket.EAI_NONAME, f"the upgrade kit lets nothing beyond loopback be looked up, and this was {host}"
        )

    def _near(self, host: Any) -> bool:
        """Whether a name is this machine's own."""
        if isinstance(host, (bytes, bytearray)):
            host = bytes(host).decode("ascii", "replace")
        name = str(host).rstrip(".").lower()
        return (
            name in ("", "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")
            or name.endswith(".localhost")
            or name == self._name
        )

    # Files

    def _opened(self, event: str, arguments: tuple[Any, ...]) -> None:
        """A file is opened."""
        path, mode, flags = arguments
        if isinstance(path, int) or not isinstance(flags, int):
            return
        writes = flags & _WRITING or (isinstance(mode, str) and any(letter in mode for letter in "wax+"))
        if writes:
            self._judge(event, path)

    def _changed(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Something is made, moved, removed or changed by its path."""
        for at, beside in _CHANGES[event]:
            path = arguments[at]
            if isinstance(path, int):
                continue
            folder = arguments[beside] if beside is not None and len(arguments) > beside else -1
            whole = self._whole(path, folder)
            # What cannot happen anyway is left to the operating system, which says why.
            exists = self._lexists(whole)
            if event in _NEEDS_IT and not exists:
                continue
            if event == "os.mkdir" and exists:
                continue
            self._judge(event, whole, follow=event not in ("os.remove", "os.rename", "os.link", "os.symlink"))

    def _bound(self, event: str, arguments: tuple[Any, ...]) -> None:
        """A socket gets its address, which may be a path."""
        sock, address = arguments[0], arguments[1]
        if getattr(sock, "family", None) != getattr(_socket, "AF_UNIX", None) or not address:
            return
        named = isinstance(address, (str, bytes)) and self._fsdecode(address)[:1] not in ("\0", "")
        if named:
            self._judge(event, address)

    def _database(self, event: str, arguments: tuple[Any, ...]) -> None:
        """A database is opened, by a library that opens its file itself."""
        path = arguments[0]
        if not isinstance(path, (str, bytes, os.PathLike)):
            return
        text = self._fsdecode(path)
        if text.startswith("file:"):
            text, _, query = text[len("file:") :].partition("?")
            if "mode=memory" in query or "mode=ro" in query or "immutable=1" in query:
                return
        if text not in ("", ":memory:"):
            self._judge(event, text)

    def _whole(self, path: Any, folder: Any) -> str:
        """A path, joined to the folder whose descriptor came with it."""
        text = self._fsdecode(path)
        if isinstance(folder, int) and folder >= 0 and not text.startswith("/"):
            try:
                text = self._join(self._readlink(f"/proc/self/fd/{folder}"), text)
            except OSError:
                pass
        return text

    def _judge(self, event: str, path: Any, *, follow: bool = True) -> None:
        """Let a path be written to, or tell and refuse it.

        Args:
            event: What is done to it.
            path: The path.
            follow: Whether what a link points to is changed, and not the link.
        """
        text = self._fsdecode(path)
        if text in self._own or _DEVICES.fullmatch(text):
            return
        if follow:
            real = self._realpath(text)
        else:
            head, _, name = text.rstrip("/").rpartition("/")
            real = self._join(self._realpath(head or ("/" if text.startswith("/") else ".")), name)
        if any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in self._writable):
            return
        # Python keeps its bytecode beside the modules of the environment, which is the kit's own.
        bytecode = real.endswith("__pycache__") or f"{os.sep}__pycache__{os.sep}" in real
        if _DEVICES.fullmatch(real) or (bytecode and real.startswith(self._bytecode)):
            return
        # Elsewhere Python does without its bytecode, and nobody asked for it.
        if not bytecode:
            self._tell("write", event, real)
        raise PermissionError(errno.EPERM, "the upgrade kit lets nothing outside of the run's folders be written", text)


def install(settings: dict[str, Any], log: Any, running: Any) -> None:
    """Guard this process for good; arguments as `Guard`."""
    sys.addaudithook(Guard(settings, log, running))
