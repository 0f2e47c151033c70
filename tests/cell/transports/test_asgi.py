"""An ASGI application in the place of the network: what it is told, and what becomes of what it answers."""

import asyncio

import pytest

from repro.cell.applications import PLACE, answer, asgi
from repro.cell.clients import aread, run, streamed

pytestmark = pytest.mark.needs("ASGI application")

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
BODY = {"type": "http.response.body", "body": b"ok"}


async def ok(scope, receive, send):
    """Answer everything."""
    await send(START)
    await send(BODY)


def asked(application, url=PLACE, *, transport=(), method="GET", **request):
    """The response of an application to a request, read."""

    async def main():
        return await asgi(application, **dict(transport)).request(method, url, **request)

    return run(main)


#: An application has no network to wait for: a request that is not over after so many turns of the loop never is.
TURNS = 500


def ended(application, url=PLACE, *, transport=(), method="GET", **request):
    """How a request to an application ends, if it does; a failed assertion of the release included."""

    async def main():
        client = asgi(application, **dict(transport))
        asking = asyncio.ensure_future(client.request(method, url, **request))
        for _ in range(TURNS):
            if asking.done():
                return asking.result()
            await asyncio.sleep(0)
        return "never"

    return answer(lambda: run(main))


@pytest.fixture
def told():
    """Asks an application, and gives the `scope` that it is told, its bytes as text."""

    def ask(url=PLACE + "/", **options):
        scopes = []

        async def application(scope, receive, send):
            scopes.append(scope)
            await ok(scope, receive, send)

        asked(application, url, **options)
        return {name: readable(value) for name, value in scopes[0].items()}

    return ask


def readable(value):
    """A value of a scope as JSON; what is bytes there says so."""
    if isinstance(value, bytes):
        return f"bytes {value.decode('latin-1')}"
    if isinstance(value, tuple):
        return [readable(entry) for entry in value]
    return value


def test_asgi_answer():
    """The status, a header and the body of an application's answer reach the caller."""

    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 201, "headers": [(b"x-answer", b"a")]})
        await send({"type": "http.response.body", "body": b"bo", "more_body": True})
        await send({"type": "http.response.body", "body": b"dy"})

    response = asked(application)
    assert (response.status_code, response.headers["X-Answer"], response.content) == (201, "a", b"body")


def test_asgi_bare_answer():
    """An answer that names neither headers nor a body has none."""

    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    response = asked(application)
    assert (response.status_code, list(response.headers.items()), response.content) == (200, [], b"")


def test_asgi_keys(observe, told):
    """The names in the scope that an application is told."""
    observe(sorted(told()))


def test_asgi_constants(observe, told):
    """What an application is told of the protocol."""
    scope = told()
    observe({name: scope.get(name) for name in ("type", "asgi", "http_version", "method")})


@pytest.mark.parametrize(
    "path",
    ["/a%20b", "/a%2Fb", "/\N{SNOWMAN}", "", "/a?b=c"],
    ids=["escaped_space", "escaped_slash", "snowman", "empty", "query"],
)
def test_asgi_path(observe, told, path):
    """The path that an application is told, decoded and raw."""
    scope = told(PLACE + path)
    observe({name: scope.get(name) for name in ("path", "raw_path")})


def test_asgi_query(observe, told):
    """The query that an application is told, with and without one in the URL."""
    observe({path: told(PLACE + path)["query_string"] for path in ("/", "/?", "/?a=b%20c&d=")})


def test_asgi_server(observe, told):
    """The server that an application is told, with and without a port in the URL."""
    urls = ("http://a.invalid/", "https://a.invalid/", "http://a.invalid:8000/")
    scopes = {url: told(url) for url in urls}
    observe({url: {name: scope.get(name) for name in ("scheme", "server")} for url, scope in scopes.items()})


def test_asgi_client(observe, told):
    """The address of the client that an application is told, by default and by the transport's option."""
    observe({"default": told().get("client"), "option": told(transport={"client": ("192.0.2.1", 4711)}).get("client")})


def test_asgi_root_path(observe, told):
    """The path of a request below where the application is said to be mounted."""
    scope = told(PLACE + "/in/side", transport={"root_path": "/in"})
    observe({name: scope.get(name) for name in ("root_path", "path")})


