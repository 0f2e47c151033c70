"""What crosses to another process: whether it can be pickled, and what comes back."""

import pickle

import pytest

from repro.cell.clients import plain_client, streamed
from repro.cell.library import httpx
from repro.cell.values import told

URL = "http://example.org/a?b=1"


def again(value):
    """What comes back of a value that is sent to another process."""
    return pickle.loads(pickle.dumps(value))


VALUES = {
    "url": lambda: httpx.URL(URL),
    "headers": lambda: httpx.Headers({"A": "1"}),
    "query_params": lambda: httpx.QueryParams("a=1&b=2"),
}


@pytest.mark.parametrize("value", VALUES)
def test_pickled_value(value, observe):
    """A value that crosses to another process: whether it comes back equal."""
    sent = VALUES[value]()
    observe(told(lambda: again(sent) == sent))


@pytest.mark.needs("timeout argument")
def test_pickled_timeout(observe):
    """Timeouts that cross to another process: whether they come back equal."""
    sent = (getattr(httpx, "TimeoutConfig", None) or httpx.Timeout)(5.0)
    observe(told(lambda: again(sent) == sent))


@pytest.mark.needs("cookies")
def test_pickled_cookies(observe):
    """Cookies that cross to another process: what comes back."""
    observe(told(lambda: dict(again(httpx.Cookies({"a": "1"})))))


@pytest.mark.needs("cookies")
def test_pickled_request(observe):
    """A request that crosses to another process: what comes back of its method, its URL and a header."""

    def asked():
        request = again(httpx.Request("GET", URL, headers={"A": "1"}))
        return [request.method, request.url, request.headers["A"]]

    observe(told(asked))


@pytest.mark.needs("sync client", "body arguments")
def test_pickled_request_with_body(observe):
    """A request with a body that crosses to another process: whether it has the body there."""

    def body():
        request = httpx.Request("POST", URL, data={"a": "1"})
        return "works" if again(request).read() == b"a=1" else "another body"

    observe(told(body))


@pytest.mark.needs("content of a response", "sync client")
def test_pickled_response(observe, upstream):
    """A response that was read, and crosses to another process: what comes back of its status and its body."""
    with plain_client() as client:
        response = client.get(upstream.url)

    def asked():
        sent = again(response)
        return [sent.status_code, sent.content]

    observe(told(asked))


@pytest.mark.needs("streamed response", "sync client")
def test_pickled_stream(observe, upstream):
    """A response whose body is not read yet, and that crosses to another process: how reading it there ends."""
    with plain_client() as client:
        response = streamed(client, upstream.url)

        def asked():
            return again(response).read()

        observe(told(asked))
        response.close()
