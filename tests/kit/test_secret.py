"""What is a secret by where it stands."""

import pytest

from repro import secret


@pytest.mark.parametrize("name", sorted(secret.HEADERS))
def test_value_of_a_secret_header_goes_wherever_it_is_written(name):
    """A header line, a mapping and a pair each keep the header's name, and lose its value."""
    for text in (f"{name.title()}: s3cr3t", f'{{"{name}": "s3cr3t"}}', f"(b'{name}', b's3cr3t')"):
        assert "s3cr3t" not in secret.text(text)
        assert secret.REDACTED in secret.text(text)
        assert name in secret.text(text).lower()
    assert secret.text("accept: text/html") == "accept: text/html"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Set-Cookie", True),
        ("access_token", True),
        ("accessToken", True),
        ("client-secret", True),
        ("Password", True),
        ("passwd", True),
        ("api_key", True),
        ("tokenUrl", False),
        ("key", False),
        ("accept", False),
    ],
)
def test_entry_holds_a_secret_by_its_name(name, is_one):
    """A name that ends in a word for a secret is that of one."""
    assert secret.named(name) is is_one


def test_what_stands_under_a_secret_name_is_hidden():
    """A text goes, each of several goes, and what is no text stays."""
    assert secret.hidden(["a", ("b", 1)]) == [secret.REDACTED, [secret.REDACTED, 1]]
    assert secret.hidden(None) is None


@pytest.mark.parametrize(
    "name",
    [
        *("GITHUB_TOKEN", "GITHUBTOKEN", "DBPASSWORD", "SERVICEAPIKEY", "API_KEY", "SIGNING_KEY", "BASIC_AUTH"),
        # A word within a word, and a word in the middle: each was once known in one place only.
        *("TOKENFILE", "MYPASSPHRASE2", "MYCREDENTIALS", "OPENAIAPIKEY_2", "passwort"),
        *("KEY_ID", "DEPLOY_KEYS", "AUTH_HEADER", "AUTHORIZATION", "DB_PASS", "MYSQL_PWD", "SESSION_COOKIE"),
        *("SENTRY_DSN", "GITLAB_PAT", "SLACK_WEBHOOK_URL", "SIGNATURE", "PRIVATE_PEM"),
    ],
)
def test_variable_holds_a_secret_by_its_name(name):
    """A word for a secret in a variable's name says that it holds one, in capitals or not."""
    assert secret.variable(name)
    assert secret.variable(name.swapcase())


@pytest.mark.parametrize(
    "name",
    ["PATH", "PATTERN", "KEYBOARD", "MONKEY", "AUTHOR", "PASSENGERS", "COMPASS", "PWD", "OLDPWD", "SSH_AUTH_SOCK"],
)
def test_variable_that_is_only_called_alike_holds_none(name):
    """A word for a secret within another word is none, and what holds a place on this machine is no secret."""
    assert not secret.variable(name)


def test_variables_that_hold_secrets_are_known_by_their_names():
    """A variable that is called so, or named as one, is a secret; the longest comes first, and none is empty."""
    environ = {
        "GITHUB_TOKEN": "longer-than-that",
        "API_KEY": "longer",
        "DB_PASSWORD": "short",
        "LICENCE": "abc",
        "PATH": "/usr/bin",
        "KEYBOARD": "qwertz",
        "EMPTY": "",
    }
    assert secret.values(environ) == ["longer-than-that", "longer"]
    assert secret.values(environ, ["LICENCE", "EMPTY", "NOT_SET"]) == ["longer-than-that", "longer", "abc"]