def test_asgi_headers(observe, told):
    """The headers that an application is told: their case, and one that is sent twice."""
    pairs = told(headers=[("X-Twice", "a"), ("X-Twice", "b")])["headers"]
    observe([readable(tuple(pair)) for pair in pairs if pair[0].lower() in (b"host", b"x-twice")])


def received(**request):
    """The messages that an application receives, until the second after the body's last."""
    found = []

    async def application(scope, receive, send):
        while not found or found[-1].get("more_body"):
            found.append(await receive())
        await ok(scope, receive, send)
        found.append(await receive())

    answer = ended(application, method="POST", **request)
    return (
        [{name: readable(value) for name, value in message.items()} for message in found] if answer == 200 else answer
    )


def test_asgi_body(observe):
    """The messages with which an application receives the body of a request, and what comes after its answer."""
    observe(received(data=b"body"))


def test_asgi_no_body(observe):
    """The messages that an application receives of a request without a body, and what comes after its answer."""
    observe(received())


def test_asgi_disconnect(observe):
    """What an application receives that waits for the disconnect in a task of its own while it answers."""
    found = []

    async def application(scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        await ok(scope, receive, send)
        found.append((await waiting)["type"])

    answer = ended(application)
    observe(found[0] if answer == 200 else answer)


async def failing(scope, receive, send):
    """Fail before anything is answered."""
    raise ArithmeticError


async def failing_after_start(scope, receive, send):
    """Fail after the answer was begun."""
    await send(START)
    raise ArithmeticError


async def failing_within(scope, receive, send):
    """Fail in the middle of the body."""
    await send(START)
    await send({"type": "http.response.body", "body": b"o", "more_body": True})
    raise ArithmeticError


async def failing_after_answer(scope, receive, send):
    """Fail when all is answered, as a framework does that catches what its views raise."""
    await ok(scope, receive, send)
    raise ArithmeticError


@pytest.mark.parametrize(
    "application",
    [failing, failing_after_start, failing_within, failing_after_answer],
    ids=lambda found: found.__name__,
)
def test_asgi_exception(observe, application):
    """An exception of an application, as the caller sees it with and without `raise_app_exceptions`."""
    observe({"default": ended(application), "False": ended(application, transport={"raise_app_exceptions": False})})


async def saying_nothing(scope, receive, send):
    """End without an answer."""


async def breaking_off(scope, receive, send):
    """End in the middle of the answer."""
    await send(START)


async def starting_twice(scope, receive, send):
    """Begin two answers."""
    await send(START)
    await ok(scope, receive, send)


@pytest.mark.parametrize(
    "application", [saying_nothing, breaking_off, starting_twice], ids=lambda found: found.__name__
)
def test_asgi_misbehaving(observe, application):
    """An application that does not answer as ASGI has it."""
    observe(ended(application))


@pytest.mark.needs("streamed response")
def test_asgi_stream(observe):
    """When the pieces of an application's body are sent, where the response is streamed and read."""
    steps = []

    async def application(scope, receive, send):
        await send(START)
        for number in ("first", "second"):
            steps.append(f"{number} piece")
            await send({"type": "http.response.body", "body": b"o", "more_body": number == "first"})

    async def main():
        response = await streamed(asgi(application), PLACE)
        steps.append("response")
        await aread(response)
        steps.append("read")

    run(main)
    observe(steps)


def test_asgi_head(observe):
    """The body of an answer to HEAD, from an application that sends one nevertheless."""
    observe(len(asked(ok, method="HEAD").content))


def test_asgi_lifespan():
    """The block of a client starts no lifespan: an application is told of its requests only."""
    kinds = []

    async def application(scope, receive, send):
        kinds.append(scope["type"])
        await ok(scope, receive, send)

    async def main():
        async with asgi(application) as client:
            await client.get(PLACE)

    run(main)
    assert kinds == ["http"]


def test_asgi_unknown_message(observe):
    """An application that sends a message of a kind that is not known, before and after its answer."""

    async def before(scope, receive, send):
        await send({"type": "http.response.early"})
        await ok(scope, receive, send)

    async def after(scope, receive, send):
        await ok(scope, receive, send)
        await send({"type": "http.response.trailers"})

    observe({"before": ended(before), "after": ended(after)})
