"""Outputs that must not drift: which a project names, and what they are, captured from real small projects."""

import ast
import os
import sys
import textwrap
from pathlib import Path

import pytest
from stage import MINOR, eventually, processes, release

from repro.kit import environment
from repro.kit.downstream import inside, outputs
from repro.kit.downstream.drift import compare
from repro.kit.downstream.outputs import Captured, capture, declared
from repro.problem import Problem

REFUSED = "Client.__init__() got an unexpected keyword argument 'proxies'"

#: A project whose whole behaviour hangs on the release that it is told.
FLASK = """
    import os
    import flask

    def create_app():
        app = flask.Flask(__name__)
        release = int(os.environ["RELEASE"])

        @app.get("/search")
        def search():
            film = {"id": 1437 if release == 1 else "1437", "title": flask.request.args["q"]}
            answer = flask.jsonify({"results": [film], "asked": dict(flask.request.headers).get("X-Asked")})
            answer.set_cookie("session", "s3cr3t")
            return answer

        @app.post("/echo")
        def echo():
            return flask.request.get_data(as_text=True) + flask.request.content_type, 201

        @app.get("/broken")
        def broken():
            if release == 2:
                raise TypeError("Client.__init__() got an unexpected keyword argument 'proxies'")
            return "fine"

        app.config["PROPAGATE_EXCEPTIONS"] = True
        return app

    app = None if os.environ["RELEASE"] == "3" else create_app()
"""

ASGI = """
    import itertools, json, os

    class Application:
        async def __call__(self, scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                scope["state"]["started"] = True
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await send({"type": "lifespan.shutdown.complete"})
                return
            request = await receive()
            body = {
                "path": scope["path"],
                "query": scope["query_string"].decode(),
                "started": scope["state"].get("started"),
                "headers": dict((n.decode(), v.decode()) for n, v in scope["headers"]),
                "body": request["body"].decode(),
                "pid": os.getpid(),
            }
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            data = json.dumps(body).encode()
            await send({"type": "http.response.body", "body": data[:9], "more_body": True})
            await send({"type": "http.response.body", "body": data[9:]})
            assert (await receive())["type"] == "http.disconnect"

    app = Application()

    async def plain(scope, receive, send):
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    def wrapped(scope, receive, send):
        return plain(scope, receive, send)

    async def mute(scope, receive, send):
        pass
"""

