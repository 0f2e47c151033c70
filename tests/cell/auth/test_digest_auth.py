"""Digest authentication, with a server that checks the proof."""

import re

import pytest

from repro.cell import outcomes
from repro.cell.asking import answer, body, following, seen
from repro.cell.clients import aclose, async_client, plain_client, run
from repro.cell.digest import Guard, fields
from repro.cell.library import httpx
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("digest authentication")
sends = pytest.mark.needs("sync client")

QOP = 'Digest realm="here", nonce="NONCE", qop="auth"'


@pytest.fixture
def guarded(upstream, user):
    """A function: guard a path with these challenges, and answer its guard."""

    def guard(*challenges, path="/", name=None, **options):
        put = Guard((name or user.name).encode(), user.password.encode(), *challenges, **options)
        upstream.answer(path, put)
        return put

    return guard


@pytest.fixture
def tried(upstream, client, guarded, user):
    """A function: how a request with a DigestAuth of its own ends, against these challenges."""

    def ended(*challenges):
        guarded(*challenges)
        return answer(lambda: client.get(upstream.url, auth=httpx.DigestAuth(*user.pair)))

    return ended


@pytest.fixture
def steps(upstream):
    """A function: the requests that a call takes, each by the count of its digest, or none."""

    def counted(call):
        before = len(upstream.requests)
        ended = answer(call)
        digests = [fields(request) for request in upstream.requests[before:]]
        return [*("no digest" if found is None else f"nc={found.get('nc')}" for found in digests), ended]

    return counted


@sends
def test_digest_algorithms(observe, tried):
    """How a request ends by the algorithm of the challenge."""
    names = ("MD5", "SHA", "SHA-256", "SHA-512")
    algorithms = [*names, *(f"{name}-SESS" for name in names), "MD5-sess", "md5", "SHA-512-256"]
    observe(
        {"none": tried(QOP), **{name: tried(f"{QOP}, algorithm={name}") for name in algorithms}},
    )


@sends
def test_digest_quality_of_protection(observe, tried):
    """How a request ends by the `qop` of the challenge."""
    values = ("auth", "auth-int", "auth,auth-int", "auth-int, auth", "auth , auth-int", "other", "")
    challenge = 'Digest realm="here", nonce="NONCE"'
    observe({"none": tried(challenge), **{value or "empty": tried(f'{challenge}, qop="{value}"') for value in values}})


@sends
def test_digest_challenges(observe, tried):
    """How a request ends by how the challenge is written."""
    forms = {
        "without a realm": ['Digest nonce="NONCE", qop="auth"'],
        "without a nonce": ['Digest realm="here", qop="auth"'],
        "nothing but its scheme": ["Digest"],
        "in capitals": ['DIGEST REALM="here", NONCE="NONCE", QOP="auth"'],
        "without quotes": ["Digest realm=here, nonce=NONCE, qop=auth"],
        "with spaces around": ['Digest realm = "here", nonce = "NONCE", qop = "auth"'],
        "a comma in the realm": ['Digest realm="here, there", nonce="NONCE", qop="auth"'],
        "a quote in the realm": ['Digest realm="\\"here\\"", nonce="NONCE", qop="auth"'],
        "with an opaque": [QOP + ', opaque="a"'],
        "Basic": ['Basic realm="here"'],
        "none": [],
    }
    observe({form: tried(*challenges) for form, challenges in forms.items()})


@sends
def test_digest_challenge_beside_another(observe, tried):
    """How a request ends where the server offers Basic as well, on a line of its own, before and after."""
    basic = 'Basic realm="here"'
    observe({"Basic first": tried(basic, QOP), "Digest first": tried(QOP, basic)})


@sends
def test_digest_sent(observe, upstream, tried):
    """What is sent, in its order and with its quotes, for a challenge with all fields and for one with the least."""

    def shape():
        value = upstream.requests[-1].header("Authorization") or "nothing"
        return re.sub(r'"[^"]*"', '"..."', value)

    found = {}
    for kind, challenge in {
        "all": f'{QOP}, opaque="a", algorithm=MD5, stale=false, userhash=false, charset=UTF-8, domain="/"',
        "least": 'Digest realm="here", nonce="NONCE"',
    }.items():
        tried(challenge)
        found[kind] = shape()
    observe(found)


@sends
def test_digest_client_nonce(observe, upstream, tried):
    """The client's nonce: its form, and whether it is another the second time."""

    def nonce():
        tried(QOP)
        return fields(upstream.requests[-1])["cnonce"]

    def found():
        first, second = nonce(), nonce()
        return {"16 hexadecimal digits": bool(re.fullmatch("[0-9a-f]{16}", first)), "another": first != second}

    observe(answer(found))


@sends
def test_digest_next_request(observe, upstream, client, guarded, user, steps):
    """The requests that a second and a third GET take, with the same DigestAuth."""

    def use():
        guarded(QOP)
        auth = httpx.DigestAuth(*user.pair)
        return [steps(lambda: client.get(upstream.url, auth=auth)) for _ in range(3)]

    observe(answer(use))


