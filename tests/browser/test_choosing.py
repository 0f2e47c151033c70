"""What a reader does: chooses two releases, searches, filters, opens, follows a link, goes back, uses the keyboard."""

import re

import pytest
from planted import cell, small
from waiting import until

EVERYTHING = "#compare?from=httpx==0.12.1&to=httpx==0.14.0"


def questions(page):
    """The questions that are shown."""
    return page.locator("#result .question").all_inner_texts()


def fragment(page):
    """The link of what is shown."""
    until(page, "location.hash === DRAWN")
    return page.evaluate("location.hash")


def follow(page, link):
    """Follow a link, and wait for what it leads to."""
    page.click(link)
    fragment(page)


def test_page_opens_on_the_newest_minor(visit, real):
    """A page that was asked for nothing opens on the last release before the newest minor version, and the newest."""
    page = visit("", real)
    assert (page.input_value("#from"), page.input_value("#to")) == ("httpx==0.27.2", "httpx==0.28.1")
    assert page.inner_text("h1") == "What changes for me"
    assert re.match(r"\d+ behaviours? changes?: ", page.inner_text("#answer"))


def test_choosing_two_releases(visit):
    """What is chosen is compared, in one sentence and in entries by kind, and has a link of its own."""
    page = visit()
    page.select_option("#from", "httpx==0.1")
    page.select_option("#to", "httpx2==2.0")
    assert fragment(page) == "#compare?from=httpx==0.1&to=httpx2==2.0"
    assert page.inner_text("#answer") == (
        "2 behaviours change: 1 removal and 1 unexplained change. "
        "1 can be asked on one side only, 1 differs only on the way and 2 stay as they are."
    )
    assert page.locator("#result h2").all_inner_texts() == [
        "1 removal",
        "1 unexplained change",
        "1 warning",
        "1 only on the way",
        "1 absent",
    ]
    assert page.title() == "httpx 0.1 → httpx2 2.0 · httpx upgrade kit"


def test_swapping(visit):
    """Swapping asks the way back."""
    page = visit("#compare?from=httpx==0.1&to=httpx==0.3")
    page.click("#swap")
    assert fragment(page) == "#compare?from=httpx==0.3&to=httpx==0.1"
    assert "1 change of behaviour" in page.inner_text("#answer")


def test_entry_opens_to_both_answers(visit):
    """An entry holds both answers side by side with what differs marked, why it changed, and what to do."""
    page = visit("#compare?from=httpx==0.1&to=httpx==0.3")
    entry = page.locator("details", has_text="What a request answers.")
    assert entry.locator("table").count() == 0
    entry.locator("summary").click()
    assert entry.locator("thead th").all_inner_texts() == ["httpx 0.1", "httpx 0.3"]
    assert entry.locator("tr.differs th").inner_text().startswith("said ≠")
    assert entry.locator("tr.same th").inner_text() == "status"
    assert entry.locator("del").inner_text().endswith("two")
    assert entry.locator("ins").inner_text().endswith("four")
    assert entry.locator(".do").inner_text() == "Read on."
    assert entry.locator(".told code").inner_text() == "four"


def test_filters_narrow(visit, real):
    """Area, kind and search each leave less, and together no more than each; clearing brings all back."""
    page = visit(EVERYTHING, real)
    everything = questions(page)
    page.select_option("#area", "lifecycle")
    area = questions(page)
    assert set(page.locator("#result .id").all_inner_texts())
    assert all(name.startswith("lifecycle/") for name in page.locator("#result .id").all_inner_texts())
    page.select_option("#kind", "fix")
    both = questions(page)
    assert 0 < len(both) < len(area) < len(everything)
    page.fill("#search", "  BLOCK kept ")
    found = questions(page)
    assert 0 < len(found) < len(both)
    assert fragment(page) == f"{EVERYTHING}&area=lifecycle&kind=fix&search=BLOCK+kept"
    assert f"{len(found)} of " in page.inner_text(".tally")
    assert page.evaluate("document.activeElement.id") == "search"
    page.click("#reset")
    assert questions(page) == everything
    assert fragment(page) == EVERYTHING


def test_kinds_of_the_sentence_filter(visit):
    """Each kind in the sentence is a link to the changes of that kind."""
    page = visit("#compare?from=httpx==0.1&to=httpx==0.3")
    follow(page, "#answer a >> text=1 fix")
    assert fragment(page).endswith("&kind=fix")
    assert questions(page) == ["What a request answers."]
    assert page.input_value("#kind") == "fix"


