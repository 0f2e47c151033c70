"""Pull requests of Dependabot and Renovate, as they write them."""

import pytest

from repro.kit.ci import bots


def event(login, title, body=""):
    """The event of a pull request."""
    return {"pull_request": {"user": {"login": login}, "title": title, "body": body}}


DEPENDABOT, RENOVATE = "dependabot[bot]", "renovate[bot]"
GROUP = """Bumps the python group with 2 updates: [httpx](https://github.com/encode/httpx) and [flask](https://x.example).

Updates `httpx` from 0.27.2 to 0.28.1
<details>
<summary>Release notes</summary>
Bumps `httpcore` from 1.0.1 to 1.0.2
</details>

Updates `flask` from 3.1.0 to 3.1.3
"""
TOGETHER = """Bumps [h11](https://x.example) and [httpcore](https://x.example).
These dependencies needed to be updated together.
Updates `h11` from 0.14.0 to 0.16.0

Updates `httpcore` from 1.0.7 to 1.0.9.
"""
TABLE = """Bumps the python group with 4 updates:

| Package | From | To |
| --- | --- | --- |
| [flask](https://x.example) | `3.1.0` | `3.1.3` |
| [httpcore](https://github.com/encode/httpcore) | `1.0.7` | `1.0.9` |
"""
CHANGE = """This PR contains the following updates:

| Package | Type | Update | Change |
|---|---|---|---|
| [httpx](https://x.example/httpx) ([changelog](https://x.example/log)) | project | minor | `==0.27.2` {} `==0.28.1` |

---

### Release Notes

Update dependency httpcore to v9
"""


@pytest.mark.parametrize(
    ("login", "title", "body", "moves"),
    [
        (DEPENDABOT, "Bump httpx from 0.27.2 to 0.28.1", "", {"httpx": ("0.27.2", "0.28.1")}),
        (DEPENDABOT, "build(deps): bump httpx from 0.16.1 to 0.17.1 in /service", "", {"httpx": ("0.16.1", "0.17.1")}),
        (
            DEPENDABOT,
            "Update httpx requirement from <0.28,>=0.25 to >=0.25,<0.29",
            "",
            {"httpx": ("<0.28,>=0.25", ">=0.25,<0.29")},
        ),
        (DEPENDABOT, "Bump the python group with 2 updates", GROUP, {"httpx": ("0.27.2", "0.28.1")}),
        (
            DEPENDABOT,
            "Bump the python group across 1 directory with 4 updates",
            TABLE,
            {"flask": ("3.1.0", "3.1.3"), "httpcore": ("1.0.7", "1.0.9")},
        ),
        (
            DEPENDABOT,
            "Bump h11 and httpcore",
            TOGETHER,
            {"h11": ("0.14.0", "0.16.0"), "httpcore": ("1.0.7", "1.0.9")},
        ),
        (RENOVATE, "chore(deps): update dependency httpx to v0.28.1", "", {"httpx": (None, "0.28.1")}),
        (RENOVATE, "Update python", CHANGE.format("->"), {"httpx": ("==0.27.2", "==0.28.1")}),
        ("github-renovate-self-hosted", "x", CHANGE.format("→"), {"httpx": ("==0.27.2", "==0.28.1")}),
        (RENOVATE, "Update dependency HTTPX2 to v2.1.0", "", {"httpx2": (None, "2.1.0")}),
    ],
)
def test_what_a_bot_moves_is_what_it_says(login, title, body, moves):
    """Each form of Dependabot and Renovate yields what moves, and not what the release notes tell."""
    bot = bots.recognise(event(login, title, body))
    assert bot.moves == moves
    assert bot.concerns


@pytest.mark.parametrize(
    ("title", "concerns"),
    [
        ("Bump flask from 3.1.0 to 3.1.3", False),
        ("Update dependency flask to v3.1.3", False),
        ("Bump the python group with 2 updates", True),
        ("Lock file maintenance", True),
        ("Bump flask from 3.1.0 to 3.1.3, with its indirect dependencies", True),
    ],
)
def test_what_moves_something_else_does_not_concern_the_kit(title, concerns):
    """A bot that names others only is left at once; one that names nothing is looked at."""
    assert bots.recognise(event(DEPENDABOT, title)).concerns is concerns


@pytest.mark.parametrize(
    "given",
    [event("somebody", "Bump httpx from 0.27.2 to 0.28.1"), {}, {"pull_request": {"user": None, "title": None}}],
)
def test_people_are_no_bots(given):
    """What a person writes decides nothing: their locks do."""
    assert bots.recognise(given) is None


def test_bot_that_says_nothing_is_looked_at():
    """A pull request without a text is looked at."""
    assert bots.recognise({"pull_request": {"user": {"login": RENOVATE}, "title": None, "body": None}}).concerns
