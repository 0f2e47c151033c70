"""What a log or a debugger shows of an object of the release; values like URLs and headers are asked elsewhere."""

import base64
import re

import pytest

from repro.cell.library import httpx
from repro.cell.values import told


def text(call):
    """How an object is shown; the release's own name for itself and a place in memory are called the same for all."""
    shown = told(lambda: repr(call()))
    return re.sub(r" at 0x[0-9a-f]+", "", shown).replace(httpx.__name__ + ".", "httpx.")


def test_repr_of_request(observe):
    """How a request is shown."""
    observe(text(lambda: httpx.Request("GET", "http://example.org/a?b=1")))


def test_repr_of_request_with_password(observe):
    """How a request is shown whose URL has a password."""
    observe(text(lambda: httpx.Request("GET", "http://user:opensesame@example.org/")).replace("opensesame", "PASSWORD"))


@pytest.mark.needs("proxy in the sync client")
def test_password_in_repr_of_proxy(observe):
    """How the password is shown of a proxy that is given with one in its URL."""
    shown = text(lambda: httpx.Proxy("http://user:opensesame@127.0.0.1:3128"))
    encoded = base64.b64encode(b"user:opensesame").decode()
    found = [how for how, secret in (("plain", "opensesame"), ("encoded", encoded)) if secret in shown]
    observe(shown if shown.startswith("raises") else ", ".join(found) or "hidden")