SERVER = """
    import http.server, json, os, sys

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/missing":
                return self.send_error(404)
            port = self.server.server_port
            body = json.dumps({"servers": [f"http://127.0.0.1:{port}/"], "info": {"version": "1"}}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

    if sys.argv[1] == "refuse":
        sys.exit("no port for you")
    print(os.getpid(), file=open("server.pid", "w"))
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


ENDING = """
    import os

    def exiting():
        raise SystemExit(3)

    def unprintable():
        return {1, 2}

    def killed():
        os.kill(os.getpid(), 9)

    def aborted():
        print("going down, " + os.environ["SHOP_TOKEN"] + "\\n", flush=True)
        os._exit(5)

    async def failing(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": os.environ["WHY"]})
"""


class Tree:
    """A project in a folder, captured by the interpreter of these tests.

    Args:
        root: The folder.
    """

    def __init__(self, root):
        self.root = root / "project"
        self.scratch = root / "scratch"
        self.root.mkdir()

    def write(self, name, text):
        """Write a file of it."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))

    def declare(self, text):
        """Write its tables."""
        self.write("pyproject.toml", text)

    def capture(self, timeout=30, **environ):
        """Capture its outputs."""
        env = {"PATH": os.environ["PATH"], **environ}
        return capture(declared(self.root), Path(sys.executable), self.root, env, self.scratch, timeout)

    def one(self, text, timeout=30, **environ):
        """Declare one output and capture it."""
        self.declare(f'[[tool.httpx-upgrade.output]]\nname = "it"\n{text}')
        return self.capture(timeout, **environ)["it"]


@pytest.fixture
def tree(tmp_path):
    """An empty project."""
    return Tree(tmp_path)


def test_project_names_its_outputs(tree):
    """Each table is one output, in order; a project without tables, or without a file, names none."""
    assert declared(tree.root) == ()
    tree.declare("[project]\nname = 'x'\n")
    assert declared(tree.root) == ()
    tree.declare(
        """
        [[tool.httpx-upgrade.output]]
        name = "schema"
        openapi = "shop.api:app.openapi"
        ignore = ["/info/version"]
        secrets = ["LICENCE"]

        [[tool.httpx-upgrade.output]]
        name = "file"
        openapi = "docs/openapi.json"
        generate = ["python", "-m", "export"]
        environment = { A = "1" }

        [[tool.httpx-upgrade.output]]
        name = "served"
        openapi = "http://127.0.0.1:{port}/openapi.json"
        serve = ["python", "-m", "shop", "{port}"]

        [[tool.httpx-upgrade.output]]
        name = "search"
        application = "shop:create_app()"
        shape = true
        [[tool.httpx-upgrade.output.request]]
        path = "/search?q=firefly"
        [[tool.httpx-upgrade.output.request]]
        name = "add"
        method = "post"
        path = "/films"
        json = { id = 1 }
        headers = { X-A = "1" }

        [[tool.httpx-upgrade.output]]
        name = "help"
        command = ["shop", "--help"]
        """
    )
    found = declared(tree.root)
    assert [(output.name, output.job["kind"]) for output in found] == [
        ("schema", "callable"),
        ("file", "file"),
        ("served", "url"),
        ("search", "application"),
        ("help", "command"),
    ]
    assert (found[0].ignore, found[0].secrets, found[1].environment) == (("/info/version",), ("LICENCE",), {"A": "1"})
    assert found[3].shape
    assert found[3].job["requests"] == [
        {"name": "GET /search?q=firefly", "method": "GET", "target": "/search?q=firefly", "headers": [], "body": ""},
        {
            "name": "add",
            "method": "POST",
            "target": "/films",
            "headers": [["Content-Type", "application/json"], ["X-A", "1"]],
            "body": "eyJpZCI6IDF9",
        },
    ]


REQUEST = 'application = "a:b"\n[[tool.httpx-upgrade.output.request]]\n'


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("", "names nothing to capture: give it one of openapi, application, command"),
        ('openapi = "a:b"\ncommand = ["c"]', "names command and openapi"),
        ('command = ["c"]\nserve = ["d"]', "has the unknown key 'serve'; the keys are command, environment, ignore"),
        ("command = []", "has an empty command"),
        ('command = ["c", 1]', "has command = ['c', 1], which is no list of texts"),
        ('command = ["c"]\nignore = ["a"]', "ignores 'a', which is no JSON pointer"),
        ('command = ["c"]\nshape = 1', "has shape = 1, which is of the wrong kind"),
        ('command = ["c"]\nenvironment = {A = 1}', ": environment has A = 1, which is of the wrong kind"),
        ("openapi = 1", "has openapi = 1, which is of the wrong kind"),
        ('openapi = ""', "has the file '', which is not below the project"),
        ('openapi = "/etc/passwd"', "has the file '/etc/passwd', which is not below the project"),
        ('openapi = "../a.json"', "has the file '../a.json', which is not below the project"),
        ('openapi = "https://example.org/a.json"', "which does not begin with http://127.0.0.1:{port}/"),
        ('openapi = "http://127.0.0.1:{port}/a"', "has either a URL or serve"),
        ('openapi = "a:b"\nserve = ["c"]', "has either a URL or serve"),
        ('openapi = "a:b"\ngenerate = ["c"]', "has generate, and 'a:b' is no file that it would make"),
        ('application = "a.b"', "has the application 'a.b'; it is written package.module:name"),
        ('application = "a:b"\ninterface = "cgi"', "has the interface 'cgi', which is neither asgi nor wsgi"),
        ('application = "a:b"', "has no request: add a table [[tool.httpx-upgrade.output.request]]"),
        ('application = "a:b"\nrequest = [1]', ": request 1 is no table"),
        (REQUEST + 'path = "a"', ": request 1 has the path 'a'; it begins with a slash"),
        (REQUEST + 'path = "/é"', ": request 1 has the path '/é'; it begins with a slash, and is encoded"),
        (REQUEST + 'path = "/"\nbody = "a"\njson = 1', ": request 1 has both json and body"),
        (REQUEST + 'path = "/"\nverb = "GET"', ": request 1 has the unknown key 'verb'"),
        (
            REQUEST + 'path = "/"\n[[tool.httpx-upgrade.output.request]]\npath = "/"',
            "has two requests of the name 'GET /'",
        ),
    ],
)
def test_table_that_says_what_cannot_be_is_shown(tree, table, found):
    """Each thing that is wrong with a table is said with the table, its name and its key, and how to mend it."""
    tree.declare(f'[[tool.httpx-upgrade.output]]\nname = "it"\n{table}\n')
    with pytest.raises(Problem) as caught:
        declared(tree.root)
    assert caught.value.found.startswith("pyproject.toml: [[tool.httpx-upgrade.output]] 1 (it)")
    assert found in caught.value.found
    assert caught.value.mend


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[", "is damaged: "),
        ("tool = 1", "pyproject.toml has tool = 1, which is of the wrong kind"),
        ("[tool]\nhttpx-upgrade = 1", "pyproject.toml: tool has httpx-upgrade = 1"),
        ("[[tool.httpx-upgrade.outputs]]", "[tool.httpx-upgrade] has the unknown key 'outputs'; the keys are output"),
        ("[tool.httpx-upgrade]\noutput = 1", "[tool.httpx-upgrade] has output = 1, which is of the wrong kind"),
        ("[tool.httpx-upgrade]\noutput = [1]", "[[tool.httpx-upgrade.output]] 1 is no table"),
        ('[[tool.httpx-upgrade.output]]\ncommand = ["a"]', "[[tool.httpx-upgrade.output]] 1 has no name"),
        (
            '[[tool.httpx-upgrade.output]]\nname = "a"\ncommand = ["a"]\n' * 2,
            "pyproject.toml has two outputs of the name 'a'",
        ),
    ],
)
def test_file_that_says_what_cannot_be_is_shown(tree, text, found):
    """So is what is wrong with the file, or with all the tables together."""
    tree.declare(text)
    with pytest.raises(Problem) as caught:
        declared(tree.root)
    assert found in caught.value.found


