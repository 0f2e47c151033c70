"""Captures one output of a project, under the release of the environment that this runs in.

It is run as a file by the project's own interpreter, as `python upgrade_capture.py JOB`: Python 3.8 or later with its
standard library, and nothing of this kit. JOB is the path of a JSON file; the answer goes into the file beside it that
ends in `.answer`:

    JOB      {"tree": folder, "kind": "callable", "callable": "package.module:attribute"}
             {"tree": folder, "kind": "file", "file": path, "generate": [command...] or null}
             {"tree": folder, "kind": "url", "url": "http://127.0.0.1:{port}/...", "serve": [command...],
              "said": path of what it prints}
             {"tree": folder, "kind": "application", "application": "package.module:attribute",
              "interface": "asgi", "wsgi" or null, "requests": [{"name", "method", "target", "headers", "body"}]}
             {"tree": folder, "kind": "command", "command": [command...]}

    answer   {"captured": {"value": any JSON}}                   what a callable returned
             {"captured": {"text": base64}}                      a document
             {"captured": {"answers": {name: answer}}}           what the application answered to each request:
                 {"status", "headers": [[name, value]...], "body": base64}, or {"raises": phrase}
             {"captured": {"exit code", "stdout": base64, "stderr": base64}}
             {"failed": phrase}                                  nothing could be captured, and why
             each with "port": the one that was chosen, or 0

    attribute is a path of names with dots; one that ends in `()` is called, and what it returns is meant.

There is no clock here: whoever starts this ends it, with all that it started, after as long as they like.
"""

from __future__ import annotations

import base64
import importlib
import inspect
import io
import json
import os
import socket
import subprocess
import sys
import time
import traceback
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

#: Seconds between two looks at whether a server has begun to listen, or has ended.
LOOK = 0.02
#: How many arguments an ASGI application takes: scope, receive, send.
ASGI = 3


class Failed(Exception):
    """Nothing could be captured; the message says why."""


def main(place: str) -> None:
    """Do a job, and write its answer; whatever goes wrong is an answer too."""
    job = json.loads(Path(place).read_text(encoding="utf-8"))
    # This file's own folder is no place that the project imports from; its tree is, as under `python -m`.
    sys.path[0] = job["tree"]
    port = unused_port() if job["kind"] == "url" else 0
    try:
        # What is no JSON is found here, and not while half of it is written.
        answer = json.dumps({"captured": KINDS[job["kind"]](job, port), "port": port})
    except Failed as error:
        answer = json.dumps({"failed": str(error), "port": port})
    except BaseException as error:  # a project may also exit
        answer = json.dumps({"failed": phrase(error, job["tree"]), "port": port})
    Path(place + ".answer").write_text(answer, encoding="utf-8")


