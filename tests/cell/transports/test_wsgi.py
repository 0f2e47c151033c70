"""A WSGI application in the place of the network: what it is told, and what becomes of what it answers."""

import pytest

from repro.cell.applications import PLACE, answer, wsgi
from repro.cell.clients import streamed

pytestmark = pytest.mark.needs("WSGI application")

#: The header with the length of `ok`.
LENGTH = ("Content-Length", "2")


def ok(environ, start_response):
    """Answer everything."""
    start_response("200 OK", [LENGTH])
    return [b"ok"]


@pytest.fixture
def told():
    """Asks an application, and says what its `environ` has under some names; what it does not have is None."""

    def ask(*names, path="/", transport=(), method="GET", **request):
        environs = []

        def application(environ, start_response):
            environs.append(environ)
            return ok(environ, start_response)

        url = path if "://" in path else PLACE + path
        wsgi(application, **dict(transport)).request(method, url, **request)
        return {name: environs[0].get(name) for name in names}

    return ask


def test_wsgi_answer():
    """The status, a header and the body of an application's answer reach the caller."""

    def application(environ, start_response):
        start_response("201 Created", [("X-Answer", "a"), ("Content-Length", "4")])
        return [b"bo", b"dy"]

    response = wsgi(application).get(PLACE)
    assert (response.status_code, response.headers["X-Answer"], response.content) == (201, "a", b"body")


def test_wsgi_repeated_header(observe):
    """A header that an application sends twice."""

    def application(environ, start_response):
        start_response("200 OK", [LENGTH, ("X-Twice", "a"), ("X-Twice", "b")])
        return [b"ok"]

    observe(wsgi(application).get(PLACE).headers["X-Twice"])


def test_wsgi_reason(observe):
    """The reason phrase, where an application has one of its own."""

    def application(environ, start_response):
        start_response("200 Splendid", [LENGTH])
        return [b"ok"]

    observe(wsgi(application).get(PLACE).reason_phrase)


@pytest.mark.parametrize(
    "path", ["/a%20b", "/a%2Fb", "/\N{SNOWMAN}", ""], ids=["escaped_space", "escaped_slash", "snowman", "empty"]
)
def test_wsgi_path(observe, told, path):
    """The path that an application is told."""
    observe(told("PATH_INFO", path=path))


def test_wsgi_query(observe, told):
    """The query that an application is told, with and without one in the URL."""
    observe({path: told("QUERY_STRING", path=path)["QUERY_STRING"] for path in ("/", "/?", "/?a=b%20c&d=")})


def test_wsgi_server(observe, told):
    """The server that an application is told, with and without a port in the URL."""
    urls = ("http://a.invalid/", "https://a.invalid/", "http://a.invalid:8000/")
    observe({url: told("wsgi.url_scheme", "SERVER_NAME", "SERVER_PORT", path=url) for url in urls})


def test_wsgi_protocol(observe, told):
    """The protocol and the address of the client that an application is told."""
    observe(told("SERVER_PROTOCOL", "REMOTE_ADDR"))


def test_wsgi_headers(observe, told):
    """The headers that an application is told, in the names that CGI gave them."""
    names = ("CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_HOST", "HTTP_X_ONE")
    observe(told(*names, method="POST", json={}, headers={"X-One": "1"}))


def test_wsgi_repeated_request_header(observe, told):
    """A header that is sent to an application twice."""
    observe(told("HTTP_X_TWICE", headers=[("X-Twice", "a"), ("X-Twice", "b")]))


def test_wsgi_server_model(observe, told):
    """What an application is told of how it runs."""
    observe(told("wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"))


def test_wsgi_options(observe, told):
    """The transport's options for where an application is mounted and who asks it."""
    observe(
        told("SCRIPT_NAME", "PATH_INFO", "REMOTE_ADDR", transport={"script_name": "/in", "remote_addr": "192.0.2.1"})
    )


def test_wsgi_script_name(observe, told):
    """The path of a request below where the application is said to be mounted."""
    observe(told("SCRIPT_NAME", "PATH_INFO", path="/in/side", transport={"script_name": "/in"}))


def test_wsgi_errors(observe, told):
    """What an application may write to its `wsgi.errors`."""
    stream = told("wsgi.errors")["wsgi.errors"]
    observe({"text": answer(lambda: stream.write("") == 0), "bytes": answer(lambda: stream.write(b"") == 0)})