@sends
def test_digest_stale(observe, upstream, client, guarded, user, steps):
    """The requests that a GET takes when the nonce of the one before it is no longer valid."""

    def use():
        guard = guarded(QOP)
        auth = httpx.DigestAuth(*user.pair)
        client.get(upstream.url, auth=auth)
        guard.nonce = 2
        return steps(lambda: client.get(upstream.url, auth=auth))

    observe(answer(use))


@sends
def test_digest_wrong_password(observe, upstream, client, guarded, user, steps):
    """The requests that a GET takes when the password is wrong."""
    guarded(QOP)
    observe(steps(lambda: client.get(upstream.url, auth=httpx.DigestAuth(user.name, "wrong"))))


@sends
def test_digest_forbidden(observe, upstream, client, user, steps):
    """The requests that a GET takes when the server challenges with 403."""
    challenge = ("WWW-Authenticate", QOP.replace("NONCE", "1"))
    upstream.answer("/", answering(status=403, reason="Forbidden", headers=(challenge,)))
    observe(steps(lambda: client.get(upstream.url, auth=httpx.DigestAuth(*user.pair))))


@sends
def test_digest_history(observe, upstream, client, guarded, user):
    """The history of the response, by status."""
    guarded(QOP)

    def statuses():
        response = client.get(upstream.url, auth=httpx.DigestAuth(*user.pair))
        return [int(each.status_code) for each in response.history]

    observe(answer(statuses))


@sends
def test_digest_target(observe, upstream, client, guarded, user):
    """A path with a query and with what is escaped, as the proof says it and as the request does."""
    guarded(QOP, path="/a%20b")
    observe(answer(lambda: client.get(upstream.url + "/a b?c=d e&f=/", auth=httpx.DigestAuth(*user.pair))))


@sends
def test_digest_bodies(observe, upstream, client, guarded, user):
    """A POST whose body can be sent twice, and one whose body comes from a generator: how each ends, and its bodies."""
    guarded(QOP)

    def send(content):
        before = len(upstream.requests)
        ended = answer(lambda: client.post(upstream.url, auth=httpx.DigestAuth(*user.pair), **body(content)))
        return [*(request.body.decode() for request in upstream.requests[before:]), ended]

    observe({"bytes": send(b"ab"), "generator": send(each for each in (b"a", b"b"))})


@sends
def test_digest_user_outside_ascii(observe, upstream, client, guarded, user):
    """A user whose name is outside ASCII, which the server expects in UTF-8."""
    guarded(QOP, name="é")
    observe(answer(lambda: client.get(upstream.url, auth=httpx.DigestAuth("é", user.password))))


@sends
def test_digest_cookie_of_challenge(observe, upstream, client, guarded, user):
    """Whether the request that answers a challenge has the cookie that came with the challenge."""
    guarded(QOP, headers=(("Set-Cookie", "session=1"),))
    ended = answer(lambda: client.get(upstream.url, auth=httpx.DigestAuth(*user.pair)))
    sent = [request.header("Cookie") is not None for request in upstream.requests]
    observe([*("with it" if each else "without" for each in sent), ended])


@sends
def test_digest_after_redirect(observe, upstream, client, guarded, user, steps):
    """The requests that a GET takes which is redirected to where it is challenged."""
    guarded(QOP, path="/end")
    upstream.answer("/", answering(status=302, reason="Found", headers=(("Location", "/end"),)))
    observe(steps(lambda: client.get(upstream.url, auth=httpx.DigestAuth(*user.pair), **following())))


@pytest.mark.needs("async client")
def test_digest_async(observe, upstream, guarded, user, steps):
    """The requests that an asynchronous GET and the next one take, with the same DigestAuth."""
    guarded(QOP)

    async def main():
        client = async_client()
        auth = httpx.DigestAuth(*user.pair)
        await outcomes.of_async(lambda: client.get(upstream.url, auth=auth))
        ended = await outcomes.of_async(lambda: client.get(upstream.url, auth=auth))
        await aclose(client)
        return ended

    observe(steps(lambda: run(main)))


@sends
def test_digest_empty_realm(observe, upstream, user):
    """What is said of the realm where the challenge has an empty one, in quotes and without."""

    def realm(request):
        said = re.search(r'realm="[^,]*', request.header("Authorization") or "")
        return said[0] if said else "nothing"

    def said_of(empty):
        challenge = ("WWW-Authenticate", f'Digest realm={empty}, nonce="abc"')
        upstream.answer("/", answering(status=401, reason="Unauthorized", headers=(challenge,)), answering())
        with plain_client() as client:
            return seen(upstream, lambda: client.get(upstream.url, auth=httpx.DigestAuth(*user.pair)), realm)

    observe({name: said_of(empty) for name, empty in {"in quotes": '""', "without": ""}.items()})
