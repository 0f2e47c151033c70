"""A page without a script: its frame and its tables."""

from repro.kit.report import sheet


def test_sheet_is_whole_and_loads_nothing():
    """A page has its title, its parts in order, and a policy that allows no script and no other place."""
    page = sheet.sheet("A & B", ["<p>one</p>", "<p>two</p>"])
    assert page.startswith("<!doctype html>\n")
    assert "<title>A &amp; B</title>" in page
    assert page.index("<h1>A &amp; B</h1>") < page.index("<p>one</p>") < page.index("<p>two</p>")
    assert "default-src 'none'" in page
    for word in ("<script", "http:", "https:", "url(", "@import"):
        assert word not in page


def test_table_is_text():
    """What stands in a cell is text; the first row and the first column head the others."""
    found = sheet.table([("", "a<b"), ("c", "<i>")])
    assert '<th scope="col">a&lt;b</th>' in found
    assert '<tr><th scope="row">c</th><td>&lt;i&gt;</td></tr>' in found
