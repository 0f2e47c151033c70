"""A comparison as text."""

import re

import pytest
from scenes import SCENES
from stage import golden

from repro.kit.report import text
from repro.kit.report.terminal import Paint

PLAIN = Paint(coloured=False)


@pytest.mark.parametrize("scene", SCENES)
def test_text_is_as_it_was_read(scenes, snapshot, scene):
    """Each scene reads as the golden file that somebody has read."""
    said = text.text(scenes.body(scene), width=100, paint=PLAIN)
    assert said.encode() == snapshot(extension_class=golden("txt"))


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_steers_the_terminal(scenes, scene):
    """Whatever an answer holds, only printable characters and line breaks are written."""
    said = text.text(scenes.body(scene), width=100, paint=PLAIN)
    assert [line for line in said.split("\n") if not line.isprintable()] == []


@pytest.mark.parametrize("scene", SCENES)
def test_verdict_is_where_it_is_seen(scenes, scene):
    """In a terminal the verdict comes last, in a file first."""
    body = scenes.body(scene)
    word = body["verdict"]["says"].partition(":")[0]
    assert text.text(body, width=100, paint=PLAIN).rpartition("\n\n")[2].startswith(word)
    assert text.text(body, width=100, paint=PLAIN, last=False).startswith(word)


@pytest.mark.parametrize("scene", SCENES)
def test_colour_changes_nothing_but_colour(scenes, scene):
    """The coloured text is the plain one with colours."""
    body = scenes.body(scene)
    coloured = text.text(body, width=100, paint=Paint(coloured=True))
    assert re.sub(r"\x1b\[\d*m", "", coloured) == text.text(body, width=100, paint=PLAIN)
    assert "\x1b[" in coloured


def test_few_behaviours_are_named_and_many_are_counted():
    """Up to ten behaviours are named; more are counted by area."""
    assert text.listed(["b/1", "a/2"]) == "b/1, a/2"
    assert text.listed([f"b/{number}" for number in range(10)] + ["a/1"]) == "1 of a, 10 of b"