def test_search_that_finds_nothing_says_so(visit):
    """Filters that leave nothing say so; the sentence above still speaks of everything."""
    page = visit("#compare?from=httpx==0.1&to=httpx==0.3&search=nowhere%22%5C")
    assert "Nothing here matches these filters." in page.inner_text("#result")
    assert page.inner_text("#answer").startswith("2 behaviours change")


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("#compare?from=httpx==0.12.1&to=httpx==0.13.0&area=reproduction&kind=fix&search=404", {"kind": "fix"}),
        ("#releases?area=timeouts", {"area": "timeouts"}),
        ("#behaviours?search=goaway", {"search": "goaway"}),
        ("#cells?search=0.7.0", {"search": "0.7.0"}),
        ("#release/httpx-0.14.0", {}),
        ("#behaviour/timeouts/spellings", {}),
    ],
)
def test_link_restores_its_state(visit, real, link, shown):
    """A link opens what it was taken from: section, releases, filters, search; the page gives the same link back."""
    page = visit(link, real)
    for name, value in shown.items():
        assert page.input_value(f"#{name}") == value
    assert page.evaluate("`#${fragmentOf(STATE)}`") == link
    assert page.locator("#sections [aria-current]").count() == 1


@pytest.mark.parametrize(
    "link", ["#nowhere", "#compare?from=httpx==99&kind=constructor", "#release/%E0", "#behaviour/constructor"]
)
def test_link_to_what_is_not_there_opens_the_page(visit, link):
    """What a link names and there is not, is as the page opens."""
    page = visit(link)
    assert page.inner_text("h1") == "What changes for me"
    assert page.evaluate("fragmentOf(STATE)") == "compare"


def test_history_goes_back(visit):
    """Going back shows what was shown before."""
    page = visit("#compare?from=httpx==0.1&to=httpx==0.3")
    follow(page, "#sections >> text=Behaviours")
    assert page.inner_text("h1") == "Every behaviour in every release"
    page.go_back()
    until(page, "document.querySelector('h1').textContent === 'What changes for me'")
    assert page.input_value("#from") == "httpx==0.1"


def test_release_has_its_own_section(visit, real):
    """Each release is a section with an anchor, which a link scrolls to; it says what changed after the one before."""
    page = visit("#release/httpx-0.14.0", real)
    assert page.locator("#result section.release").count() == page.evaluate("HISTORY.releases.length")
    section = page.locator('[id="release/httpx-0.14.0"]')
    assert section.evaluate("node => Math.abs(node.getBoundingClientRect().top)") < 100
    assert re.search(r"\d+ behaviours changed after httpx 0\.13\.3\.", section.inner_text())
    assert section.locator("details").count() > 10
    follow(page, "text=Compare httpx 0.13.3 with it")
    assert (page.input_value("#from"), page.input_value("#to")) == ("httpx==0.13.3", "httpx==0.14.0")


def test_strip_covers_every_release(visit):
    """A strip has a segment for each run of releases that answer alike, and letters that return with the answer."""
    page = visit("#behaviour/asking/passing")
    assert page.locator(".full .segment").evaluate_all("all => all.map((one) => one.ariaLabel)") == [
        "A · httpx 0.1, 1 release: 1",
        "B · httpx 0.2, 1 release: true",
        "A · httpx 0.3, 1 release: 1",
        "× · httpx 0.4, 1 release: not run: not-installable: It cannot be built.",
        "A · httpx2 2.0 – 2.1, 2 releases: 1",
    ]
    page.focus(".full .segment >> nth=1")
    assert page.inner_text(".caption") == "B · httpx 0.2, 1 release: true"
    page.hover(".full .segment >> nth=4")
    assert page.inner_text(".caption").startswith("A · httpx2 2.0 – 2.1")
    page.click(".full .segment >> nth=1")
    assert page.evaluate("document.activeElement.className") == "epoch"


def test_strips_of_the_list_hold_every_release(visit, real):
    """In the list every strip holds every release of every line."""
    page = visit("#behaviours", real)
    assert page.locator(".small").count() == page.evaluate("Object.keys(DATA.behaviours).length")
    grown = page.evaluate(
        """() => new Set([...document.querySelectorAll(".small")].map((strip) =>
            [...strip.querySelectorAll(".segment")].reduce((sum, one) => sum + Number(one.style.flexGrow), 0))).size"""
    )
    assert grown == 1


def test_absent_is_told_by_what_lacks(visit):
    """A release that lacks something is told once, with what cannot be asked there."""
    page = visit("#compare?from=httpx==0.1&to=httpx==0.3")
    entry = page.locator(".group.absent details")
    assert entry.locator(".question").inner_text() == "httpx 0.1 has no sync client"
    entry.locator("summary").click()
    assert "closing/late What needs the sync client." in entry.inner_text()
    page = visit("#behaviour/closing/late")
    assert (
        page.locator(".full .segment").first.get_attribute("aria-label")
        == "– · httpx 0.1, 1 release: absent: no sync client"
    )