def test_wsgi_application_is_asked(tree):
    """A Flask application answers requests with their query, headers and body; an exception of its is an answer."""
    tree.write("shop.py", FLASK)
    requests = """
        [[tool.httpx-upgrade.output]]
        name = "shop"
        application = "shop:create_app()"
        [[tool.httpx-upgrade.output.request]]
        name = "search"
        path = "/search?q=fire%20fly"
        headers = { X-Asked = "yes" }
        [[tool.httpx-upgrade.output.request]]
        path = "/echo"
        method = "POST"
        json = [1]
        [[tool.httpx-upgrade.output.request]]
        path = "/broken"
        """
    tree.declare(requests)
    first = tree.capture(RELEASE="1")
    assert first["shop"].parts == {
        "search": {
            "status": 200,
            "header content-type": "application/json",
            "cookies": "session",
            "json": {"results": [{"id": 1437, "title": "fire fly"}], "asked": "yes"},
        },
        "POST /echo": {
            "status": 201,
            "header content-type": "text/html; charset=utf-8",
            "text": ["[1]application/json"],
        },
        "GET /broken": {"status": 200, "header content-type": "text/html; charset=utf-8", "text": ["fine"]},
    }
    assert first["shop"].varying == ()
    assert Captured.of(first["shop"].data()) == first["shop"]
    line = FLASK[: FLASK.index("raise TypeError")].count("\n") + 1
    (drift,) = compare(first, tree.capture(RELEASE="2"))
    assert drift.state == "changed"
    assert [(each.part, each.place, each.said) for each in drift.differences] == [
        ("search", "/json/results/*/id", "integer → text"),
        ("GET /broken", "", f"answers 200 → raises TypeError: {REFUSED} (shop.py, line {line})"),
    ]
    tree.declare(requests.replace("create_app()", "app"))
    (drift,) = compare(first, tree.capture(RELEASE="3"))
    assert drift.state == "changed"
    assert {each.said.partition(":")[0] for each in drift.differences} == {
        "answers 200 → raises TypeError",
        "answers 201 → raises TypeError",
    }


