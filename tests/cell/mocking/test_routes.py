"""How respx is told what to answer, and what a test sees of it: with the respx that goes with the release."""

import importlib.util

import pytest

from repro.cell.applications import answer
from repro.cell.clients import sync_client
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("respx companion", "sync client")

URL = "http://mocked.invalid/"


def asked(set_up, url=URL, **options):
    """How a GET ends under a respx that was told what to answer."""
    import respx

    def use():
        with respx.mock(**{"assert_all_called": False, **options}) as router:
            set_up(router)
            return sync_client(verify=False).get(url)

    return answer(use)


def test_keywords(observe):
    """An answer that is told as arguments of the route: `get(url, status_code=..., content=...)`."""
    observe(asked(lambda router: router.get(URL, status_code=201, content="ok")))


def test_respond(observe):
    """An answer that is told to the route: `get(url).respond(...)`."""
    observe(asked(lambda router: router.get(URL).respond(201)))


def test_return_value(observe):
    """An answer that is told as a response: `get(url).mock(return_value=...)`."""
    observe(asked(lambda router: router.get(URL).mock(return_value=httpx.Response(201))))


def test_side_effect(observe):
    """A failure that is told to the route: `get(url).mock(side_effect=...)`."""
    observe(asked(lambda router: router.get(URL).mock(side_effect=OSError)))


def test_content_error(observe):
    """A failure that is told as the content of the answer: `get(url, content=...)`."""
    observe(asked(lambda router: router.get(URL, content=OSError())))


def test_params(observe):
    """An answer for one query only: `get(url, params=...)`, asked with that query."""
    observe(asked(lambda router: router.get(URL, params={"a": "b"}).respond(201), URL + "?a=b"))


def test_unmatched(observe):
    """A request that nobody told respx of."""
    observe(asked(lambda router: None))


def test_unmatched_admitted(observe):
    """A request that nobody told respx of, where `assert_all_mocked=False` was said."""
    observe(asked(lambda router: None, assert_all_mocked=False))


def test_uncalled(observe):
    """The end of a respx of which a route was not asked for."""
    observe(asked(lambda router: (router.get(URL), router.get(URL + "never")), assert_all_called=True))


def test_pass_through(observe, upstream):
    """A request that respx is told to let through, as an argument of the route or with a method of it."""
    observe(
        {
            "argument": asked(lambda router: router.get(upstream.url, pass_through=True), upstream.url),
            "method": asked(lambda router: router.get(upstream.url).pass_through(), upstream.url),
        }
    )


def test_calls(observe):
    """The spellings of how often a route was asked for, and what each says after one request."""
    import respx

    with respx.mock(assert_all_called=False) as router:
        route = router.get(URL)
        sync_client(verify=False).get(URL)
        observe(
            {
                "route.called": answer(lambda: route.called),
                "route.call_count": answer(lambda: route.call_count),
                "router.calls.call_count": answer(lambda: router.calls.call_count),
                "router.stats": answer(lambda: router.stats.call_count),
            }
        )


def test_decorator(observe):
    """A function that is decorated with `respx.mock`, and asks what it told the global respx."""
    import respx

    @respx.mock
    def test():
        respx.get(URL)
        return sync_client(verify=False).get(URL)

    observe(answer(test))


def test_plugin(observe):
    """Whether respx has the module that is a plugin of pytest, which brings the fixture `respx_mock`."""
    observe(importlib.util.find_spec("respx.plugin") is not None)
