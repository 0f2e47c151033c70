"""Everything that is stored, compared release by release."""

import itertools

from scenes import TODAY, wrong
from stage import compared_here, stored_here

from repro.kit import acceptance, comparison
from repro.kit.report import document


def test_every_stored_release_can_be_compared():
    """Each release that ran has an answer or a lack for every stored behaviour, so none is passed over in silence."""
    releases, store, known = stored_here()
    ran = [found for found in releases.all if not known.why_not(found)]
    for found in ran:
        side = comparison.stored(found, store, known)
        assert known.behaviours.keys() - side.answers.keys() - side.absent.keys() == set(), found


def test_every_stored_change_of_a_release_says_where_it_happened():
    """Between stored releases each change, and each coming or going, has its release on the way and its note."""
    for before, after in (("0.7.4", "httpx2"), ("httpxyz", "1.0.dev1")):
        found = compared_here(before, after)
        changed = [*found.changes, *(change for change in found.absent if change.kind)]
        assert changed
        assert [change.behaviour for change in changed if not change.crossings] == []
        assert [change.behaviour for change in changed if not all(x.note for x in change.crossings)] == []


def test_documents_of_stored_releases_follow_the_schema():
    """The comparison of stored releases, near and far, has the form that the schema describes, both ways."""
    _, _, known = stored_here()
    names = ["0.7.0", "1.0.dev1", "httpx2"]
    upgrades = list(itertools.pairwise(names))
    for before, after in [*upgrades, *((after, before) for before, after in upgrades), (names[-1], names[-1])]:
        found = compared_here(before, after)
        body = document.document(found, acceptance.judge(found, [], today=TODAY))
        assert wrong(body) == []
        parts = ("changes", "passing", "absent")
        asked = sum(len(body[part]) for part in parts) + body["unchanged"]
        assert asked + len({entry["behaviour"] for entry in body["not_run"]}) == len(known.behaviours)