@pytest.mark.parametrize("name", ["app", "plain", "wrapped"])
def test_asgi_application_is_asked(tree, name):
    """An ASGI application is started, asked and ended; one that knows no start is asked all the same."""
    tree.write("shop.py", ASGI)
    found = tree.one(
        f'application = "shop:{name}"\n[[tool.httpx-upgrade.output.request]]\npath = "/a%20b?c=%20"\nbody = "d"\n'
        'method = "PUT"\nheaders = {X-A = "1"}\n'
    )
    assert found.absent is None
    answer = found.parts["PUT /a%20b?c=%20"]
    if name != "app":
        assert answer == {"status": 204, "text": []}
        return
    # The process is a fresh one each time.
    assert found.varying == (("PUT /a%20b?c=%20", "/json/pid"),)
    assert answer["json"] | {"pid": 0} == {
        "path": "/a b",
        "query": "c=%20",
        "started": True,
        "headers": {"host": "localhost", "x-a": "1", "content-length": "1"},
        "body": "d",
        "pid": 0,
    }


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ('application = "shop:failing"', "the application did not start: no database"),
        ('application = "missing:app"', "ModuleNotFoundError: No module named 'missing'"),
        ('application = "shop:other"', "AttributeError: module 'shop' has no attribute 'other'"),
        ('openapi = "shop:exiting"', "SystemExit: 3 (shop.py, line 5)"),
        ('openapi = "shop:unprintable"', "TypeError: Object of type set is not JSON serializable"),
        ('openapi = "missing.json"', "missing.json cannot be read: No such file or directory"),
        ('openapi = "broken.yaml"', "what was captured is no OpenAPI document: while parsing a flow"),
        ('openapi = "dated.yaml"', "what was captured is no OpenAPI document: keys must be str"),
        ('openapi = "a"\ngenerate = ["python", "-c", "raise SystemExit(4)"]', "python ended with 4: it said nothing"),
        ('openapi = "a"\ngenerate = ["not-there"]', "not-there cannot be run: No such file or directory"),
        ('openapi = "shop:killed"', "its process ended with -9: it said nothing"),
        ('openapi = "shop:aborted"', "its process ended with 5: going down, <redacted>"),
    ],
)
def test_what_cannot_be_captured_says_why(tree, table, why):
    """Whatever goes wrong, up to the death of the process, is the reason why an output is absent."""
    tree.write("broken.yaml", "a: [")
    tree.write("dated.yaml", "2026-01-01: a")
    tree.write("shop.py", ENDING)
    if "application" in table:
        table += '\n[[tool.httpx-upgrade.output.request]]\npath = "/"\n'
    found = tree.one(table, WHY="no database", SHOP_TOKEN="Tr0ub4dor")
    assert found.parts == {}
    assert found.absent.startswith(why)


def test_application_without_a_status_raises(tree):
    """An application that ends without an answer, of either interface, is told like one that raises."""
    tree.write("shop.py", ASGI + "\n    def silent(environ, start_response):\n        return []\n")
    request = '[[tool.httpx-upgrade.output.request]]\npath = "/"\n'
    for name, interface in (("mute", "asgi"), ("silent", "wsgi")):
        found = tree.one(f'application = "shop:{name}"\ninterface = "{interface}"\n{request}')
        assert found.parts == {"GET /": {"raises": "Failed: the application answered without a status"}}


