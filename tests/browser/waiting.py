"""Waits for what a page does by itself."""


def until(page, happened):
    """Wait in a page until an expression of JavaScript is true.

    Playwright's own wait makes the page evaluate text, which the page's policy refuses.
    """
    page.evaluate(
        f"new Promise((done) => {{ (function look() {{ ({happened}) ? done() : requestAnimationFrame(look); }})(); }})"
    )