def heard(body):
    """The request body and its framing as an application reads them, of a POST with that body."""
    found = {}

    def application(environ, start_response):
        found["read"] = environ["wsgi.input"].read().decode()
        found["length"] = environ.get("CONTENT_LENGTH")
        found["coding"] = environ.get("HTTP_TRANSFER_ENCODING")
        return ok(environ, start_response)

    ended = answer(lambda: wsgi(application).post(PLACE, data=body))
    return found if ended == 200 else ended


def test_wsgi_body():
    """An application reads the body of a request, and its length is told."""
    assert heard(b"body") == {"read": "body", "length": "4", "coding": None}


def test_wsgi_body_of_pieces(observe):
    """A request body that comes in pieces, as an application reads it."""
    observe(heard(piece for piece in (b"bo", b"dy")))


def test_wsgi_body_line(observe):
    """A line of the request body, as an application reads it from `wsgi.input`."""
    lines = []

    def application(environ, start_response):
        lines.append(answer(lambda: environ["wsgi.input"].readline().decode()))
        return ok(environ, start_response)

    wsgi(application).post(PLACE, data=b"one\ntwo\n")
    observe(lines)


def test_wsgi_generator(observe):
    """The answer of an application that is a generator, and so begins when its body is asked for."""

    def application(environ, start_response):
        start_response("200 OK", [LENGTH])
        yield b"ok"

    observe(answer(lambda: wsgi(application).get(PLACE).text))


def failing(environ, start_response):
    """Fail before anything is answered."""
    raise ArithmeticError


def failing_after_start(environ, start_response):
    """Fail after the answer was begun."""
    start_response("200 OK", [LENGTH])
    raise ArithmeticError


def failing_within(environ, start_response):
    """Fail in the middle of the body."""
    start_response("200 OK", [LENGTH])
    yield b"o"
    raise ArithmeticError


def failing_in_order(environ, start_response):
    """Fail, and answer with an error page, as a framework does that catches what its views raise."""
    error = ArithmeticError()
    start_response("500 Oh no", [LENGTH], (type(error), error, error.__traceback__))
    return [b"no"]


@pytest.mark.parametrize(
    "application", [failing, failing_after_start, failing_within, failing_in_order], ids=lambda found: found.__name__
)
def test_wsgi_exception(observe, application):
    """An exception of an application, as the caller sees it with and without `raise_app_exceptions`."""
    observe(
        {
            "default": answer(lambda: wsgi(application).get(PLACE)),
            "False": answer(lambda: wsgi(application, raise_app_exceptions=False).get(PLACE)),
        }
    )


def test_wsgi_never_started(observe):
    """An application that answers without `start_response`."""
    observe(answer(lambda: wsgi(lambda environ, start_response: []).get(PLACE)))


def test_wsgi_write(observe):
    """What `start_response` gives an application to write with."""
    found = []

    def application(environ, start_response):
        write = start_response("200 OK", [LENGTH])
        found.append(answer(lambda: "nothing" if write is None else write(b"ok") or "a function"))
        return [b"ok"]

    wsgi(application).get(PLACE)
    observe(found[0])


def test_wsgi_late_start(observe):
    """An application that begins its answer only when its body is iterated, after an empty piece."""

    def application(environ, start_response):
        yield b""
        start_response("200 OK", [LENGTH])
        yield b"ok"

    observe(answer(lambda: wsgi(application).get(PLACE)))


def steps_of(read):
    """What an application and its caller do, in turn, with a body of two pieces.

    Args:
        read: Whether the caller reads the body before it closes the response.
    """
    steps = []

    class Body:
        def __iter__(self):
            for number in ("first", "second"):
                steps.append(f"{number} piece")
                yield b"o"

        def close(self):
            steps.append("body closed")

    def application(environ, start_response):
        start_response("200 OK", [LENGTH])
        return Body()

    response = streamed(wsgi(application), PLACE)
    steps.append("response")
    if read:
        response.read()
    response.close()
    steps.append("closed")
    return steps


@pytest.mark.needs("streamed response")
def test_wsgi_stream(observe):
    """When the pieces of an application's body are asked for, where the response is streamed and read."""
    observe(steps_of(read=True))


@pytest.mark.needs("streamed response")
def test_wsgi_stream_unread(observe):
    """When the pieces of an application's body are asked for, where the response is streamed and closed unread."""
    observe(steps_of(read=False))


def test_wsgi_cookie():
    """A cookie that an application sets comes back to it with the next request."""
    cookies = []

    def application(environ, start_response):
        cookies.append(environ.get("HTTP_COOKIE"))
        start_response("200 OK", [LENGTH, ("Set-Cookie", "flavour=plain")])
        return [b"ok"]

    client = wsgi(application)
    client.get("http://a.example.org/")
    client.get("http://a.example.org/")
    assert cookies == [None, "flavour=plain"]
