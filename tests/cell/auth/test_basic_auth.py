"""Basic authentication: from which forms of which argument it is taken, and what of several is sent."""

import pytest

from repro.cell.asking import answer, body, seen
from repro.cell.clients import plain_client
from repro.cell.library import httpx
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("sync client", "authentication")


def test_basic_forms(observe, upstream, client, user, sent):
    """The forms in which a request takes the user and the password."""
    forms = {
        "pair": lambda: user.pair,
        "pair of bytes": lambda: tuple(each.encode() for each in user.pair),
        "list": lambda: list(user.pair),
        "BasicAuth": lambda: httpx.BasicAuth(*user.pair),
        "BasicAuth of bytes": lambda: httpx.BasicAuth(*(each.encode() for each in user.pair)),
        "text": lambda: ":".join(user.pair),
        "one of three": lambda: (*user.pair, ""),
    }
    observe({kind: sent(lambda f=form: client.get(upstream.url, auth=f())) for kind, form in forms.items()})


def test_basic_unusual(observe, upstream, client, user, sent):
    """Users and passwords with nothing in them, with a colon, and with None."""
    pairs = {
        "no password": (user.name, ""),
        "no user": ("", user.password),
        "nothing": ("", ""),
        "a colon in the user": (f"{user.name}:a", user.password),
        "None as password": (user.name, None),
    }
    observe({kind: sent(lambda p=pair: client.get(upstream.url, auth=p)) for kind, pair in pairs.items()})


def test_basic_outside_ascii(observe, upstream, client, user, sent):
    """The encoding of a user outside ASCII, given as text and as bytes of Latin-1."""

    def given(name, password):
        return sent(lambda: client.get(upstream.url, auth=(name, password)))

    observe(
        {
            "text": given("é", user.password),
            "bytes": given("é".encode("latin-1"), user.password.encode()),
        }
    )


def test_basic_in_url(observe, upstream, client, user, sent):
    """The user and the password in the URL, also escaped, and one of the two."""
    forms = {
        "both": f"{user.name}:{user.password}",
        "user": user.name,
        "user and a colon": f"{user.name}:",
        "password": f":{user.password}",
        "escaped": f"{user.name}%40%3A:{user.password}%2F",
        "escaped, outside ASCII": f"%C3%A9:{user.password}",
        "a plus": f"{user.name}+a:{user.password}",
    }
    observe(
        {kind: sent(lambda f=form: client.get(upstream.url.replace("//", f"//{f}@"))) for kind, form in forms.items()}
    )


@pytest.mark.needs("base_url argument")
def test_basic_in_base_url(observe, upstream, user, sent):
    """The user and the password in the base URL of a client."""
    with plain_client(base_url=upstream.url.replace("//", f"//{user.name}:{user.password}@")) as client:
        observe(sent(lambda: client.get("/")))


def test_basic_which_of_two(observe, upstream, user, sent):
    """Which user is sent where two are given, in two places."""
    header = {"Authorization": "Token header"}

    def send(client_options, url="", **options):
        with plain_client(**client_options) as client:
            return client.get(upstream.url.replace("//", "//" + url), **options)

    observe(
        {
            "client, request": sent(lambda: send({"auth": ("client", "")}, auth=("request", ""))),
            "client, URL": sent(lambda: send({"auth": ("client", "")}, "url:@")),
            "request, URL": sent(lambda: send({}, "url:@", auth=("request", ""))),
            "client, header": sent(lambda: send({"auth": ("client", "")}, headers=header)),
            "request, header": sent(lambda: send({}, auth=("request", ""), headers=header)),
            "URL, header": sent(lambda: send({}, "url:@", headers=header)),
            "client, header of the client": sent(lambda: send({"auth": ("client", ""), "headers": header})),
        }
    )


def test_basic_none_for_request(observe, upstream, user, sent):
    """None as the `auth` of a request whose client has one, and of a request whose URL has one."""
    with plain_client(auth=user.pair) as client:
        observe(
            {
                "client": sent(lambda: client.get(upstream.url, auth=None)),
                "URL": sent(lambda: client.get(upstream.url.replace("//", "//url:@"), auth=None)),
            }
        )


def test_basic_assigned(observe, upstream, client, user, sent):
    """An `auth` that is assigned to a client, and what the client then says it has."""

    def send():
        client.auth = user.pair
        return client.get(upstream.url)

    observe({"sent": sent(send), "said": answer(lambda: type(client.auth).__name__)})


def test_basic_challenged(observe, upstream, client, user):
    """A request without an `auth`, and one with it, where the server challenges both."""
    challenge = ("WWW-Authenticate", 'Basic realm="here"')
    upstream.answer("/", answering(status=401, reason="Unauthorized", headers=(challenge,)))
    found = {}
    for kind, options in {"without": {}, "with": {"auth": user.pair}}.items():
        before = len(upstream.requests)
        status = answer(lambda o=options: client.get(upstream.url, **o))
        found[kind] = {"answer": status, "requests": len(upstream.requests) - before}
    observe(found)


def test_basic_streamed_body(observe, upstream, client, user):
    """A body from a generator, sent with a user and a password."""
    observe(
        seen(
            upstream,
            lambda: client.post(upstream.url, auth=user.pair, **body(piece for piece in (b"a", b"b"))),
            lambda request: {"sent": user.sent_by(request), "body": request.body.decode()},
        )
    )


@pytest.mark.needs("streamed response")
def test_basic_of_client_streamed(observe, upstream, user, sent):
    """What is sent where the client has a user, and a block of `client.stream` asks."""

    def streamed():
        with plain_client(auth=user.pair) as client, client.stream("GET", upstream.url) as response:
            response.read()
            return response

    observe(sent(streamed))