def phrase(error: BaseException, tree: str) -> str:
    """An exception as one line: its type, what it says, and the line of the project that it came through last."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    inner = os.path.realpath(tree) + os.sep
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_absolute()]
    places = [(os.path.realpath(frame.filename), frame.lineno) for frame in frames]
    passed = [f" ({path[len(inner) :]}, line {line})" for path, line in places if path.startswith(inner)]
    return type(error).__name__ + (f": {said}" if said else "") + (passed[-1] if passed else "")


def resolved(spec: str) -> Any:
    """What `package.module:attribute` names."""
    module, _, path = spec.partition(":")
    called = path.endswith("()")
    found: Any = importlib.import_module(module)
    for name in (path[:-2] if called else path).split("."):
        found = getattr(found, name)
    return found() if called else found


def encoded(data: bytes) -> str:
    """Bytes as JSON holds them."""
    return base64.b64encode(data).decode()


def of_callable(job: dict[str, Any], _: int) -> dict[str, Any]:
    """The document that a callable returns, or that stands under a name."""
    found = resolved(job["callable"])
    if callable(found):
        found = found()
    if inspect.isawaitable(found):
        import asyncio  # most outputs do without it, and it takes its time

        found = asyncio.run(awaited(found))
    if isinstance(found, str):
        found = found.encode()
    return {"text": encoded(found)} if isinstance(found, bytes) else {"value": found}


async def awaited(found: Any) -> Any:
    """What an awaitable comes to."""
    return await found


def of_file(job: dict[str, Any], _: int) -> dict[str, Any]:
    """The document in a file, made by a command first where there is one."""
    if job["generate"]:
        done = run(job["generate"], job["tree"])
        if done.returncode:
            last = last_line(done.stderr or done.stdout)
            raise Failed(f"{job['generate'][0]} ended with {done.returncode}: {last}")
    try:
        return {"text": encoded(Path(job["tree"], job["file"]).read_bytes())}
    except OSError as error:
        raise Failed(f"{job['file']} cannot be read: {error.strerror}") from None


def of_command(job: dict[str, Any], _: int) -> dict[str, Any]:
    """What a command prints and ends with."""
    done = run(job["command"], job["tree"])
    return {"exit code": done.returncode, "stdout": encoded(done.stdout), "stderr": encoded(done.stderr)}


def run(command: list[str], tree: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command of the project to its end."""
    try:
        return subprocess.run(command, cwd=tree, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as error:
        raise Failed(f"{command[0]} cannot be run: {error.strerror}") from None


def last_line(data: bytes) -> str:
    """The last line that says anything."""
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def unused_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def of_url(job: dict[str, Any], port: int) -> dict[str, Any]:
    """The document at a URL, which a command serves for as long as it takes to ask."""
    command = [word.replace("{port}", str(port)) for word in job["serve"]]
    with Path(job["said"]).open("w+b") as output:
        try:
            # In this process's own group: whoever ends that ends the server too.
            server = subprocess.Popen(command, cwd=job["tree"], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        except OSError as error:
            raise Failed(f"{command[0]} cannot be run: {error.strerror}") from None
        try:
            while not listens(port):
                if server.poll() is not None:
                    output.seek(0)
                    last = last_line(output.read())
                    raise Failed(f"{command[0]} ended with {server.returncode} before it listened: {last}")
                time.sleep(LOOK)
            return {"text": encoded(fetched(job["url"].replace("{port}", str(port))))}
        finally:
            server.kill()
            server.wait()


def listens(port: int) -> bool:
    """Whether something accepts connections on a loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def fetched(url: str) -> bytes:
    """What is at a URL; no proxy is asked."""
    import urllib.error
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url) as answer:
            body: bytes = answer.read()
            return body
    except urllib.error.HTTPError as error:
        raise Failed(f"{url} answers {error.code}") from None


def of_application(job: dict[str, Any], _: int) -> dict[str, Any]:
    """What an application answers to requests, asked without a network and without a server."""
    application = resolved(job["application"])
    asynchronous = is_asgi(application) if job["interface"] is None else job["interface"] == "asgi"
    if asynchronous:
        import asyncio

        return {"answers": asyncio.run(asked_asgi(application, job["requests"], job["tree"]))}
    return {"answers": asked_wsgi(application, job["requests"], job["tree"])}


def is_asgi(application: Any) -> bool:
    """Whether an application is one of ASGI: a coroutine function, or what takes its three arguments."""
    called = application if inspect.isroutine(application) else type(application).__call__
    if inspect.iscoroutinefunction(called):
        return True
    try:
        return len(inspect.signature(application).parameters) == ASGI
    except (TypeError, ValueError):
        return False


def asked_wsgi(application: Any, requests: list[dict[str, Any]], tree: str) -> dict[str, Any]:
    """What a WSGI application answers to each request."""
    return {request["name"]: attempted_wsgi(application, request, tree) for request in requests}


def attempted_wsgi(application: Any, request: dict[str, Any], tree: str) -> dict[str, Any]:
    """One answer of a WSGI application, or what it raises instead."""
    try:
        return once_wsgi(application, request)
    except Exception as error:
        return {"raises": phrase(error, tree)}


def once_wsgi(application: Any, request: dict[str, Any]) -> dict[str, Any]:
    """One answer of a WSGI application (PEP 3333)."""
    path, _, query = request["target"].partition("?")
    body = base64.b64decode(request["body"])
    environ = {
        "REQUEST_METHOD": request["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": urllib.parse.unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request["headers"]:
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    begun: list[Any] = []
    pieces: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
        begun[:] = [status, headers]
        return pieces.append

    answer = application(environ, start_response)
    try:
        pieces.extend(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    if not begun:
        raise Failed("the application answered without a status")
    status, headers = begun
    lines = [list(line) for line in headers]
    return {"status": int(status.split()[0]), "headers": lines, "body": encoded(b"".join(pieces))}


async def asked_asgi(application: Any, requests: list[dict[str, Any]], tree: str) -> dict[str, Any]:
    """What an ASGI application answers to each request, between its start and its end."""
    lifespan = Lifespan(application)
    await lifespan.begin()
    found = {request["name"]: await attempted_asgi(application, request, lifespan.state, tree) for request in requests}
    await lifespan.end()
    return found


async def attempted_asgi(application: Any, request: dict[str, Any], state: dict[str, Any], tree: str) -> dict[str, Any]:
    """One answer of an ASGI application, or what it raises instead."""
    try:
        return await once_asgi(application, request, state)
    except Exception as error:
        return {"raises": phrase(error, tree)}


class Lifespan:
    """The start and the end of an ASGI application; one that knows neither goes without.

    Args:
        application: The application.

    Attributes:
        state: What the application keeps between its start and its requests.
    """

    def __init__(self, application: Any) -> None:
        import asyncio

        self.application = application
        self.state: dict[str, Any] = {}
        self._to: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._of: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Future[Any] | None = None

    async def begin(self) -> None:
        """Have the application start.

        Raises:
            Failed: It says that it cannot.
        """
        import asyncio

        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        self._task = asyncio.ensure_future(self.application(scope, self._to.get, self._of.put))
        message = await self._told("lifespan.startup")
        if message and message["type"] == "lifespan.startup.failed":
            raise Failed(f"the application did not start: {message.get('message') or 'it did not say why'}")

    async def end(self) -> None:
        """Have the application end; what it says then is no output any more."""
        import asyncio

        assert self._task is not None
        if not self._task.done():
            await self._told("lifespan.shutdown")
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _told(self, what: str) -> dict[str, Any] | None:
        """What the application says to a message; None where it ended, as one that knows no lifespan does."""
        import asyncio

        assert self._task is not None
        await self._to.put({"type": what})
        said = asyncio.ensure_future(self._of.get())
        await asyncio.wait([said, self._task], return_when=asyncio.FIRST_COMPLETED)
        # What it said last, it may have said just before it ended.
        await asyncio.sleep(0)
        if said.done():
            return said.result()
        said.cancel()
        return None


async def once_asgi(application: Any, request: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    """One answer of an ASGI application."""
    import asyncio

    path, _, query = request["target"].partition("?")
    body = base64.b64decode(request["body"])
    headers = [("host", "localhost"), *request["headers"], *([("content-length", str(len(body)))] if body else [])]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request["method"],
        "scheme": "http",
        "path": urllib.parse.unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 50000),
        "server": ("localhost", 80),
        "state": dict(state),
    }
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    answered = asyncio.Event()
    begun: dict[str, Any] = {}
    pieces: list[bytes] = []

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            begun.update(message)
        elif message["type"] == "http.response.body":
            pieces.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                answered.set()

    await application(scope, receive, send)
    if not begun:
        raise Failed("the application answered without a status")
    lines = [[bytes(part).decode("latin-1") for part in line] for line in begun.get("headers", ())]
    return {"status": begun["status"], "headers": lines, "body": encoded(b"".join(pieces))}


KINDS = {
    "callable": of_callable,
    "file": of_file,
    "url": of_url,
    "application": of_application,
    "command": of_command,
}

if __name__ == "__main__":
    main(sys.argv[1])
