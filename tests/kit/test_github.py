"""A comparison as workflow commands."""

import re
from collections import Counter

import pytest
from scenes import HOSTILE, SCENES, STEERING
from stage import golden

from repro.kit.report import github

COMMAND = re.compile(r"::(error|warning|notice) title=([^:,]*)::(.*)")


@pytest.mark.parametrize("scene", SCENES)
def test_annotations_are_as_they_were_read(scenes, snapshot, scene):
    """Each scene is the golden log that somebody has read."""
    assert github.github(scenes.body(scene)).encode() == snapshot(extension_class=golden("log"))


def annotations(said):
    """The level, title and message of each annotation, and the lines of the log beside them."""
    commands = [COMMAND.fullmatch(line) for line in said.splitlines()]
    lines = [line for line, command in zip(said.splitlines(), commands, strict=True) if not command]
    return [command.groups() for command in commands if command], lines


@pytest.mark.parametrize("scene", SCENES)
def test_verdict_is_the_first_annotation(scenes, scene):
    """The verdict comes first, as an error where the code is not 0."""
    body = scenes.body(scene)
    ((level, _, message), *_), _ = annotations(github.github(body))
    assert message == github._data(body["verdict"]["says"])
    assert level == ("error" if body["verdict"]["code"] else "notice")


def test_nothing_is_beyond_what_is_shown_and_nothing_is_dropped(scenes):
    """GitHub shows ten annotations a level: those that hurt most, and the rest is in a group of the log."""
    body = scenes.body("accepted")
    body["changes"] = [body["changes"][0] | {"behaviour": f"area/{number}"} for number in range(25)]
    body["verdict"]["failing"] = [f"area/{number}" for number in range(12)]
    body["deprecations"] = [{"behaviour": f"area/{number}", "warning": HOSTILE, "until": None} for number in range(11)]
    shown, lines = annotations(github.github(body))
    assert Counter(level for level, _, _ in shown) == {"error": 10, "notice": 10, "warning": 10}
    assert lines[-1] == "::endgroup::"
    assert lines[0] == f"::group::{len(lines) - 2} more than GitHub shows as annotations"
    told = " ".join(title for _, title, _ in shown) + " " + " ".join(lines)
    assert all(re.search(rf"area/{number}\b", told) for number in range(25))


@pytest.mark.parametrize("text", [HOSTILE, STEERING, "\r::error::x", "%0A::warning::x", "##[error]x", "::endgroup::"])
def test_no_answer_gives_a_command(scenes, text):
    """Whatever is in an answer, a note or a name, no line of it begins a command, nor holds one of the old form."""
    body = scenes.body("hostile")
    body["changes"] = [
        body["changes"][0] | {"behaviour": f"area/{text}", "before": text, "after": 0, "accepted": [text]}
        for _ in range(15)
    ]
    said = github.github(body)
    assert "\r" not in said
    shown, lines = annotations(said)
    assert len(shown) >= 10
    assert [line for line in lines if "::" in line] == [lines[0], "::endgroup::"]
    assert not any("##[" in line for line in lines)


def test_message_comes_back_as_it_was():
    """What a command escapes is what the runner takes back."""
    text = "100 %, a: b\r\nc %0A"
    assert github._data(text).replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%") == text
    assert github._property("a: b, c") == "a%3A b%2C c"
