"""The fixtures of the browser's tests: a headless Chromium, and pages in it that may ask nothing of any network."""

import shutil

import pytest
from planted import small, stored
from playwright.sync_api import sync_playwright

from repro.kit.report import page as report

#: The names by which Chromium is installed.
CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def pytest_addoption(parser):
    """`--pictures` writes the pictures of the page, which the README shows."""
    parser.addoption("--pictures", action="store_true", help="write .github/pictures/*.png")


def pytest_configure(config):
    """Without a Chromium nothing here can be tried, and that is an error."""
    if not any(map(shutil.which, CHROMIUM)):
        raise pytest.UsageError(
            f"There is no Chromium on the path ({', '.join(CHROMIUM)}).\n  Install it with: apt-get install chromium"
        )


@pytest.fixture(scope="session")
def chromium():
    """The browser."""
    path = next(filter(None, map(shutil.which, CHROMIUM)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def real():
    """The text of the page about everything that is stored."""
    return report.html(stored())


@pytest.fixture
def visit(chromium, tmp_path):
    """Opens a page at a link: `visit(fragment, data or text, **context)`; afterwards it has said and asked nothing.

    `visit.heard` holds what its console said so far.
    """
    contexts = []
    heard = []
    asked = []
    files = {}

    def make(fragment="", what=None, **options):
        text = what if isinstance(what, str) else report.html(small() if what is None else what)
        file = files.setdefault(text, tmp_path / f"page-{len(files)}.html")
        file.write_text(text, encoding="utf-8")
        context = chromium.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"} | options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"uncaught: {error}"))
        page.on("request", lambda request: asked.append(request.url.partition("#")[0]))
        page.goto(file.as_uri() + fragment)
        page.wait_for_selector("#result > *")
        return page

    make.heard = heard
    yield make
    for context in contexts:
        context.close()
    assert heard == []
    assert set(asked) == {file.as_uri() for file in files.values()}
