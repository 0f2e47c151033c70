"""The page is legible: on a phone, in the dark, on paper; measured, and not looked at."""

import pytest
from planted import hostile
from waiting import until

SECTIONS = (
    "compare?from=httpx==0.12.1&to=httpx==0.14.0",
    "releases",
    "behaviours",
    "cells",
    "behaviour/timeouts/spellings",
)

#: The lowest contrast between each visible text and what is behind it, and where; WCAG 2.2, 1.4.3.
CONTRAST = """() => {
    const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = (colour) => rgb(colour).slice(0, 3)
        .map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const behind = (node) => {
        for (let at = node; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if ((rgb(colour)[3] ?? 1) === 1) return colour;
        }
        throw new Error("nothing is behind it");
    };
    let worst = { ratio: 21, text: "" };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const node = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || !node.checkVisibility()) continue;
        if (node.closest("option, script, noscript")) continue;
        const [one, other] = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
        const ratio = (one + 0.05) / (other + 0.05);
        if (ratio < worst.ratio) worst = { ratio, text: `${node.className}: ${texts.currentNode.data}` };
    }
    return worst;
}"""


def open_all(page):
    """Open what can be opened."""
    if page.is_visible("#unfold"):
        page.click("#unfold")


@pytest.mark.parametrize("section", SECTIONS)
def test_phone_needs_no_scrolling_aside(visit, real, section):
    """At 360 pixels no section is wider than the screen; what is wide scrolls in a box of its own."""
    page = visit(f"#{section}", real, viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("section", ["advisory", "run", "compare?from=httpx==0.1&to=httpx==0.2"])
def test_long_words_do_not_widen_a_phone(visit, section):
    """Text without a place to break, as answers may hold, breaks all the same."""
    page = visit(f"#{section}", hostile(), viewport={"width": 360, "height": 740})
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("section", SECTIONS)
def test_text_stands_out(visit, real, section, scheme):
    """Every text has a contrast of 4.5 or more, in the light and in the dark."""
    page = visit(f"#{section}", real, color_scheme=scheme)
    open_all(page)
    worst = page.evaluate(CONTRAST)
    assert worst["ratio"] >= 4.5, worst


def test_dark_is_dark(visit):
    """Who asks for a dark page gets one."""
    paper = "getComputedStyle(document.body).backgroundColor"
    papers = [visit(color_scheme=scheme).evaluate(paper) for scheme in ("light", "dark")]
    assert papers == ["rgb(253, 253, 252)", "rgb(22, 24, 27)"]


def test_difference_is_more_than_a_colour(visit):
    """What is gone and what is new differ by their lines and by a word for who cannot see them."""
    page = visit("#compare?from=httpx==0.1&to=httpx==0.3")
    open_all(page)
    styles = page.evaluate(
        "['del', 'ins'].map((tag) => getComputedStyle(document.querySelector(`#result ${tag}`)).textDecorationStyle)"
    )
    assert styles == ["dashed", "solid"]
    assert page.locator("#result del .unseen").first.text_content() == "gone: "
    assert page.locator("#result ins .unseen").first.text_content() == "new: "


def test_paper_shows_everything(visit):
    """On paper every entry is open and the controls are gone; afterwards it is as it was."""
    page = visit("#compare?from=httpx==0.1&to=httpx==0.3")
    page.click("#result summary >> nth=1")
    page.emulate_media(media="print", color_scheme="dark")
    until(page, "!document.querySelector('#result details:not([open])')")
    assert page.is_visible("text=Read on.")
    for control in ("#filters", "#sections", "#swap"):
        assert page.is_hidden(control)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(CONTRAST)["ratio"] >= 4.5
    page.emulate_media(media="screen")
    until(page, "document.querySelectorAll('#result details[open]').length === 1")


def test_every_control_has_a_name(visit, real):
    """Everything that can be reached says what it is to who cannot see it, and there is one main heading."""
    page = visit("#behaviour/timeouts/spellings", real)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("a, button, select, input, summary, [tabindex='0']")]
            .filter((one) => !(one.ariaLabel || one.textContent.trim() || one.labels?.[0]?.textContent.trim()))
            .map((one) => one.outerHTML)"""
    )
    assert nameless == []
    assert page.locator("h1").count() == 1
    assert page.get_attribute("html", "lang") == "en"
