"""Waits for what a page does by itself."""

#: Looks with every frame whether something has happened, and gives up after ten seconds.
LOOK = """new Promise((done, fail) => {
    const end = performance.now() + 10_000;
    (function look() {
        if (%(happened)s) done();
        else if (performance.now() > end) fail(new Error(%(happened)r + " did not become true"));
        else requestAnimationFrame(look);
    })();
})"""


def until(page, happened):
    """Wait in a page until an expression of JavaScript is true.

    Playwright's own wait makes the page evaluate text, which the page's policy refuses.
    """
    page.evaluate(LOOK % {"happened": happened})
