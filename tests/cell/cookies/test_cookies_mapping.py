"""`Cookies` as a mapping: reading and changing it, also where two cookies have one name."""

from http.cookiejar import CookieJar

import pytest

from repro.cell import outcomes
from repro.cell.asking import answer
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("cookies")


@pytest.fixture
def two(values):
    """A function: cookies of one name for two domains, and one of another name for a path."""

    def make():
        cookies = httpx.Cookies()
        cookies.set("session", values["ORG"], domain="example.org")
        cookies.set("session", values["COM"], domain="example.com", path="/a")
        cookies.set("theme", values["THEME"], domain="example.org", path="/a")
        return cookies

    return make


@pytest.fixture
def left(two, values):
    """A function: the cookies that are left after a change, or how it ended."""

    def after(change):
        cookies = two()
        change(cookies)
        return [f"{c.name}={values.labelled(c.value)} {c.domain}{c.path}" for c in cookies.jar]

    return lambda change: answer(lambda: after(change))


def delete_item(cookies, name):
    """Delete a cookie by its name."""
    del cookies[name]


def test_made_from(observe, values):
    """What `Cookies` can be made from."""
    jar = CookieJar()
    forms = {
        "nothing": httpx.Cookies,
        "None": lambda: httpx.Cookies(None),
        "dict": lambda: httpx.Cookies({"session": values["A"]}),
        "list of pairs": lambda: httpx.Cookies([("session", values["A"])]),
        "tuple of pairs": lambda: httpx.Cookies((("session", values["A"]),)),
        "Cookies": lambda: httpx.Cookies(httpx.Cookies({"session": values["A"]})),
        "CookieJar": lambda: httpx.Cookies(jar),
        "text": lambda: httpx.Cookies(f"session={values['A']}"),
        "a value that is a number": lambda: httpx.Cookies({"session": 1}),
        "a value that is None": lambda: httpx.Cookies({"session": None}),
    }
    observe({form: answer(lambda make=make: [list(item) for item in make().items()]) for form, make in forms.items()})


def test_jar(observe):
    """The jar of a `Cookies`: its class, and whether it is the one that it was made from."""
    jar = CookieJar()
    observe(
        {
            "class": answer(lambda: type(httpx.Cookies().jar).__name__),
            "is a CookieJar": answer(lambda: isinstance(httpx.Cookies().jar, CookieJar)),
            "the one given": answer(lambda: httpx.Cookies(jar).jar is jar),
        }
    )


def test_missing(observe):
    """A cookie that is not there."""

    def delete():
        delete_item(httpx.Cookies(), "session")

    observe(
        {
            "cookies[name]": answer(lambda: httpx.Cookies()["session"]),
            "get": answer(lambda: httpx.Cookies().get("session")),
            "get with a default": answer(lambda: httpx.Cookies().get("session", "none")),
            "in": answer(lambda: "session" in httpx.Cookies()),
            "del": answer(delete),
            "delete": answer(lambda: httpx.Cookies().delete("session")),
            "pop": answer(lambda: httpx.Cookies().pop("session")),
        }
    )


def test_conflict(observe, two, values):
    """Reading a cookie of a name that two domains have."""

    def read(get):
        found = answer(lambda: get(two()))
        return values.labelled(found) if isinstance(found, str) else found

    observe(
        {
            "cookies[name]": read(lambda c: c["session"]),
            "get": read(lambda c: c.get("session")),
            "get of a domain": read(lambda c: c.get("session", domain="example.com")),
            "get of a path": read(lambda c: c.get("session", path="/a")),
            "in": read(lambda c: "session" in c),
        }
    )


def test_conflict_caught(observe, two):
    """What catches the error about a cookie of a name that two domains have."""
    observe(outcomes.caught(lambda: two().get("session")))


def test_size(observe, two):
    """The names of three cookies of which two have one name, and how many there are."""
    observe(
        {
            "iteration": answer(lambda: list(two())),
            "keys": answer(lambda: sorted(two().keys())),
            "len": answer(lambda: len(two())),
            "true": answer(lambda: bool(two())),
            "true when empty": answer(lambda: bool(httpx.Cookies())),
        }
    )


def test_set(observe, left, values):
    """Setting a cookie: for no domain, for one that has it, and by its name."""

    def set_item(cookies):
        cookies["session"] = values["NEW"]

    observe(
        {
            "for no domain": left(lambda c: c.set("session", values["NEW"])),
            "for one that has it": left(lambda c: c.set("session", values["NEW"], domain="example.org")),
            "by its name": left(set_item),
        }
    )


def test_delete(observe, left):
    """Deleting cookies, by name, by domain and by path."""
    observe(
        {
            "by name": left(lambda c: c.delete("session")),
            "by name and domain": left(lambda c: c.delete("session", domain="example.com")),
            "by name and path": left(lambda c: c.delete("session", path="/a")),
            "by name, that no domain has": left(lambda c: c.delete("other")),
            "del": left(lambda c: delete_item(c, "session")),
        }
    )


def test_clear(observe, left):
    """Clearing cookies, of all domains, of one, and of a path."""
    observe(
        {
            "all": left(lambda c: c.clear()),
            "a domain": left(lambda c: c.clear(domain="example.org")),
            "a path of a domain": left(lambda c: c.clear(domain="example.org", path="/a")),
            "a domain that has none": left(lambda c: c.clear(domain="example.net")),
            "a path alone": left(lambda c: c.clear(path="/a")),
        }
    )


def test_update(observe, left, values):
    """Updating cookies with others."""
    observe(
        {
            "dict": left(lambda c: c.update({"session": values["NEW"]})),
            "list of pairs": left(lambda c: c.update([("session", values["NEW"])])),
            "Cookies": left(lambda c: c.update(httpx.Cookies({"session": values["NEW"]}))),
            "None": left(lambda c: c.update(None)),
        }
    )


def test_equal(observe):
    """What a `Cookies` with one cookie is equal to."""
    observe(
        {
            "the same": answer(lambda: httpx.Cookies({"a": "1"}) == httpx.Cookies({"a": "1"})),
            "a dict": answer(lambda: httpx.Cookies({"a": "1"}) == {"a": "1"}),
            "another value": answer(lambda: httpx.Cookies({"a": "1"}) == httpx.Cookies({"a": "2"})),
        }
    )


def test_repr(observe, two, values):
    """The `repr` of cookies, and whether their values are in it."""

    def told():
        text = repr(two())
        # Without one of its own it has an address, which is another in every run.
        return values.labelled(text) if "0x" not in text else "Python's own"

    observe(answer(told))


def test_delete_exactly(observe, left):
    """Deleting a cookie by its name, its domain and its path, and one that is at another path."""
    paths = ("/", "/elsewhere")
    observe({path: left(lambda c, path=path: c.delete("session", domain="example.org", path=path)) for path in paths})
