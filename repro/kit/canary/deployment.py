"""The two sides of a canary: deployments that are there, or services that the kit stands up and takes down again.

What is stood up ends with the canary, however that ends: each process is a session of its own, which is killed, and
each ends by itself when its standard input does, which happens when this process is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import tempfile
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from repro.kit import environment
from repro.problem import Problem
from repro.release import Release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from repro.kit.workspace import Workspace
    from repro.release import Releases, Subject

PROFILES = Path(__file__).with_name("profiles.toml")
#: How long a process may take to say its port, in seconds.
START = 30.0


def profiles() -> dict[str, list[dict[str, Any]]]:
    """The fault profiles, by name."""
    data = tomllib.loads(PROFILES.read_text(encoding="utf-8"))
    return {name: entry["faults"] for name, entry in data.items() if name != "format"}


class Server:
    """A process that serves, and says its port as its first line; a context manager that leaves nothing running.

    Args:
        what: What a person calls it.
        command: The program and its arguments.
        env: Its environment variables.
        cwd: Its working directory.

    Attributes:
        port: Its port on 127.0.0.1.
        said: The whole of its first line.
    """

    def __init__(self, what: str, command: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        self.what = what
        self.port = 0
        self.said: dict[str, Any] = {}
        self._kept = b""
        self._process = subprocess.Popen(
            list(command),
            env=env,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        """Wait until it serves.

        Raises:
            Problem: It ended, or said nothing.
        """
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        end = time.monotonic() + START
        while not (lines := self.lines()):
            left = end - time.monotonic()
            if left <= 0 or self.ended():
                self.end()
                how = "ended" if left > 0 else f"did not begin to serve within {START:g} s"
                raise Problem(f"{self.what} {how}.", "Look at it with: nox -s cell, under the same release.", code=3)
            select.select([self._process.stdout], [], [], min(left, 0.2))
        self.said = lines[0]
        self.port = self.said["port"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def lines(self) -> list[dict[str, Any]]:
        """What it has said since it was asked last, each line as JSON."""
        assert self._process.stdout is not None
        with contextlib.suppress(BlockingIOError):
            while block := os.read(self._process.stdout.fileno(), 65536):
                self._kept += block
        *whole, self._kept = self._kept.split(b"\n")
        return [json.loads(line) for line in whole]

    def ended(self) -> bool:
        """Whether it is no longer running."""
        return self._process.poll() is not None

    def end(self) -> None:
        """End it, and everything that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(OSError):
                stream.close()


class Deployment:
    """One side of a canary.

    Attributes:
        name: What a person calls it: `stable` or `candidate`.
        url: Its base URL.
        servers: What the kit stood up for it; empty for a deployment that is there.
        upstream: The stand-in behind it; None where the kit sees nothing of what it does upstream.
        connections: The numbers of the connections that it is known to have opened to the stand-in.
        free: When it may be asked again, as `time.monotonic` counts; for whoever keeps to a rate.
    """

    def __init__(self, name: str, url: str, servers: Sequence[Server] = (), upstream: Server | None = None) -> None:
        self.name = name
        self.url = url.rstrip("/")
        self.servers = servers
        self.upstream = upstream
        self.connections: set[int] = set()
        self.free = 0.0

    def trouble(self) -> str | None:
        """What of it is no longer there; None where nothing is missing that the kit knows of."""
        return next((f"{server.what} ended in the middle" for server in self.servers if server.ended()), None)


def built(plan: environment.Plan, what: str, workspace: Workspace, say: Callable[[str], None]) -> Path:
    """The interpreter of an environment.

    Raises:
        Problem: It cannot be built.
    """
    try:
        return environment.build(plan, workspace.environments, say=say)
    except environment.NotBuilt as error:
        reason = error.reason.rstrip(".")
        raise Problem(f"{what} cannot be built: {reason}.", "Name a release that can be.", code=3) from None


def environ(subject: Subject, workspace: Workspace, *beside: Path) -> dict[str, str]:
    """The environment variables of a process under a release, which also finds the packages `beside` it."""
    named = (
        {"REPRO_DISTRIBUTION": subject.distribution}
        if isinstance(subject, Release)
        else {"REPRO_SOURCE": subject.source}
    )
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join(map(str, (workspace.root, *beside))),
        "PYTHONNOUSERSITE": "1",
        **named,
    }


@contextlib.contextmanager
def stood_up(
    subjects: Mapping[str, Subject],
    service: str,
    profile: str,
    python: str,
    minor: str,
    releases: Releases,
    workspace: Workspace,
    *,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[dict[str, Deployment]]:
    """Serve a service under a release for each side, with a stand-in behind each, until the block is left.

    Args:
        subjects: The release or checkout of each side, by the name of the side.
        service: `reproduction` or `hardened`.
        profile: The fault profile of the stand-ins.
        python: The Python, as uv finds it.
        minor: The same Python as `3.12`.
        releases: The release data.
        workspace: Where things are.
        say: Told what takes time.

    Raises:
        Problem: An environment cannot be built, or a process does not serve.
    """
    faults = profiles()[profile]
    serving = environment.Plan(f"server-py{minor}", python, releases.server, cutoff=releases.cutoff)
    with contextlib.ExitStack() as stack:
        found = {}
        made = stack.enter_context(tempfile.TemporaryDirectory())
        for name, subject in subjects.items():
            say(f"building {subject}, for {name}")
            plan = environment.plan(subject, python, minor, releases)
            interpreter = built(plan, str(subject), workspace, say)
            beside = environment.packages(built(serving, "the WSGI server", workspace, say))
            env = {**environ(subject, workspace, beside), "TMDB_API_KEY": secrets.token_hex(8)}
            command = [str(interpreter), "-m"]
            upstream = stack.enter_context(
                Server(
                    f"the stand-in behind {name}",
                    [*command, "repro.cell.standin", json.dumps(faults)],
                    env,
                    workspace.root,
                )
            )
            env["TMDB_BASE_URL"] = f"http://127.0.0.1:{upstream.port}/3"
            # The hardened service keeps its idempotency keys in a file; each side has its own, and none remains.
            env["GUARD_PATH"] = str(Path(made) / f"{name}.sqlite3")
            server = stack.enter_context(
                Server(f"{name} ({subject})", [*command, "repro.cell.serving", service], env, workspace.root)
            )
            url = f"http://127.0.0.1:{server.port}"
            found[name] = Deployment(name, url, (server, upstream), upstream)
        yield found
