"""A candidate verified beside stable, from the sending to the verdict, on real servers."""

import signal
import time

import pytest

from repro.cell.upstream import Upstream, answering
from repro.kit.canary.contract import Contract, Request
from repro.kit.canary.deployment import Deployment
from repro.kit.canary.verification import Options, bounded, checked_url, verify
from repro.problem import Problem

CONTRACT = Contract((Request("search", "GET", "/search", {"X-Key": "s3cret"}),), each=3, secrets=("s3cret",))


@pytest.fixture
def servers():
    """Two servers, neither of which describes itself."""
    with Upstream() as stable, Upstream() as candidate:
        for server in (stable, candidate):
            server.answer("/openapi.json", answering({}, status=404, reason="None"))
        yield {"stable": stable, "candidate": candidate}


def verified(servers, contract=CONTRACT, **options):
    """The document of a verification."""
    sides = {name: server.url for name, server in servers.items()}
    deployments = {name: Deployment(name, url) for name, url in sides.items()}
    return verify(deployments, contract, sides, Options(**options), until=time.monotonic() + 60)


def test_few_requests_prove_nothing(servers):
    """Two sides alike are held while too little is measured, and the document says what was sent where."""
    body = verified(servers, each=4, rate=1000)
    assert (body["verdict"], body["kind"], body["breaches"]) == ("hold", "insufficient data", [])
    assert [body["measured"][arm]["sent"] for arm in ("stable", "again", "candidate")] == [4, 4, 4]
    assert (body["stable"], body["requests"], body["seed"]) == (servers["stable"].url, ["search"], 0)


def test_other_answer_is_a_breach(servers):
    """A candidate that answers otherwise is held on its contract, at once and with both answers."""
    servers["candidate"].answer("/search", answering({"ok": 1}))
    body = verified(servers)
    assert body["kind"] == "contract"
    assert [(each["facet"], each["stable"], each["candidate"]) for each in body["breaches"]] == [
        ("json /ok", "true", "1"),
        ("json /ok, its type", "truth", "integer"),
    ]


def test_description_of_the_service_is_part_of_the_contract(servers):
    """Where stable serves an OpenAPI document, the candidate has to serve the same."""
    servers["stable"].answer("/openapi.json", answering({"openapi": "3.1.0", "info": {"version": "1"}}))
    servers["candidate"].answer("/openapi.json", answering({"openapi": "3.1.0", "info": {"version": "2"}}))
    body = verified(servers)
    assert [(each["request"], each["facet"]) for each in body["breaches"]] == [
        ("the OpenAPI document", "json /info/version")
    ]


def test_description_that_is_not_answered_is_not_compared(servers):
    """A side that breaks off instead of answering has nothing to compare."""
    servers["stable"].answer("/openapi.json", answering({"openapi": "3.1.0"}))
    servers["candidate"].answer("/openapi.json", lambda exchange: exchange.close())
    assert verified(servers)["breaches"] == []


def test_secret_is_in_no_output(servers):
    """What came from the environment is taken out of everything that is said, keys and values."""
    servers["candidate"].answer("/search", answering({"s3cret": "s3cret"}))
    assert "s3cret" not in str(verified(servers))


@pytest.mark.parametrize("text", ["service", "ftp://a/", "http://", "http://a/?b", "http://a/#b"])
def test_other_text_is_no_url_of_a_deployment(text):
    """A deployment is at an http or https URL without a query."""
    with pytest.raises(Problem, match="is no URL of a deployment"):
        checked_url(text, "stable")


def test_url_with_a_password_is_refused():
    """A URL is printed, so it holds no secret, and the refusal does not print it either."""
    with pytest.raises(Problem, match="holds a user or a password") as caught:
        checked_url("https://me:s3cret@a", "stable")
    assert "s3cret" not in str(caught.value)
    assert checked_url("https://a/b", "stable") == "https://a/b"


def test_time_bounds_the_whole():
    """What is not done in time is ended where it is, and the alarm is gone afterwards."""
    with pytest.raises(Problem, match="could not be finished within 0") as caught, bounded(0.05):
        time.sleep(10)
    assert caught.value.code == 3
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    with bounded(60) as until:
        assert 50 < until - time.monotonic() < 60
