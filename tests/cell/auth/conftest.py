"""What the behaviours of authentication share: a user whose name and password are secret, and what upstream sees."""

from base64 import b64decode
from dataclasses import dataclass

import pytest

from repro.cell import redaction
from repro.cell.asking import seen


@dataclass
class User:
    """A user; an observation says USER and PASSWORD in the place of what is secret.

    Attributes:
        name: The user's name.
        password: The user's password.
    """

    name: str
    password: str

    @property
    def pair(self):
        """The name and the password, as an `auth` argument has them."""
        return (self.name, self.password)

    def labelled(self, text):
        """A text in which the secrets are labels."""
        return text.replace(self.name, "USER").replace(self.password, "PASSWORD")

    def sent_by(self, request):
        """What a request says of the user in its Authorization: the credentials of Basic in clear, and no digest."""
        value = request.header("Authorization")
        if value is None:
            return "none"
        scheme, _, rest = value.partition(" ")
        if scheme != "Basic":
            return self.labelled(value) if scheme.lower() != "digest" else "Digest"
        return "Basic " + self.labelled(b64decode(rest).decode("utf-8", "backslashreplace"))


@pytest.fixture
def user():
    """A user whose name and password are planted."""
    return User(redaction.plant(), redaction.plant())


@pytest.fixture
def sent(upstream, user):
    """A function: what the last request of a call says in its Authorization, or how the call ended.

    It takes the call, and the server that is asked for the last request where that is another.
    """
    return lambda call, at=upstream: seen(at, call, user.sent_by)
