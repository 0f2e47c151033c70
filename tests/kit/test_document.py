"""The document of a comparison, and the schema that describes it."""

import json

import pytest
from scenes import SCENES, SCHEMA, SYNC, VALIDATOR, wrong
from stage import golden

from repro.kit.report import document


def test_schema_is_one():
    """The schema follows the schema of schemas."""
    VALIDATOR.check_schema(SCHEMA)


@pytest.mark.parametrize("scene", SCENES)
def test_document_is_as_it_was_read(scenes, snapshot, scene):
    """Each scene is the golden document that somebody has read, and the schema describes it."""
    body = scenes.body(scene)
    assert wrong(body) == []
    said = json.dumps(body, indent=1, ensure_ascii=False) + "\n"
    assert said.encode() == snapshot(extension_class=golden("json"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda body: body.update(format=2),
        lambda body: body.update(surprise=1),
        lambda body: body.pop("verdict"),
        lambda body: body["changes"][0].update(kind="surprise"),
        lambda body: body["changes"][0].update(at=["0.2"]),
        lambda body: body["absent"][0].update(before=1),
        lambda body: body["acceptance"][0].update(expires="soon"),
        lambda body: body["verdict"].update(code=2),
    ],
)
def test_schema_finds_what_is_wrong(scenes, damage):
    """A document of another form is not one, a date that is none included."""
    body = scenes.body("accepted")
    damage(body)
    assert wrong(body) != []


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        ("hostile", "CHANGED: httpx==0.1 to httpx==0.2: 9 behaviours changed, 2 there on one side only, 2 unchanged."),
        ("unchanged", "UNCHANGED: httpx==0.2 to httpx==0.2: 0 behaviours changed, 17 unchanged. Exit code 0."),
        ("downgrade", "NOTHING FAILS: httpx==0.3 to httpx2==2.0: "),
        ("not-run", "NOT COMPLETE: httpx==0.4 to httpx==1.0.dev1: "),
        ("doubtful", "NOT COMPLETE: httpx==0.1 to httpx==0.2: 8 behaviours changed, "),
    ],
)
def test_verdict_is_a_sentence(scenes, scene, said):
    """The verdict says in a sentence what the comparison comes to, and its exit code."""
    body = scenes.body(scene)
    assert body["verdict"]["says"].startswith(said)
    assert body["verdict"]["says"].endswith(f" Exit code {body['verdict']['code']}.")


def test_verdict_counts_what_is_accepted_stale_and_expired(scenes):
    """What is accepted, and which entries do not hold any more, is part of the verdict."""
    says = scenes.body("accepted")["verdict"]["says"]
    assert "; 4 accepted; 1 accepted change stale; 1 accepted change expired. Exit code 1." in says


def test_what_is_gone_is_told_by_capability(scenes):
    """What is absent is told once for each capability, the most first, with reasons only where not told yet."""
    body = scenes.body("stored")
    ((group),) = document.absences(body)
    assert (group["capability"], group["kind"], len(group["behaviours"])) == ("sync client", "removal", 12)
    assert (group["why"], group["do"]) == ([], [])
    body["changes"] = [entry for entry in body["changes"] if entry["behaviour"] != SYNC]
    ((group),) = document.absences(body)
    assert [why["changed"] for why in group["why"]] == ["There is no sync client."]


def test_what_hurts_most_is_the_first_section(scenes):
    """The kinds come in the order of what hurts, what went with a capability among them."""
    found = [(kind, len(changes), len(groups)) for kind, changes, groups in document.sections(scenes.body("stored"))]
    assert found == [("removal", 2, 1), ("fix", 1, 0)]


def test_packages_of_stored_sides_are_not_known(scenes):
    """What is stored ran with whatever packages; of records each package that differs is told, Python first."""
    assert document.packages(scenes.body("stored")) == ([], 0)
    body = scenes.body("hostile")
    body["python"]["to"] = "3.12.1"
    assert document.packages(body) == (
        [("Python", "3.11.7", "3.12.1"), ("h11", "0.1", "0.2"), ("only-here", "1", "-"), ("only-there", "-", "1")],
        1,
    )
