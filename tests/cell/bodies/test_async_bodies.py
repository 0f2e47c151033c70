"""The body of a request, asked of the asynchronous client, because there were releases that had no other."""

import pytest

from repro.cell.asking import async_seen

pytestmark = pytest.mark.needs("async client", "body arguments")


def test_async_own_type(observe, upstream):
    """The type of the body of an asynchronous request whose caller gives a `Content-Type`: of a form and of JSON."""
    headers = {"Content-Type": "text/x-own"}

    def sent(**body):
        return async_seen(
            upstream,
            lambda client: client.post(upstream.url, headers=headers, **body),
            lambda request: request.header("Content-Type"),
        )

    observe({"form": sent(data={"a": "1"}), "JSON": sent(json={})})
