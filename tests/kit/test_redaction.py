"""What is taken out of everything that leaves a cell."""

import re

import pytest

from repro import secret
from repro.cell import redaction
from repro.cell.upstream import Upstream


@pytest.fixture(autouse=True)
def forgetful():
    """Nothing that one test normalises is normalised in the next."""
    yield
    redaction.forget()


def test_planted_secret_is_redacted_wherever_it_appears():
    """A planted secret is taken out of texts, names, lists and nested values."""
    secret = redaction.plant()
    assert redaction.text(f"before {secret}{secret} after") == "before <redacted><redacted> after"
    assert redaction.plain({secret: [secret, {"a": (secret, 1)}]}) == {
        "<redacted>": ["<redacted>", {"a": ["<redacted>", 1]}]
    }


def test_planted_secrets_differ():
    """Every planted secret is another, so that a leak shows as an answer that does not repeat."""
    secrets = {redaction.plant() for _ in range(50)}
    assert len(secrets) == 50
    assert all(re.fullmatch(r"planted-[0-9a-f]{24}", secret) for secret in secrets)


@pytest.mark.parametrize("name", sorted(secret.HEADERS))
@pytest.mark.parametrize("spell", [str.lower, str.upper, str.title])
@pytest.mark.parametrize(
    "line",
    [
        "{}: {}",
        "{}:{}",
        "{}={}",
        "GET / HTTP/1.1\r\n{}: {}\r\nHost: x",
        "{{'{}': '{}'}}",
        '("{}", "{}")',
        "(b'{}', b'{}')",
    ],
)
def test_secret_header_is_redacted_in_any_text(name, spell, line):
    """The value of a header that carries a secret is taken out of a text, however the text is written."""
    for value in ("Bearer abc; b=2", "bearer", "b", "B64=="):
        said = redaction.text(line.format(spell(name), value))
        assert said == line.format(spell(name), "<redacted>")


@pytest.mark.parametrize(
    "text", ["the cookie jar", "Content-Type: text/html", "no authorization", "x-api-keys: none", ""]
)
def test_other_text_is_left_alone(text):
    """What carries no secret is not touched."""
    assert redaction.text(text) == text


def test_header_lines_keep_their_names():
    """Header lines are kept as they were sent, but for the values of secret ones."""
    pairs = [("Host", "x"), ("AUTHORIZATION", "Bearer abc"), ("Set-Cookie", "a=1")]
    assert redaction.headers(pairs) == [["Host", "x"], ["AUTHORIZATION", "<redacted>"], ["Set-Cookie", "<redacted>"]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Cookie": "a=1"}, {"Cookie": "<redacted>"}),
        ({"set-cookie": ["a=1", "b=2"]}, {"set-cookie": ["<redacted>", "<redacted>"]}),
        (
            {"cookie": True, "x-api-key": None, "authorization": 2},
            {"cookie": True, "x-api-key": None, "authorization": 2},
        ),
        ({"cookie": {"a": "kept"}}, {"cookie": {"a": "kept"}}),
        ([None, True, 1, 1.5, "é"], [None, True, 1, 1.5, "é"]),
    ],
)
def test_secret_goes_by_its_name(value, expected):
    """The texts under the name of a secret header go; that there was one, or how many, may be said."""
    assert redaction.plain(value) == expected


def test_observation_is_plain_json():
    """What JSON has no form for is refused, and not observed as its repr."""
    with pytest.raises(TypeError, match="an observation is plain JSON, and this one holds bytes"):
        redaction.plain({"body": b"bytes"})


def test_port_of_a_server_has_a_name():
    """A server runs as long as it is wanted, and its port is called by its name, also when it has ended."""
    with redaction.naming(Upstream(), "OTHER") as server:
        assert redaction.text(server.url) == "http://127.0.0.1:OTHER"
        port = server.port
    assert redaction.text(str(port)) == "OTHER"


def test_what_differs_between_runs_has_a_name():
    """A value that is another in every run is said by its name, until it is forgotten."""
    redaction.normalise("49152", "PORT")
    assert redaction.plain({"http://127.0.0.1:49152/": "49152"}) == {"http://127.0.0.1:PORT/": "PORT"}
    redaction.forget()
    assert redaction.text("49152") == "49152"


def test_given_secret_goes_wherever_it_appears():
    """A secret that somebody else made goes like a planted one; nothing is none."""
    redaction.hide("Tr0ub4dor")
    redaction.hide("")
    assert redaction.plain({"a": ["xTr0ub4dory", ""]}) == {"a": ["x<redacted>y", ""]}


def test_header_as_a_pair_goes_where_pairs_are_meant():
    """Two texts are a header only for whoever says so, and only where the first names a secret one."""
    pairs = [["Cookie", "a=1"], ("Host", "x"), ["cookie", 1], ["cookie", "a", "b"]]
    assert redaction.plain(pairs) == [["Cookie", "a=1"], ["Host", "x"], ["cookie", 1], ["cookie", "a", "b"]]
    assert redaction.plain(pairs, pairs=True)[0] == ["Cookie", "<redacted>"]
    assert redaction.plain(pairs, pairs=True)[1:] == [["Host", "x"], ["cookie", 1], ["cookie", "a", "b"]]


def test_one_value_is_forgotten_alone():
    """What one normalised may be forgotten and the rest kept, however often it is asked for."""
    redaction.normalise("49152", "PORT")
    redaction.normalise("49153", "OTHER")
    redaction.forget("49152")
    redaction.forget("49152")
    assert redaction.text("49152 49153") == "49152 OTHER"