def test_document_comes_from_a_callable_or_a_name(tree):
    """A callable is called, a coroutine awaited, text is read as JSON or YAML, and a mapping is taken as it is."""
    tree.write(
        "shop.py",
        """
        class App:
            def openapi(self):
                return {"paths": {"/a": {}}}

        app = App()
        text = "paths: {/a: {since: 2026-01-01}}"
        document = {"paths": {}}

        async def later():
            return b'{"paths": 1}'
        """,
    )
    expected = {
        "app.openapi": {"paths": {"/a": {}}},
        "app.openapi()": {"paths": {"/a": {}}},
        "text": {"paths": {"/a": {"since": "2026-01-01"}}},
        "document": {"paths": {}},
        "later": {"paths": 1},
    }
    for name, document in expected.items():
        assert tree.one(f'openapi = "shop:{name}"').parts == {"document": document}


def test_document_comes_from_a_file(tree):
    """A file is made first where a command makes it, by the Python of the environment."""
    tree.write("make.py", 'import sys\nprint(sys.prefix)\nopen("a.json", "w").write(\'{"paths": {"/a": 1}}\')\n')
    assert tree.one('openapi = "a.json"\ngenerate = ["python", "make.py"]').parts == {"document": {"paths": {"/a": 1}}}
    assert tree.one('openapi = "a.json"').parts == {"document": {"paths": {"/a": 1}}}


def test_document_comes_from_a_url(tree):
    """A server is waited for and asked, and is gone afterwards; its port is no part of the document."""
    tree.write("serve.py", SERVER)
    serve = 'serve = ["python", "serve.py", "{port}"]'
    found = tree.one(f'openapi = "http://127.0.0.1:{{port}}/openapi.json"\n{serve}')
    assert found.parts == {"document": {"servers": ["http://127.0.0.1:<port>/"], "info": {"version": "1"}}}
    with pytest.raises(ProcessLookupError):
        os.kill(int((tree.root / "server.pid").read_text()), 0)
    url = "http://127.0.0.1:{port}/missing"
    assert tree.one(f'openapi = "{url}"\n{serve}').absent == "http://127.0.0.1:<port>/missing answers 404"
    found = tree.one(f'openapi = "{url}"\nserve = ["python", "serve.py", "refuse"]')
    assert found.absent == "python ended with 1 before it listened: no port for you"
    found = tree.one(f'openapi = "{url}"\nserve = ["not-there"]')
    assert found.absent == "not-there cannot be run: No such file or directory"


def test_command_is_captured_without_paths_and_secrets(tree):
    """Exit code and both streams count; folders, secrets of the environment and of headers are called by name."""
    tree.write(
        "say.py",
        """
        import json, os, sys
        print(os.path.abspath(__file__), sys.prefix, os.environ["TOKEN"], os.environ["LICENCE"])
        print("Authorization: Bearer abc")
        print(json.dumps({"cookie": "a=1", "accessToken": ["b"], "path": os.getcwd()}), file=sys.stderr)
        sys.exit(3)
        """,
    )
    table = 'command = ["python", "say.py"]\nsecrets = ["LICENCE"]\nenvironment = {LICENCE = "abc"}'
    found = tree.one(table, TOKEN="Tr0ub4dor")
    assert found.parts == {
        "command": {
            "exit code": 3,
            "stdout as text": ["<project>/say.py <environment> <redacted> <redacted>", "Authorization: <redacted>"],
            "stderr as json": {"cookie": "<redacted>", "accessToken": ["<redacted>"], "path": "<project>"},
        }
    }
    assert "Tr0ub4dor" not in str(found.data())


