"""The verdict of a canary as text and as Markdown."""

import numpy as np
import pytest
from stage import golden
from syrupy.extensions.json import JSONSnapshotExtension

from repro.kit.canary.contract import Contract, Request
from repro.kit.canary.driving import Measured
from repro.kit.canary.facets import Collected
from repro.kit.canary.judge import Breach, Side, judge
from repro.kit.report import canary
from repro.kit.report.terminal import Paint

PLAIN = Paint(coloured=False)


def body(kind):
    """The document of a verdict: `promote`, or a kind of hold."""
    random = np.random.default_rng(0)
    sides = {
        name: Side((np.sort(random.lognormal(-3, 0.4, 1000)) * slower).round(6).tolist(), 1000, 0, 10, 1000)
        for name, slower in (("stable", 1), ("again", 1), ("candidate", 2 if kind == "regression" else 1))
    }
    if kind == "insufficient data":
        sides = {name: Side(side.seconds[:50], 50) for name, side in sides.items()}
    if kind == "error":
        sides = {name: Side([], 20, 20) for name in sides}
    contract = Contract(
        (Request("search", "GET", "/search"), Request("other", "GET", "/other")),
        left_out=("forget: DELETE may change what it is sent to",) if kind == "contract" else (),
    )
    breaches = [
        Breach("search", "header x|y", "one", "absent"),
        Breach("search", "json /results/*/id, its type", "integer", "text"),
    ]
    verdict = judge(
        sides["stable"],
        sides["again"],
        sides["candidate"],
        breaches if kind == "contract" else (),
        trouble="candidate (httpx==0.2) ended in the middle" if kind == "error" else None,
    )
    remarks = ["time was up after 50 of 1000 requests a side"] if kind == "insufficient data" else []
    measured = Measured(sides, Collected(), Collected(), None, remarks)
    varying = {"other": ["json /now"]} if kind == "contract" else {}
    return canary.document(
        verdict, measured, contract, varying, {"stable": "httpx==0.1", "candidate": "httpx==0.2"}, seed=0
    )


KINDS = ["promote", "regression", "insufficient data", "contract", "error"]


@pytest.mark.parametrize("kind", KINDS)
def test_verdict_is_told_as_it_was_read(kind, snapshot):
    """In a terminal: what was measured, how it was judged, what differs, and the verdict last."""
    found = canary.text(body(kind), width=100, paint=PLAIN, last=True)
    assert found.encode() == snapshot(extension_class=golden("txt"))
    assert found.rstrip().splitlines()[-1] == canary.says(body(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_verdict_is_markdown_as_it_was_read(kind, snapshot):
    """As Markdown: the verdict as its head, tables, the rules of what did not pass."""
    assert canary.markdown(body(kind)).encode() == snapshot(extension_class=golden("md"))


def test_document_holds_every_figure(snapshot):
    """The document has the verdict, each judgement with its rule, and what was measured of each side."""
    found = body("regression")
    for side in found["measured"].values():
        assert len(side["distribution"]) == canary.STEPS + 1
        del side["distribution"]
    assert found == snapshot(extension_class=JSONSnapshotExtension)


def test_verdict_comes_first_in_a_file():
    """In a file the most important line is the first."""
    found = canary.text(body("promote"), width=100, paint=PLAIN, last=False)
    assert found.splitlines()[0] == canary.says(body("promote"))


def test_verdict_is_coloured_where_somebody_sees_it():
    """A promotion is green, a hold is red."""
    for kind, colour in (("promote", 32), ("regression", 31)):
        assert f"\x1b[{colour}m{canary.says(body(kind))}" in canary.text(
            body(kind), width=100, paint=Paint(coloured=True), last=True
        )
