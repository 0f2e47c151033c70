"""What an expression of a project is: followed by imports, annotations, attributes, subclasses, blocks and fixtures."""

import pytest
from projects import looked_through, write

from repro.kit.usage.inference import Inference, Value, public

#: A block of two, of which the second is named.
BESIDE = """
import httpx
async def f(c: httpx.AsyncClient):
    async with f() as x, c.stream("GET", "u") as r:
        r.aiter_lines()
"""

#: A file of a project, and a use that is found in it: line, name and what is done with it.
FOLLOWED = [
    ("import httpx\nhttpx.Client(proxies=1)", (2, "Client", "call")),
    ("import httpx as http\nhttp.get('u')", (2, "get", "call")),
    ("from httpx import Client as C\nC()", (2, "Client", "call")),
    ("from httpx import Client\nclient = Client()\nclient.get('u')", (3, "Client.get", "call")),
    ("import httpx\ndef f(c: httpx.Client):\n    c.get('u')", (3, "Client.get", "call")),
    ("import httpx\ndef f(c: 'httpx.Client | None' = None):\n    c.get('u')", (3, "Client.get", "call")),
    ("import httpx\ndef f(*, r: httpx.Response):\n    return r.text", (3, "Response.text", "read")),
    ("import httpx\nwith httpx.Client() as c:\n    c.get('u')", (3, "Client.get", "call")),
    ("import httpx\nr = httpx.get('u')\nr.text", (3, "Response.text", "read")),
    ("import httpx\nhttpx.get('u').raise_for_status()", (2, "Response.raise_for_status", "call")),
    (
        "import httpx\nasync def f():\n    async with httpx.AsyncClient() as c:\n        await c.get('u')",
        (4, "AsyncClient.get", "call"),
    ),
    (
        "import httpx\nasync def f(c: httpx.AsyncClient):\n    r = await c.get('u')\n    r.text",
        (4, "Response.text", "read"),
    ),
    (
        "import httpx\nasync def f(c: httpx.AsyncClient):\n    return (await c.get('u')).text",
        (3, "Response.text", "read"),
    ),
    (
        "import httpx\nwith httpx.Client() as c, c.stream('GET', 'u') as r:\n    r.iter_lines()",
        (3, "Response.iter_lines", "call"),
    ),
    (
        "import httpx\nasync def f(c: httpx.AsyncClient):\n  async with c.stream('G') as r:\n   r.aiter_lines()",
        (4, "Response.aiter_lines", "call"),
    ),
    (
        "import httpx\nclass A:\n  def __init__(self):\n    self.c = httpx.Client()\n  def f(s):\n    s.c.get('u')",
        (6, "Client.get", "call"),
    ),
    (
        "import httpx\nclass A:\n    c: httpx.Client\n    def f(self):\n        self.c.get('u')",
        (5, "Client.get", "call"),
    ),
    ("import httpx\nclass B(httpx.Client):\n    pass\nB().get('u')", (4, "Client.get", "call")),
    ("import httpx\nclass B(httpx.Client):\n    pass\nB(proxies=1)", (4, "Client", "call")),
    ("import httpx\nclass B(httpx.Client):\n    pass\nclass C(B):\n    pass\nC()", (6, "Client", "call")),
    (
        "import httpx\nclass B(httpx.Client):\n    def get(self, u):\n        return super().get(u)",
        (4, "Client.get", "call"),
    ),
    (
        "import httpx\nclass B(httpx.Client):\n    def __init__(self):\n        super().__init__(proxies=1)",
        (4, "Client", "call"),
    ),
    (
        "import httpx\nclass B(httpx.Client):\n  def __init__(self):\n    httpx.Client.__init__(self, proxies=1)",
        (4, "Client", "call"),
    ),
    ("import functools, httpx\nfunctools.partial(httpx.Client, proxies=1)", (2, "Client", "call")),
    ("import httpx\nkind = httpx.Client\nkind(proxies=1)", (3, "Client", "call")),
    ("import httpx\nc = httpx.Client() if 1 else None\n(c or httpx.Client()).get('u')", (3, "Client.get", "call")),
    ("import httpx\n(c := httpx.Client()).get('u')", (2, "Client.get", "call")),
    ("import httpx\n[httpx.Client()][0].get('u')", (2, "Client.get", "call")),
    ("import httpx\nc = httpx.Client()\nc.timeout = 3", (3, "Client.timeout", "set")),
    ("import httpx\nc = httpx.Client()\nc.params.update(a=1)", (3, "Client.params.update", "call")),
    ("import httpx\nr = httpx.get('u')\nr.headers.get_list('a')", (3, "Headers.get_list", "call")),
    ("import httpx\nr = httpx.get('u')\nr.headers['a']", (3, "Headers.__getitem__", "read")),
    ("import httpx\nc = httpx.Client()\nc.headers['a'] = 'b'", (3, "Headers.__setitem__", "read")),
    ("import httpx\nc = httpx.Client()\ndel c.headers['a']", (3, "Headers.__delitem__", "read")),
    ("import httpx\nfor h in httpx.get('u').headers:\n    pass", (2, "Headers.__iter__", "read")),
    ("import httpx\nhttpx.get('u').headers == {}", (2, "Headers.__eq__", "read")),
    ("import httpx\nstr(httpx.URL('u').params)", (2, "URL.params.__str__", "read")),
    ("import httpx\nf'{httpx.QueryParams()}'", (2, "QueryParams.__str__", "read")),
    ("import httpx\ntry:\n    pass\nexcept httpx.ConnectTimeout:\n    pass", (4, "ConnectTimeout", "except")),
    (
        "from httpx import ConnectTimeout\ntry: pass\nexcept (OSError, ConnectTimeout): pass",
        (3, "ConnectTimeout", "except"),
    ),
    (
        "import httpx\ntry:\n    pass\nexcept httpx.HTTPStatusError as e:\n    e.response.text",
        (5, "Response.text", "read"),
    ),
    ("import httpx\ndef f() -> httpx.PoolLimits: ...", (2, "PoolLimits", "annotation")),
    ("import httpx\nx: httpx.PoolLimits", (2, "PoolLimits", "annotation")),
    ("import httpx\nx: 'httpx.PoolLimits'", (2, "PoolLimits", "annotation")),
    ("import httpx\nclass A(httpx.Auth): ...", (2, "Auth.__init_subclass__", "base")),
    ("import httpx\nhttpx.codes.is_error(404)", (2, "codes.is_error", "call")),
    ("import httpx\nfrom unittest import mock\nmock.patch('httpx.Client.get')", (3, "Client.get", "text")),
    ("import httpx\ndef f(c: httpx.Client):\n    with c:\n        pass", (3, "Client.__enter__", "read")),
    ("import httpx\nc = httpx.Client()\nc.close()", (3, "Client.close", "call")),
    ("import httpx\ndel httpx.get('u').text", (2, "Response.text", "delete")),
    ("import httpx._client\nhttpx._client.Client()", (2, "Client", "call")),
    ("import httpx\nc = httpx.Client()\n(c if 1 else None).get('u')", (3, "Client.get", "call")),
    ("import httpx\nhttpx.models.Response.text", (2, "Response.text", "read")),
    ("import httpx\nhttpx.get.text.text", (2, "get", "read")),
    (
        BESIDE,
        (5, "Response.aiter_lines", "call"),
    ),
    ("from httpx import _client\n_client.BaseClient()", (2, "Client", "call")),
    (
        "import httpx\ndef f():\n    with httpx.Client() as c:\n        r = c.get('u')\n        r.text",
        (5, "Response.text", "read"),
    ),
    (
        "import httpx\ndef f(x):\n  with httpx.Client() as c:\n    c = c if x else httpx.Client()\n    c.get('u')",
        (5, "Client.get", "call"),
    ),
    (
        "import httpx\ndef f():\n    if (c := httpx.Client()):\n        c = httpx.AsyncClient()\n    c.get('u')",
        (5, "AsyncClient.get", "call"),
    ),
]

