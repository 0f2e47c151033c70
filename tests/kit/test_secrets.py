"""What a run sees of its surroundings, and what is kept out of whatever is told of it."""

import json
import os
import sys
from pathlib import Path

import pytest

from repro.kit import process
from repro.kit.downstream import secrets

PLANTED = {
    "key": "sk-proj-abcdefghijklmnop1234",
    "anthropic": "sk-ant-api03-abcdefghijkl",
    "stripe": "sk_live_abcdefghijkl",
    "github": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "fine": "github_pat_11ABCDEFG0abcdefghijkl_mnop",
    "gitlab": "glpat-abcdefghijklmnopqrst",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "google": "AIzaSyA-1234567890abcdefghijklmnopqrstu",
    "slack": "xoxb-1234567890-abcdef",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
}


@pytest.mark.parametrize("value", PLANTED.values(), ids=PLANTED)
def test_usual_shapes_of_keys_are_redacted(value):
    """A key of a known shape goes wherever it stands, and what stands around it stays."""
    assert secrets.Secrets().redact(f"sent '{value}', got 401") == "sent '<redacted>', got 401"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Authorization: Bearer abc.def-123", "Authorization: <redacted>"),
        ("sent Bearer abcdef123 twice", "sent Bearer <redacted> twice"),
        ("(b'authorization', b'Basic dXNlcjpwYXNz')", "(b'authorization', b'<redacted>')"),
        ("with Basic dXNlcjpwYXNz0 now", "with Basic <redacted> now"),
        ('{"Cookie": "a=b; c=d"}', '{"Cookie": "<redacted>"}'),
        ("Idempotency-Key: abc", "Idempotency-Key: <redacted>"),
        ("('x-auth-token', 'abc')", "('x-auth-token', '<redacted>')"),
        ("https://user:pass@example.org/x", "https://<redacted>@example.org/x"),
        ("postgres://token@db/x?y=1", "postgres://<redacted>@db/x?y=1"),
        ("https://e.org/?a=1&api_key=abc&b=2", "https://e.org/?a=1&api_key=<redacted>&b=2"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----<redacted>\n",
        ),
        ("-----BEGIN PRIVATE KEY-----\nabc", "-----BEGIN PRIVATE KEY-----<redacted>"),
    ],
)
def test_places_of_secrets_are_redacted(text, told):
    """A secret goes by its place, and the place stays."""
    assert secrets.Secrets().redact(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "    token = read_token(path)",
        "TypeError: Client.__init__() got an unexpected keyword argument 'proxies'",
        "Bearer authentication is what the basic examples use",
        "GET https://example.org/@user?page=2&per_page=50",
        "tests/test_auth.py::test_api_key[sk-] at 0x7f00 in risk-averse code",
        "assert response.headers['x-request-id'] == 'abc'",
    ],
)
def test_what_a_report_is_made_of_stays(text):
    """Code, error messages, test ids and addresses are left as they are."""
    assert secrets.Secrets().redact(text) == text


def test_values_of_the_environment_are_secret_by_their_names():
    """A value whose variable is named like a secret is known in every spelling; a short one and a folder are not."""
    known = secrets.known(
        {
            "MY_TOKEN": 'pa ss/wörd"',
            "DB_PASSWORD": "longer-than-that",
            "GITHUBTOKEN": "planted7",
            "MYCREDENTIALS": "planted8",
            "A_KEY": "short",
        }
        | {"PWD": "/home/somebody", "HOST": "innocent-host", "PASSWORD": "password", "KEYBOARD": "innocent-keys"}
    )
    text = 'pa ss/wörd" pa%20ss%2Fw%C3%B6rd%22 longer-than-that planted7 planted8'
    assert set(known.redact(text).split()) == {"<redacted>"}
    assert known.redact(json.dumps('pa ss/wörd"')) == '"<redacted>"'
    kept = "short /home/somebody innocent-host password innocent-keys"
    assert known.redact(kept) == kept


def test_values_of_env_files_are_secret(tmp_path):
    """Whatever a project keeps in its .env files is known, beside what is a word, a number or a place here."""
    (tmp_path / ".env").write_text(
        "# secrets\nexport ONE=planted-one # said\nTWO=\"planted two\"\nTHREE='planted#three'\n\nDEBUG=true\n"
        "PORT=8000000\nURL=http://localhost:8000/x\nEMPTY=\nMODE=development\nnot an assignment\n"
    )
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / ".env.local").write_text("FOUR = planted-4\n")
    (tmp_path / ".envs").mkdir()
    known = secrets.known({}, tmp_path)
    text = "planted-one|planted two|planted#three|planted-4|true|8000000|http://localhost:8000/x|development"
    assert known.redact(text) == "<redacted>|" * 4 + "true|8000000|http://localhost:8000/x|development"


def test_json_is_redacted_wherever_it_holds_text():
    """Names, values and lists of JSON are without secrets; what is no text stays what it is."""
    known = secrets.known({"TOKEN": "planted-1"})
    held = {"planted-1": ["x planted-1", 1, None, {"a": "planted-1"}]}
    assert known.plain(held) == {"<redacted>": ["x <redacted>", 1, None, {"a": "<redacted>"}]}


def test_run_sees_no_secret_and_has_folders_of_its_own(tmp_path):
    """A program prints its environment, and nothing of the user's is in it but what it needs and what was let."""
    around = {
        "PATH": os.environ["PATH"],
        "HOME": "/home/somebody",
        "API_KEY": "planted-key",
        "LET": "this",
        "LC_ALL": "C",
    }
    env = secrets.environment({**around, "HTTP_PROXY": "http://u:p@proxy"}, tmp_path / "scratch", let=["LET"])
    code = (
        "import json, os, pathlib, tempfile\n"
        "print(json.dumps([dict(os.environ), str(pathlib.Path.home()), tempfile.gettempdir()]))"
    )
    ended = process.run([sys.executable, "-c", code], env=env)
    seen, home, tmp = json.loads(ended.output)
    assert not {"API_KEY", "HTTP_PROXY"} & set(seen)
    assert (seen["PATH"], seen["LET"], seen["PYTHONHASHSEED"]) == (around["PATH"], "this", "0")
    assert (home, tmp) == (str(tmp_path / "scratch" / "home"), str(tmp_path / "scratch" / "tmp"))
    assert all(Path(seen[name]).is_dir() for name in seen if name.startswith("XDG_"))
    assert "planted" not in ended.output


def test_printed_secret_does_not_reach_a_report(tmp_path):
    """A project that prints the secrets of its .env file is told without them."""
    (tmp_path / ".env").write_text("SERVICE=planted-by-the-project\n")
    code = "print('loaded', open('.env').read(), 'and', 'ghp_' + 'a1' * 18)"
    ended = process.run([sys.executable, "-c", code], env={}, cwd=tmp_path, bounds=process.Bounds(network=False))
    assert "planted-by-the-project" in ended.output
    told = secrets.known({}, tmp_path).redact(ended.output)
    assert told == "loaded SERVICE=<redacted>\n and <redacted>\n"
