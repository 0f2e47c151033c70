"""Nothing that came from a response acts: it is text wherever it is shown. And the page is one small file."""

import pytest
from planted import HOSTILE, hostile

SECTIONS = ("compare?from=httpx==0.1&to=httpx==0.3", "run", "releases", "behaviours", "cells", "advisory")

#: Everything that a page made of text, forms and tables consists of.
PLAIN = {
    *("A", "ARTICLE", "B", "BUTTON", "CAPTION", "CODE", "DD", "DEL", "DETAILS", "DIV", "DL", "DT", "H2", "H3", "H4"),
    *(
        "INS",
        "LI",
        "NAV",
        "P",
        "SECTION",
        "SMALL",
        "SPAN",
        "SUMMARY",
        "TABLE",
        "TBODY",
        "TD",
        "TH",
        "THEAD",
        "TR",
        "UL",
    ),
}


@pytest.mark.parametrize("section", SECTIONS)
def test_planted_markup_is_text(visit, section):
    """Markup in an answer, a title, a note, a reason, a claim or a run is shown as it is and runs nothing."""
    page = visit(f"#{section}", hostile())
    if page.is_visible("#unfold"):
        page.click("#unfold")
    assert HOSTILE in page.text_content("#result")
    assert page.evaluate("window.acted") is None
    made = page.evaluate("[...new Set([...document.querySelectorAll('#result *')].map(({ tagName }) => tagName))]")
    assert set(made) <= PLAIN
    assert page.locator("script").count() == 2


def test_planted_markup_in_a_link_is_text(visit):
    """Markup in the link itself is searched for and named, and never more than text."""
    page = visit(f"#compare?search={HOSTILE}&area={HOSTILE}&from={HOSTILE}")
    assert page.input_value("#search") == HOSTILE
    assert page.evaluate("window.acted") is None


def test_behaviour_with_a_hostile_name_has_its_link(visit):
    """An id that is markup, or the name of something that every object has, is an id like any other."""
    page = visit("#behaviours", hostile())
    for name in (f"asking/{HOSTILE}", "asking/constructor"):
        link = page.evaluate("(name) => fragmentOf({ ...STATE, section: 'behaviours', item: name })", name)
        assert page.evaluate("(link) => stateOf(link).item", f"#{link}") == name


def test_policy_lets_nothing_else_act(visit):
    """A script, a style or a picture that came into the page all the same would be refused."""
    page = visit()
    refused = page.evaluate(
        """() => new Promise((resolve) => {
            const refused = [];
            document.addEventListener("securitypolicyviolation", (event) => {
                refused.push(event.effectiveDirective);
                if (refused.length === 2) resolve(refused.sort());
            });
            const script = document.createElement("script");
            script.textContent = "window.acted = 1";
            document.body.append(script);
            const style = document.createElement("style");
            style.textContent = "body { display: none }";
            document.body.append(style);
        })"""
    )
    assert refused == ["script-src-elem", "style-src-elem"]
    assert all("violates the following Content Security Policy" in said for said in visit.heard)
    visit.heard.clear()
    assert page.evaluate("window.acted") is None


def test_whole_history_is_small(real):
    """The page with everything that is stored is under two megabytes."""
    assert len(real.encode()) < 2_000_000