#: Files in which nothing of httpx is used but what they import.
ANOTHERS = [
    "import requests\nrequests.get('u')",
    "def f(httpx):\n    httpx.get('u')\nimport httpx",
    "import httpx\ndef f(c):\n    c.get('u')",
    "import httpx\n{}.get('u')",
    "import httpx\nclass A:\n    def get(self, u): ...\nA().get('u')",
    "import httpx\ndef f(c: dict[str, str]):\n    c.get('u')",
    "import httpx, os\nos.environ.get('u')",
    "import httpx\nx = 'httpx is here'",
    "import httpx\nwith open('f') as f:\n    f.close()",
    "import httpx\nc = httpx.Client()\nwith c:\n    pass",
    "import httpx\nx = httpx._private",
    "import httpx\ndef f():\n    c = c\n    c.get('u')",
    "import httpx\nclass A(httpx.Client):\n  def get(self): ...\nclass B(A): ...\ndef f(b: B):\n    b.get()",
    "from httpx import get\ndef f(get: dict):\n    get.text",
    "import httpx\nclass A(dict):\n    def __init__(self):\n        super().__init__(proxies=1)",
    "import httpx, threading\ndef f(lock: threading.Lock):\n    with lock:\n        pass",
    "import httpx\nclass A(list[int]): ...\nA()\n1 < 2",
    "from .httpx import Client\nClient()",
    "import httpx\nclass A(type(1)): ...\nA(proxies=1)",
    "import httpx\n(lambda: 1)(proxies=1)",
    "import httpx\ndef f():\n    with httpx.Client() as c:\n        c = {}\n        c.get('u')",
    "import httpx\ndef f(x):\n    with httpx.Client() as c:\n        pass\n    return [c.get('u') for c in {}]",
]


