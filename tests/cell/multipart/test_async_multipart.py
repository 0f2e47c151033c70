"""A multipart form, asked of the asynchronous client, because there were releases that had no other."""

import io
import re

import pytest

from repro.cell.asking import async_seen

pytestmark = pytest.mark.needs("async client", "body arguments")


def test_async_type_without_name(observe, upstream):
    """The type that an asynchronous request gives to a file whose name is empty."""
    files = {"file": ("", io.BytesIO(b"bytes"))}
    body = async_seen(
        upstream, lambda client: client.post(upstream.url, files=files), lambda request: request.body.decode()
    )
    kind = re.search("Content-Type: (.*)\r\n", body)
    observe(kind[1] if kind else "none")