def test_what_is_no_text_or_too_long_is_told_by_a_digest(tree):
    """Neither is shown, and each is told from others."""
    tree.write("say.py", "import sys\nsys.stdout.buffer.write(b'\\xff')\nsys.stderr.write('x' * 1_000_001)\n")
    streams = tree.one('command = ["python", "say.py"]').parts["command"]
    assert streams["stdout as bytes"]["length"] == 1
    assert streams["stderr as bytes"]["length"] == 1_000_001
    assert tree.one('command = ["python", "-c", "print(42)"]').parts["command"]["stdout as text"] == ["42"]


def test_what_hangs_is_ended(tree):
    """An output that takes too long is absent, and nothing of it keeps running."""
    tree.write("hang.py", "import threading\nthreading.Event().wait()\n")
    found = tree.one('command = ["python", "hang.py"]', timeout=0.3)
    assert found.absent == "it took longer than 0.3 s"
    assert eventually(lambda: not processes(str(tree.root)))


def test_what_fails_once_is_said_to_have_failed_once(tree):
    """An output that is there one time and not the other is absent, and not for the release."""
    tree.write("twice.py", 'import os, pathlib\npathlib.Path("a.json").write_text("{}")\nos.mkdir("twice")\n')
    found = tree.one('openapi = "a.json"\ngenerate = ["python", "twice.py"]')
    assert found.absent.startswith("of two times, it failed once: python ended with 1: FileExistsError")


def test_what_does_not_count_does_not_vary(tree):
    """A place that is ignored, or a value where only shapes count, makes nothing unstable."""
    tree.write("say.py", 'import json, os\nprint(json.dumps({"pid": os.getpid()}))\n')
    command = 'command = ["python", "say.py"]\n'
    assert tree.one(command).varying == (("command", "/stdout as json/pid"),)
    assert tree.one(command + 'ignore = ["/stdout as json/pid"]').varying == ()
    assert tree.one(command + "shape = true").varying == ()


def test_outputs_are_captured_within_the_fence(tree, tmp_path, surroundings, releases):
    """Where a fork stands in for httpx, and writing is fenced in, outputs are captured all the same."""
    plan = environment.plan(release("httpx2==2.0"), sys.executable, MINOR, releases)
    interpreter = environment.build(plan, tmp_path / "environments")
    inside.install(interpreter)
    settings = inside.Settings(
        path=tmp_path / "settings.json",
        log=tmp_path / "refused",
        redirects={"httpx": "httpx2"},
        writable=(tree.root, tree.scratch),
        tree=tree.root,
    )
    tree.write("shop.py", "import httpx\n\ndef answer():\n    return {'answer': httpx.ANSWER}\n")
    tree.write("make.py", f"open('a.json', 'w').write('{{}}')\nopen({str(tmp_path / 'beyond')!r}, 'w')\n")
    tree.write("serve.py", SERVER)
    tree.declare(
        """
        [[tool.httpx-upgrade.output]]
        name = "callable"
        openapi = "shop:answer"
        [[tool.httpx-upgrade.output]]
        name = "fenced"
        openapi = "a.json"
        generate = ["python", "make.py"]
        [[tool.httpx-upgrade.output]]
        name = "served"
        openapi = "http://127.0.0.1:{port}/"
        serve = ["python", "serve.py", "{port}"]
        """
    )
    env = {"PATH": os.environ["PATH"], **inside.environment_for(settings)}
    found = capture(declared(tree.root), interpreter, tree.root, env, tree.scratch, 30)
    assert found["callable"].parts == {"document": {"answer": 3}}
    assert found["fenced"].absent.startswith("python ended with 1: PermissionError")
    assert found["served"].parts["document"]["servers"] == ["http://127.0.0.1:<port>/"]
    assert '"refused": "write"' in settings.log.read_text()


def test_what_runs_inside_is_python_3_8():
    """The project's interpreter may be as old as the oldest Python that its release supports."""
    ast.parse(outputs.CAPTURE.read_text(), feature_version=(3, 8))