def test_release_that_did_not_run_is_said(visit):
    """Where a release did not run, the sentence says so and the reason stands below, as in the grid of cells."""
    page = visit("#compare?from=httpx==0.4&to=httpx==0.3")
    assert page.inner_text("#answer") == "Nothing can be compared: httpx 0.4 did not run."
    assert "not-installable: It cannot be built." in page.inner_text("#result")
    follow(page, "#sections >> text=Cells")
    assert page.locator("td.failed").all_inner_texts() == ["✗ not-installable"]
    assert "httpx 0.4 on Python 3.11: not-installable. It cannot be built." in page.inner_text(".reasons")


def test_cell_that_was_never_run_is_not_blank(visit):
    """A release without a cell under some Python says so in the grid."""
    data = small()
    data["cells"].append(cell("httpx==0.1", python="3.9"))
    page = visit("#cells", data)
    assert page.locator(".grid").first.locator("thead th").all_inner_texts() == ["release", "3.9", "3.11"]
    assert page.locator(".grid").first.locator("tbody tr").nth(1).inner_text().split("\t") == [
        "0.2",
        "· not run",
        "✓ ran",
    ]


def test_given_comparison_is_shown_as_it_is(visit):
    """A page that was made for one comparison opens on it and shows it as given, whatever the stored answers say."""
    data = small()
    given = {"format": 1, "from": "httpx==0.3", "to": "httpx==0.3 from ../httpx", "unchanged": 7}
    given |= {name: [] for name in ("passing", "absent", "deprecations", "not_run")}
    given["changes"] = [
        {
            "behaviour": "asking/answer",
            "title": "What a request answers.",
            "area": "asking",
            "kind": "unexplained",
            "at": [],
            "before": 1,
            "after": 2,
            "why": [],
            "do": [],
        }
    ]
    page = visit("", data | {"comparison": given})
    assert page.inner_text("h1") == "What changes from httpx 0.3 to httpx 0.3 from ../httpx"
    assert page.inner_text("#answer") == "1 behaviour changes: 1 unexplained change. 7 stay as they are."
    assert questions(page) == ["What a request answers."]
    assert page.is_hidden("#sides")


def test_claims_are_told_with_their_verdicts(visit, real):
    """Each claim of the advisory has its verdict, and opens to what was expected, what was found, and where."""
    page = visit("#advisory", real)
    claims = page.evaluate("DATA.advisory.claims")
    assert page.locator(".claim .verdict").all_inner_texts() == [claim["verdict"] for claim in claims]
    page.click("#unfold")
    assert page.locator(".claim .epoch").count() == sum(len(claim["evidence"]) for claim in claims)
    first = claims[0]["evidence"][0]
    assert page.locator(".claim .epoch").first.locator("dd").all_inner_texts() == [first["expected"], first["found"]]
    assert "is the earliest that is safe" in page.inner_text(".advice")


def test_keyboard_reaches_everything(visit):
    """Tab goes from the skip link through sections, choices and filters to the entries; Enter opens one."""
    page = visit("#compare?from=httpx==0.1&to=httpx==0.3&kind=fix")
    page.evaluate("window.scrollTo(0, 0)")
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "(({ id, className, tagName, textContent }) =>"
                " id || className || (tagName === 'A' ? textContent : tagName))(document.activeElement)"
            )
        )
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        if reached[-1] == "SUMMARY":
            break
    assert reached == [
        *["skip", "Compare", "Releases", "Behaviours", "Cells", "from", "swap", "to", "1 unexplained change", "1 fix"],
        *["search", "area", "kind", "reset", "unfold", "SUMMARY"],
    ]
    page.keyboard.press("Enter")
    assert page.locator("details[open] table").count() == 1


def test_skip_link_leads_to_the_result(visit):
    """The skip link goes past the controls and leaves the link of the page as it is."""
    page = visit("#compare?from=httpx==0.1&to=httpx==0.3")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "result"
    assert fragment(page) == "#compare?from=httpx==0.1&to=httpx==0.3"


def test_all_opens_and_closes(visit):
    """One button opens every entry that is shown, and closes them again."""
    page = visit("#compare?from=httpx==0.1&to=httpx==0.3")
    page.click("#unfold")
    assert page.locator("#result details:not([open])").count() == 0
    page.click("#unfold")
    assert page.locator("#result details[open]").count() == 0
