"""Where a redirect leads: what upstream is asked for next, by the Location."""

import pytest

from repro.cell import outcomes
from repro.cell.following import following_client
from repro.cell.resolver import resolving
from repro.cell.upstream import answering
from repro.cell.values import told

# A redirect may lead to where nobody answers, and a client that has no timeout waits there for ever.
pytestmark = pytest.mark.needs("sync client", "timeout argument")


def test_relative(observe, upstream, redirect):
    """What upstream is asked for after a redirect from `/a/from?b=1` to a relative reference."""
    found = {}
    with following_client() as client:
        for location in ("/to", "to", "../to", "?to", "//127.0.0.1:PORT/to"):
            redirect(upstream, "/a/from", location.replace("PORT", str(upstream.port)))
            ended = told(lambda: client.get(upstream.url + "/a/from?b=1"))
            found[location] = upstream.requests[1].target if len(upstream.requests) > 1 else ended
            upstream.requests.clear()
    observe(found)


@pytest.mark.needs("base_url argument")
def test_fragment(observe, upstream, redirect):
    """The fragment of the last URL, where the first had one, the Location had one, or both."""
    redirect(upstream, "/bare", "/to")
    redirect(upstream, "/named", "/to#there")
    with following_client() as client:
        observe(
            {
                "first": told(lambda: client.get(upstream.url + "/bare#here").url),
                "Location": told(lambda: client.get(upstream.url + "/named").url),
                "both": told(lambda: client.get(upstream.url + "/named#here").url),
            }
        )


LOCATIONS = {
    "characters": ["/t o", "/t%20o%2F", "/t\u00e9", "/t\u00c3\u00a9"],
    "host": ["http:///to", "http://:PORT/to", "http://127.0.0.1:port/to", "http://[::1/to"],
    "scheme": ["mailto:jo@example.org", "invalid://127.0.0.1/to"],
    "itself": ["", "#to"],
}


@pytest.mark.parametrize("locations", [pytest.param(locations, id=name) for name, locations in LOCATIONS.items()])
def test_odd(observe, upstream, locations):
    """What upstream is asked for after a redirect to an odd Location, or what is raised and said."""
    found = {}
    # Some releases go on to the default port of the host that redirected.
    with resolving({80: upstream.port}), following_client() as client:
        for location in locations:
            upstream.requests.clear()
            headers = (("Location", location.replace("PORT", str(upstream.port))),)
            upstream.answer("/from", answering(status=302, reason="Found", headers=headers), answering("done"))
            ended = told(lambda: client.get(upstream.url + "/from"))
            found[location] = placed(upstream.requests[1]) if len(upstream.requests) > 1 else ended
    observe(found)


def placed(request):
    """What was asked for, and of which host."""
    return f"{request.target} of {request.header('Host')}"


def test_missing(observe, upstream, redirect):
    """The status of an answer whose status redirects and that says not where to."""
    redirect(upstream, "/from", None)
    with following_client() as client:
        observe(outcomes.of(lambda: client.get(upstream.url + "/from")))


def test_twice(observe, upstream):
    """What upstream is asked for after a redirect with two Locations, or what is raised."""
    upstream.answer("/from", answering(status=302, reason="Found", headers=(("Location", "/a"), ("Location", "/b"))))
    with following_client() as client:
        ended = told(lambda: client.get(upstream.url + "/from"))
    observe([request.target for request in upstream.requests[1:]] or ended)
