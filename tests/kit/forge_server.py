"""A real HTTP server on loopback that does what GitHub's API does with comments, issues and pull requests."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

WRITER, READER = "a-token-that-may-write", "a-token-that-may-read"


class Handler(BaseHTTPRequestHandler):
    """Answers one request from the state of the server."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        """Nothing is printed."""

    def do_GET(self):
        """Do what the request asks for."""
        state = self.server.state
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        place = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        state.requests.append((self.command, self.path))
        token = self.headers["Authorization"].removeprefix("Bearer ")
        if self.headers["Accept"] != "application/vnd.github+json" or token not in {WRITER, READER}:
            return self.answer(401, {"message": "Bad credentials"})
        if self.command != "GET" and token != WRITER:
            return self.answer(403, {"message": "Resource not accessible by integration"})
        return self.answer(*state.do(self.command, place.path.removeprefix("/repos/owner/name/"), query, body))

    do_POST = do_PATCH = do_GET  # noqa: N815 - as above

    def answer(self, status, body):
        """Send an answer: JSON, or bytes as they are."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)


class State:
    """What a repository holds.

    Attributes:
        entries: Comments, issues and pull requests, by the path of their list.
        requests: The method and the target of every request.
        api: The address of the API.
    """

    def __init__(self):
        self.entries = {}
        self.requests = []
        self.api = ""
        self._number = 0

    def add(self, path, **fields):
        """Put an entry in a list."""
        self._number += 1
        entry = {
            "id": self._number,
            "number": self._number,
            "state": "open",
            "user": {"login": "github-actions[bot]"},
            **fields,
        }
        self.entries.setdefault(path, []).append(entry)
        return entry

    def do(self, method, path, query, body):
        """The status and the body that a request is answered with."""
        fixed = {"broken": (200, b"<html>"), "empty": (204, b""), "moved": (301, {"message": "Moved Permanently"})}
        if path in fixed:
            return fixed[path]
        if method == "POST":
            return 201, self.add(path, **self._fields(json.loads(body)))
        if method == "GET":
            found = self.entries.get(path, [])
            wanted = {name: value for name, value in query.items() if name in {"state", "head", "labels"}}
            found = [entry for entry in found if self._fits(entry, wanted)]
            size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
            return 200, found[size * (page - 1) : size * page]
        folder, _, number = path.rpartition("/")
        lists = [
            name for name in self.entries if name == folder or (folder == "issues/comments" and "comments" in name)
        ]
        for entry in (entry for name in lists for entry in self.entries[name]):
            if str(entry["id"]) == number:
                entry.update(self._fields(json.loads(body)))
                return 200, entry
        return 404, {"message": "Not Found"}

    @staticmethod
    def _fields(body):
        fields = dict(body)
        if "labels" in fields:
            fields["labels"] = [{"name": name} for name in fields["labels"]]
        return fields

    @staticmethod
    def _fits(entry, wanted):
        head = str(entry.get("head", ""))
        return (
            wanted.get("state", "open") in {"all", entry["state"]}
            and wanted.get("head", f"owner:{head}") == f"owner:{head}"
            and ("labels" not in wanted or wanted["labels"] in [label["name"] for label in entry.get("labels", ())])
        )


@contextmanager
def serving():
    """Serve a repository; its state."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.state = State()
    server.state.api = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
