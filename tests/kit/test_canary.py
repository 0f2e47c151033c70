"""The verdict of a canary as text and as Markdown."""

import json

import numpy as np
import pytest
from stage import children, golden
from syrupy.extensions.json import JSONSnapshotExtension

from repro.cell.upstream import Upstream, answering
from repro.kit.canary import driving
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


@pytest.fixture
def sides():
    """Two servers that a canary can be asked about."""
    with Upstream() as stable, Upstream() as candidate:
        yield stable, candidate


CONTRACT = """
format = 1
requests = 5
[[request]]
path = "/search"
[[request]]
name = "add"
method = "POST"
path = "/add"
idempotency_key = "Idempotency-Key"
"""


def test_canary_of_deployments_is_told_in_every_format(kit, sides, tmp_path, monkeypatch):
    """A candidate that answers otherwise is held with 1, in the form and at the place asked for."""
    monkeypatch.setattr(driving, "WARM_UP", 1)
    stable, candidate = sides
    candidate.answer("/search", answering({"ok": 1}))
    (tmp_path / "contract.toml").write_text(CONTRACT)
    asked = ("canary", "--stable", stable.url, "--candidate", candidate.url)
    asked += ("--contract", str(tmp_path / "contract.toml"), "--allow", "add")
    code, out, err = kit(*asked)
    assert code == 1
    assert err.splitlines()[-1] == "5 of 5 requests a side"
    last = out.splitlines()[-1]
    assert last.startswith(f"HOLD {candidate.url} (contract): GET /search: json /ok is 1, and true at stable")
    code, out, _ = kit(*asked, "--format", "json", "--requests", "2")
    assert (code, json.loads(out)["kind"]) == (1, "contract")
    code, out, _ = kit(*asked, "--format", "markdown", "--requests", "2")
    assert (code, out.splitlines()[0][:7]) == (1, "## HOLD")
    page = tmp_path / "canary.html"
    code, out, err = kit(*asked, "--format", "html", "--requests", "2", "--output", str(page))
    assert (code, out) == (1, "")
    assert err.splitlines()[-2] == f"Wrote {page}."
    assert "<svg" in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "A canary has two sides"),
        (("0.1",), "A canary has two sides"),
        (("0.1", "0.2", "--stable", "http://a"), "A canary has two sides"),
        (("--stable", "http://a"), "A canary has two sides"),
        (("--stable", "http://a", "--candidate", "http://b"), "What to send to the deployments is not said."),
        (("0.1", "0.2", "--profile", "wild"), "'wild' is no fault profile."),
        (("0.1 0.2", "0.3"), "'0.1 0.2' is more than one release."),
    ],
)
def test_canary_that_is_misused_says_how_it_is_meant(kit, arguments, said):
    """What is missing or contradicts is said, with an example, and exits with 2."""
    code, _, err = kit("canary", *arguments)
    assert code == 2
    assert said in err


def test_canary_of_releases_serves_and_ends(kit, monkeypatch):
    """Two releases are served and driven; a service that only fails under both proves nothing."""
    monkeypatch.setattr(driving, "WARM_UP", 1)
    code, out, err = kit("canary", "0.1", "0.2", "--requests", "2", "--timeout", "50")
    assert code == 1, err
    assert "building httpx==0.1, for stable" in err
    assert out.splitlines()[-1].startswith("HOLD httpx==0.2 (insufficient data)")
    assert children("repro.cell.s") == []
