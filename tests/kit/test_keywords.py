"""What a call gives, by name, by place and through `**`, and what functions of the project pass on."""

import pytest


@pytest.fixture
def given(finder):
    """What the calls of a project give, by line: names, and whether that is all."""

    def find(text, path="Client", signatures=None):
        found = finder({"app.py": "import httpx\n" + text}, signatures=signatures)
        return {
            use.line: ({name: each.line for name, each in use.keywords.named.items()}, use.keywords.whole, use.via)
            for use in found.uses
            if use.path == path and use.keywords
        }

    return find


@pytest.mark.parametrize(
    ("text", "line", "names", "whole"),
    [
        ("httpx.Client(\n    proxies=1,\n)", 2, {"proxies": 3}, True),
        ("httpx.Client(**{'proxies': 1})", 2, {"proxies": 2}, True),
        ("httpx.Client(**dict(proxies=1))", 2, {"proxies": 2}, True),
        ("httpx.Client(**dict({'a': 1}, **{'proxies': 1}))", 2, {"a": 2, "proxies": 2}, True),
        ("k = {\n  'proxies': 1}\nhttpx.Client(**k)", 4, {"proxies": 3}, True),
        ("k = {}\nk['proxies'] = 1\nhttpx.Client(**k)", 4, {"proxies": 3}, True),
        ("k: dict = {}\nk.update(proxies=1)\nk.update({'a': 1})\nhttpx.Client(**k)", 5, {"proxies": 3, "a": 4}, True),
        ("k = {}\nk.setdefault('proxies', 1)\nhttpx.Client(**k)", 4, {"proxies": 3}, True),
        ("k = {}\nk |= {'proxies': 1}\nhttpx.Client(**k)", 4, {"proxies": 3}, True),
        ("k = {}\nk[str(1)] = 1\nhttpx.Client(**k)", 4, {}, False),
        ("k = {'a': 1}\nhttpx.Client(**{**k, 'proxies': 1})", 3, {"a": 2, "proxies": 3}, True),
        ("k = {'a': 1}\nhttpx.Client(**(k if 1 else {'b': 1}))", 3, {"a": 2, "b": 3}, True),
        ("k = {'a': 1}\nhttpx.Client(**(k or {'b': 1}))", 3, {"a": 2, "b": 3}, True),
        ("k = {'a': 1}\nhttpx.Client(**(k | {'b': 1}))", 3, {"a": 2, "b": 3}, True),
        ("k = {'a': 1}\nhttpx.Client(**k.copy())", 3, {"a": 2}, True),
        ("k = {'a': 1}\nk = {**k, 'b': 1}\nhttpx.Client(**k)", 4, {"a": 2, "b": 3}, True),
        ("def f():\n    k = dict(a=1)\n    httpx.Client(**k)", 4, {"a": 3}, True),
        ("k = {'a': 1}\ndef f():\n    httpx.Client(**k)", 4, {"a": 2}, True),
        ("def f(k):\n    httpx.Client(**k)", 3, {}, False),
        ("httpx.Client(**{str(1): 1})", 2, {}, False),
        ("httpx.Client(**print())", 2, {}, False),
        ("httpx.Client(**unknown)", 2, {}, False),
        ("httpx.Client(*unknown)", 2, {}, False),
        (
            "class A:\n  def __init__(self):\n    self.k = {'a': 1}\n  def f(self):\n    httpx.Client(**self.k)",
            6,
            {"a": 4},
            True,
        ),
        (
            "class A:\n    def f(self):\n        self.k = {**self.k, 'b': 1}\n        httpx.Client(**self.k)",
            5,
            {"b": 4},
            True,
        ),
        ("class A:\n    def f(self):\n        httpx.Client(**self.k)", 4, {}, False),
        ("def f(self):\n    httpx.Client(**self.k)", 3, {}, False),
    ],
)
def test_arguments_are_followed(given, text, line, names, whole):
    """What stands behind `**` is followed to where its keys are written; what cannot be seen is said to be open."""
    assert given(text)[line] == (names, whole, None)


def test_what_is_given_by_place_has_its_name(given):
    """What a call gives by place has the name that the release has for it."""
    found = given("httpx.Timeout(5, 6, 7)", "Timeout", {"Timeout": ["timeout", "connect"]})
    assert found == {2: ({"timeout": 2, "connect": 2}, True, None)}


PASSED_ON = """
def make(verify, **options):
    options.pop("taken")
    del options["too"]
    return httpx.Client(verify=verify, **options)

make(1, proxies=2, taken=3, too=4)
make(verify=1, proxies=2)
make(1)

def outer(**more):
    return make(**more)

outer(proxies=3)

class Base:
    def __init__(self, **options):
        self.client = httpx.Client(**options)
    def call(self, **options):
        return httpx.Client(**options)
    def go(self):
        return self.call(proxies=5)

class Below(Base):
    def other(self):
        return self.call(proxies=6)

Below(proxies=4)
Base(**{"proxies": 7})

def recursive(**options):
    recursive(**options)
    return httpx.Client(**options)

def call(**options):
    return options

call(proxies=8)

def dumps(other, **options):
    other.pop("a")
    del other["b"]
    other.update(a=1)
    other.setdefault("a", 1)
    other |= {}
    return httpx.Client(**options)

import json
json.dumps(proxies=9)
dumps(1, proxies=9)

class Apart:
    def told(self, **options):
        return httpx.Client(**options)
    def go(this, that):
        that.told(proxies=10)

def told(that):
    that.told(proxies=11)

def certain(that: Base, apart: dict):
    that.told(proxies=12)
    apart.told(proxies=12)
    json.told(proxies=12)
    that.told.told()

class Taking(httpx.Client):
    def __init__(self, timeout, **options):
        super().__init__(timeout=timeout, **options)

class Keeping(Taking):
    def __init__(self, timeout):
        super().__init__(timeout)

Taking(timeout=1, proxies=13)
Keeping(timeout=1)
"""


def test_what_is_passed_on_is_followed_to_the_callers(given):
    """What a function of the project passes on by `**` is listed where its callers give it, without what it keeps."""
    found = {line: (names, via) for line, (names, _, via) in given(PASSED_ON).items() if via}
    assert found == {
        8: ({"proxies": 8}, "make"),
        9: ({"proxies": 9}, "make"),
        13: ({}, "make"),
        15: ({"proxies": 15}, "outer"),
        23: ({"proxies": 23}, "call"),
        27: ({"proxies": 27}, "call"),
        29: ({"proxies": 29}, "__init__"),
        30: ({"proxies": 30}, "__init__"),
        33: ({}, "recursive"),
        51: ({"proxies": 51}, "dumps"),
        57: ({"proxies": 57}, "told"),
        60: ({"proxies": 60}, "told"),
        76: ({"proxies": 76}, "__init__"),
    }
