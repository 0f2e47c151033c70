"""A comparison as JUnit XML."""

import random
import xml.etree.ElementTree as ET

import pytest
from scenes import HOSTILE, SCENES, STEERING
from stage import golden

from repro.kit.report import junit

COUNTED = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}


@pytest.mark.parametrize("scene", SCENES)
def test_junit_is_as_it_was_read(scenes, snapshot, scene):
    """Each scene is the golden file that somebody has read."""
    assert junit.junit(scenes.body(scene)).encode() == snapshot(extension_class=golden("xml"))


@pytest.mark.parametrize("scene", SCENES)
def test_counts_add_up(scenes, scene):
    """What a suite counts is in it, what the whole counts is in the suites, and each failure is one that fails."""
    body = scenes.body(scene)
    root = ET.fromstring(junit.junit(body))
    for attribute, tag in COUNTED.items():
        assert sum(int(suite.get(attribute)) for suite in root) == int(root.get(attribute))
        assert [int(suite.get(attribute)) for suite in root] == [len(list(suite.iter(tag))) for suite in root]
    assert int(root.get("failures")) == len(body["verdict"]["failing"]) + len(body["acceptance"])
    assert int(root.get("errors")) == len(body["not_run"])
    parts = ("changes", "passing", "absent", "deprecations", "not_run", "acceptance")
    assert int(root.get("tests")) == sum(len(body[part]) for part in parts)
    assert root.get("name") == body["verdict"]["says"]


@pytest.mark.parametrize("scene", SCENES)
def test_suites_are_areas_in_order(scenes, scene):
    """There is one suite an area, in the order of their names."""
    names = [suite.get("name") for suite in ET.fromstring(junit.junit(scenes.body(scene)))]
    assert names == sorted(set(names))


def test_any_answer_is_well_formed(scenes):
    """Whatever is in an answer, a note or a name, the file parses, and what XML can hold comes back."""
    anything = random.Random(7)
    body = scenes.body("accepted")
    characters = [chr(number) for number in (*range(1, 160), 0x2028, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x1F600)]
    for text in (HOSTILE, STEERING, "]]>", "<![CDATA[", "&amp;", "".join(characters)):
        body["changes"][0].update(before=text, after=[text], behaviour=f"area/{text}", area=text)
        body["changes"][0]["why"] = [{"changed": text, "back": anything.random() < 0.5}]
        body["verdict"]["failing"] = [f"area/{text}"]
        root = ET.fromstring(junit.junit(body).encode())
        cases = [case for case in root.iter("testcase") if case.find("failure") is not None]
        assert any(case.get("name") == junit._fit(f"area/{text}") for case in cases)
    for _ in range(50):
        text = "".join(anything.choices(characters, k=20))
        body["changes"][0].update(before=text, after=0)
        ET.fromstring(junit.junit(body).encode())
