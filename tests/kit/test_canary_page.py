"""The verdict of a canary as a web page."""

import re
from html.parser import HTMLParser

import pytest
from test_canary import KINDS, body

from repro.kit.report import canary, canary_page

VOID = {"meta", "line", "path"}


class Balanced(HTMLParser):
    """Reads a page, and knows which elements are open."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.text = []

    def handle_starttag(self, tag, attrs):
        """An element begins."""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """An element ends; those without content end by themselves."""
        assert tag in VOID or self.open.pop() == tag

    def handle_data(self, data):
        """Text."""
        self.text.append(data)


@pytest.mark.parametrize("kind", KINDS)
def test_page_tells_the_verdict_with_every_figure(kind):
    """The page is whole, says the verdict, and has a row for each judgement and each difference."""
    found = body(kind)
    reader = Balanced()
    reader.feed(canary_page.page(found))
    assert reader.open == []
    text = "".join(reader.text)
    assert canary.says(found) in text
    for judgement in found["judgements"]:
        assert judgement["rule"] in text
    for breach in found["breaches"]:
        assert breach["facet"] in text


def test_both_distributions_are_drawn():
    """Each side is a line from the fastest answer to the slowest, above ticks at round latencies."""
    page = canary_page.page(body("regression"))
    lines = [path for path in re.findall(r'<path d="M ([^"]*)"', page) if " L " in path]
    assert [len(path.split(" L ")) for path in lines] == [canary.STEPS + 1] * 2
    for path in lines:
        across = [float(point.split()[0]) for point in path.split(" L ")]
        assert across == sorted(across)
    assert ">50 ms<" in page


def test_page_without_an_answer_draws_nothing():
    """Where nothing was answered there is nothing to draw, and the page says so."""
    assert "No request was answered." in canary_page.page(body("error"))


def test_one_side_without_an_answer_draws_the_other():
    """A side that answered nothing has no line."""
    found = body("promote")
    found["measured"]["candidate"]["distribution"] = []
    assert len([path for path in re.findall(r'<path d="M ([^"]*)"', canary_page.page(found)) if " L " in path]) == 1


def test_nothing_on_the_page_is_markup():
    """Whatever a side answers is text, and the page loads nothing."""
    found = body("contract") | {"candidate": "<script>alert(1)</script>"}
    found["breaches"][0]["candidate"] = "<img src=x onerror=alert(1)>"
    page = canary_page.page(found)
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src 'none'" in page