def uses(made, name):
    """What a file uses: line, name and what is done with it."""
    return {(use.line, use.path, use.how) for use in made.uses if use.source.name == name and use.how != "import"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What each of these files uses, by its text: they are the files of one project, which is looked through once."""
    texts = {f"file_{number}.py": text for number, text in enumerate([*(text for text, _ in FOLLOWED), *ANOTHERS])}
    folder = tmp_path_factory.mktemp("project")
    write(folder, texts)
    made = looked_through(folder, tmp_path_factory.getbasetemp() / "jedi")
    return {text: uses(made, name) for name, text in texts.items()}


@pytest.mark.parametrize(("text", "expected"), FOLLOWED)
def test_name_is_followed(files, text, expected):
    """A name of httpx is found where it is used, however it came there, and with its line."""
    assert expected in files[text]


@pytest.mark.parametrize("text", ANOTHERS)
def test_what_is_not_httpx_is_not_listed(files, text):
    """A name that is another's, or of which nothing is known, is no use of httpx."""
    assert {
        (path, how) for _, path, how in files[text] if path not in {"Client", "Client.__init_subclass__", "httpx"}
    } <= {("_private", "read")} - {("_private", "read")}


def test_names_are_followed_through_the_files_of_the_project(finder):
    """What another file of the project names, makes or is derived from httpx is followed into it."""
    made = finder(
        {
            "app.py": "from base import Mine, make, http\nfrom deep.inner import wrapped\n"
            "Mine().get('u')\nmake().get('u')\nhttp.get('u')\nwrapped().get('u')\n",
            "base.py": "import httpx as http\nclass Mine(http.Client):\n    pass\n"
            "def make() -> 'http.AsyncClient':\n    ...\n",
            "deep/inner.py": "import base\ndef wrapped():\n    return base.Mine()\n",
            "deep/__init__.py": "",
        }
    )
    assert {
        (3, "Client.get", "call"),
        (4, "AsyncClient.get", "call"),
        (5, "get", "call"),
        (6, "Client.get", "call"),
    } <= uses(made, "app.py")


def test_name_that_is_given_an_attribute_is_its_value(finder):
    """A name that something of httpx's is read into is what was read, as bytes, and not the attribute."""
    made = finder({"app.py": "import httpx\ndef f(u: httpx.URL):\n    q = u.query\n    return q\n"})
    (source,) = made.inference.sources
    assert made.inference.of(source, source.tree.body[1].body[1].value) == {Value("instance", own="builtins.bytes")}


CONFTEST = """
import httpx, pytest

@pytest.fixture
def client():
    with httpx.Client() as made:
        yield made

@pytest.fixture(scope="session")
def other() -> httpx.AsyncClient:
    return None

@pytest.fixture
def answer(client):
    return client.get("u")
"""


def test_fixtures_of_pytest_are_followed(finder):
    """A test's parameter is what the nearest fixture of that name gives, of its file or of a `conftest.py` above it."""
    found = finder(
        {
            "tests/conftest.py": CONFTEST,
            "tests/part/test_a.py": "def test_a(client, other, answer, tmp_path):\n    client.get('u')\n"
            "    other.get('u')\n    made = client.get('u')\n    made.text\n    answer.text\n    tmp_path.get('u')\n",
            "tests/part/test_b.py": "import pytest\n@pytest.fixture\ndef client():\n    return {}\n"
            "def test_b(client):\n    client.get('u')\n",
            "elsewhere/test_c.py": "def test_c(client):\n    client.get('u')\n",
        }
    )
    places = {(use.source.name, use.line, use.path) for use in found.uses if "/test_" in use.source.name}
    assert places == {
        ("tests/part/test_a.py", 2, "Client.get"),
        ("tests/part/test_a.py", 3, "AsyncClient.get"),
        ("tests/part/test_a.py", 4, "Client.get"),
        ("tests/part/test_a.py", 5, "Response.text"),
        ("tests/part/test_a.py", 6, "Response.text"),
    }
    assert all(use.source.of_tests for use in found.uses)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("_client.BaseClient.get", "Client.get"),
        ("models.Response", "Response"),
        ("models", "models"),
        ("_config", ""),
        ("__version__", "__version__"),
        ("Client", "Client"),
    ],
)
def test_names_are_as_callers_know_them(path, expected):
    """A name has no private module before it, and no base class that callers never see."""
    assert public(path) == expected


def test_code_that_jedi_fails_on_is_not_followed():
    """Where jedi fails, whatever its failure is, nothing is known, and the rest goes on."""
    assert Inference._ask(lambda: [1]) == [1]
    assert Inference._ask(lambda: 1 / 0) == []
