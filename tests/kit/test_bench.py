"""What releases cost, as text, as a document and as a page with plots."""

import json
import re

import pytest
from stage import golden
from syrupy.extensions.json import JSONSnapshotExtension

from repro.kit import costs
from repro.kit.costs import Ratio
from repro.kit.report import bench
from repro.kit.report.terminal import Paint

RATIOS = [
    Ratio("import time", "httpx==0.2", 1.25, 1.1, 1.4, 15),
    Ratio("import time", "httpx==0.3", 0.5, 0.45, 0.55, 15),
    Ratio("memory of a client", "httpx==0.2", 1.004, 1.003, 1.005, 15),
    Ratio("memory of a client", "httpx==0.3", n=15),
    Ratio("requests a second, kept connection", "httpx==0.2", 0.9, 0.7, 1.1, 15),
    Ratio("requests a second, kept connection", "httpx==0.3", 0.8, 0.7, 0.9, 15),
    Ratio("p50, HTTP/2 over TLS", "httpx==0.2", n=0),
    Ratio(bench.PROTOCOLS, "httpx==0.1", 2, 1.9, 2.1, 900),
]


@pytest.fixture
def body():
    """The document of a run."""
    return bench.document(RATIOS, ["httpx==0.1", "httpx==0.2", "httpx==0.3"], rounds=15, seed=0)


def test_ratios_are_told_as_they_were_read(body, snapshot):
    """Every ratio is a row with its interval, and what is shown to cost more comes last."""
    said = bench.text(body, paint=Paint(coloured=False), last=True)
    assert said.encode() == snapshot(extension_class=golden("txt"))
    assert said.rstrip().splitlines()[-1] == bench.says(body)


def test_document_is_as_it_was_read(body, snapshot):
    """The document has each measure with its ratios, and how it was measured."""
    assert body == snapshot(extension_class=JSONSnapshotExtension)


def test_most_important_line_names_what_is_worse(body):
    """More is worse but for requests a second; what is a hundredth or within its interval is not spoken of."""
    assert bench.says(body) == (
        "Costs more than httpx==0.1: import time 1.25x under httpx==0.2; "
        "requests a second, kept connection 0.8x under httpx==0.3."
    )
    none = bench.document(RATIOS[1:3], ["httpx==0.1", "httpx==0.2"], rounds=15, seed=0)
    assert bench.says(none) == "Nothing is shown to cost more than under httpx==0.1."
    many = [Ratio(f"p{number}", "httpx==0.2", 2, 1.9, 2.1, 9) for number in range(6)]
    assert bench.says(bench.document(many, ["httpx==0.1"], rounds=1, seed=0)).endswith("; and 2 more.")


def test_important_line_is_first_in_a_file_and_coloured_for_eyes(body):
    """In a file what matters comes first; on a terminal what is worse has a colour."""
    said = bench.text(body, paint=Paint(coloured=True), last=False).splitlines()
    assert said[0] == bench.says(body)
    coloured = [line for line in said if "\x1b[33m" in line]
    assert [re.findall("httpx==0.[23]", line)[0] for line in coloured] == ["httpx==0.2", "httpx==0.3"]


def test_page_plots_what_was_measured(body):
    """Each measure with a ratio has a plot with a point and a line for each release, left of 1 for less."""
    page = bench.page(body)
    plots = re.findall(r"<svg.*?</svg>", page)
    assert len(plots) == 4
    points = [float(place) for place in re.findall(r'cx="([\d.]+)"', plots[0])]
    (middle,) = re.findall(r'<path d="M ([\d.]+) 4 V', plots[0])
    assert points[1] < float(middle) < points[0]
    assert bench.says(body) in page
    assert ">1.25x<" in page


def test_ticks_are_few_and_round():
    """A wide axis has fewer ticks for each power of ten than a narrow one."""
    assert bench._ticks(0.8, 1.25) == [0.8, 0.9, 1, 1.1, 1.25]
    assert bench._ticks(0.5, 9) == [0.5, 1, 2, 5]
    assert bench._ticks(0.1, 1000) == [0.1, 1, 10, 100, 1000]


def test_bench_tells_ratios_in_every_form(kit, monkeypatch, tmp_path):
    """Releases are measured beside the first, in the form and at the place asked for."""
    monkeypatch.setattr(costs, "measure", lambda subjects, *_, **__: {str(each): COSTS for each in subjects})
    code, out, _ = kit("bench", "0.1", "0.2")
    assert code == 0
    assert out.splitlines()[-1] == "Nothing is shown to cost more than under httpx==0.1."
    code, out, _ = kit("bench", "0.1", "0.2", "--format", "json", "--rounds", "6")
    assert json.loads(out)["first"] == "httpx==0.1"
    page = tmp_path / "bench.html"
    code, out, err = kit("bench", "0.1 0.2", "--format", "html", "--output", str(page))
    assert (code, out) == (0, "")
    assert err.startswith(f"Wrote {page}.")
    assert "<svg" in page.read_text()


COSTS = [
    {"import": 1, "client": 1, "made": 1, "open": 1, "kept": [1], "fresh": [1], "tls": [1], "http2": [1]}
    for _ in range(6)
]


def test_bench_of_one_release_twice_is_misuse(kit):
    """A release beside itself is no comparison."""
    code, _, err = kit("bench", "0.1", "0.1")
    assert code == 2
    assert "A release is named twice." in err
