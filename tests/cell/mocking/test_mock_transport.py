"""What a test sees whose client is answered by a function, through `MockTransport`."""

import pytest

from repro.cell.applications import PLACE, answer, async_mocked, mocked
from repro.cell.clients import run
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("mock transport")


def ok(request):
    """Answer everything."""
    return httpx.Response(200, content=b"ok")


async def async_ok(request):
    """Answer everything, asynchronously."""
    return httpx.Response(200, content=b"ok")


def timing_out(request):
    """Fail as the network does."""
    raise httpx.ReadTimeout("mocked", request=request)


@pytest.mark.needs("sync client")
def test_mock_answer():
    """A function sees the request, and what it answers reaches the caller."""
    asked = []

    def handler(request):
        asked.append((request.method, str(request.url), request.content))
        return httpx.Response(201, headers={"X-Answer": "a"}, content=b"ok")

    response = mocked(handler).post(PLACE + "/a?b=c", content=b"body")
    assert asked == [("POST", PLACE + "/a?b=c", b"body")]
    assert (response.status_code, response.headers["X-Answer"], response.text) == (201, "a", "ok")


@pytest.mark.needs("async client")
def test_mock_async_client():
    """A function that is not asynchronous answers an asynchronous client."""

    async def main():
        return (await async_mocked(ok).get(PLACE)).text

    assert run(main) == "ok"


@pytest.mark.needs("async client")
def test_mock_async_handler(observe):
    """An asynchronous function, answering an asynchronous client."""

    async def main():
        return await async_mocked(async_ok).get(PLACE)

    observe(answer(lambda: run(main)))


@pytest.mark.needs("sync client")
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
def test_mock_async_handler_in_sync_client(observe):
    """An asynchronous function, given to a synchronous client."""
    observe(answer(lambda: mocked(async_ok).get(PLACE)))


@pytest.mark.needs("sync client")
def test_mock_raising():
    """An exception of the function reaches the caller as it is."""
    with pytest.raises(httpx.ReadTimeout, match="mocked"):
        mocked(timing_out).get(PLACE)


@pytest.mark.needs("sync client")
def test_mock_request_of_response(observe):
    """The request that a mocked response knows of, and `raise_for_status`."""
    response = mocked(lambda request: httpx.Response(404)).get(PLACE)
    observe({"request": answer(lambda: response.request.method), "raises": answer(response.raise_for_status)})


@pytest.mark.needs("sync client")
def test_mock_use_after_close(observe):
    """Sending a request with a mocked client that was closed."""
    client = mocked(ok)
    client.close()
    observe(answer(lambda: client.get(PLACE)))


@pytest.mark.needs("sync client")
@pytest.mark.parametrize(
    "content",
    [{"content": b"ok"}, {"content": "ok"}, {"text": "ok"}, {"html": "ok"}, {"json": {"a": [1]}}, {}],
    ids=["bytes", "str", "text", "html", "json", "nothing"],
)
def test_mock_response(observe, content):
    """The headers and the body of a mocked response, by what it was made from."""

    def look():
        response = mocked(lambda request: httpx.Response(200, **content)).get(PLACE)
        return {**response.headers, "body": response.text}

    observe(answer(look))


@pytest.mark.needs("sync client")
def test_mock_response_of_pieces(observe):
    """The headers and the body of a mocked response that is made from an iterator."""

    def look():
        response = mocked(lambda request: httpx.Response(200, content=iter([b"o", b"k"]))).get(PLACE)
        return {**response.headers, "body": response.text}

    observe(answer(look))


@pytest.mark.needs("sync client")
def test_mock_response_elapsed(observe):
    """The time that a mocked response took, as it says in `elapsed`."""
    response = mocked(ok).get(PLACE)
    observe(answer(lambda: response.elapsed.total_seconds() >= 0))


@pytest.mark.needs("sync client")
def test_mock_response_reused(observe):
    """One response object, answered with twice."""
    response = httpx.Response(200, content=b"ok")
    client = mocked(lambda request: response)
    observe([answer(lambda: client.get(PLACE).text) for _ in range(2)])
