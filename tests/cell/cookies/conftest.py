"""What the behaviours of cookies share: secret values that are told apart, and the cookies that upstream sees."""

import pytest

from repro.cell import redaction
from repro.cell.asking import seen
from repro.cell.upstream import answering


class Values(dict):
    """Secret values of cookies, each by its label; a label that is asked for the first time gets a value."""

    def __missing__(self, label):
        """Plant a value for a label."""
        self[label] = redaction.plant()
        return self[label]

    def labelled(self, text):
        """A text in which each value is its label."""
        for label, value in self.items():
            text = text.replace(value, label)
        return text


@pytest.fixture
def values():
    """The secret values of one behaviour, by label; an observation says the labels."""
    return Values()


@pytest.fixture
def sent(upstream, values):
    """A function: the cookies that upstream sees of a call's last request, as `name=LABEL`, or how the call ended.

    It takes the call, and the server that is asked for the last request where that is another.
    """

    def what(request):
        lines = [values.labelled(value) for name, value in request.headers if name.lower() == "cookie"]
        return lines[0] if len(lines) == 1 else lines or "none"

    return lambda call, at=upstream: seen(at, call, what)


@pytest.fixture
def setting(upstream):
    """A function: let upstream answer a path with these values of Set-Cookie, and answer the path's URL."""

    def answer(path, *cookies, **options):
        lines = tuple(("Set-Cookie", cookie) for cookie in cookies)
        upstream.answer(path, answering(headers=(*lines, *options.pop("headers", ())), **options))
        return upstream.url + path

    return answer


@pytest.fixture
def kept(upstream, client, sent):
    """A function: the cookies that a client sends after responses of which each set one of these.

    Several in one response are a question of their own, which a release may answer otherwise.
    """

    def back(*cookies, at="/"):
        def send():
            for _ in (*cookies, ""):
                response = client.get(upstream.url + at)
            return response

        responses = [answering(headers=(("Set-Cookie", cookie),)) for cookie in cookies]
        upstream.answer(at, *responses, answering())
        return sent(send)

    return back
