"""Comparisons to tell in every format: two stored records with hostile content, and what else a comparison may hold.

`python tests/kit/scenes.py` writes the records anew, as `repro.record` writes them.
"""

import copy
import dataclasses
import json
import re
from datetime import date
from pathlib import Path

import jsonschema
from stage import ROOT, accept, record, release

from repro import record as records
from repro.kit import acceptance, comparison
from repro.kit.acceptance import Accepted
from repro.kit.report import document
from repro.record import FORMAT, asks_for

RECORDS = Path(__file__).with_name("records")

#: What no format may take for its own syntax.
HOSTILE = "a | b `tick` ``two`` <script>alert(1)</script> ]]> %0A @name #12 [x](y) *z* ::error::no ##[error]no"
STEERING = "\x1b[2J\x00 one\r\ntwo\n::error title=t::no \u202e \ufffe"
OLD = "DeprecationWarning: `old` | <b> goes; ask @name."
NEVER = "DeprecationWarning: It stays."
TODAY = date(2026, 11, 25)

SCHEMA = json.loads((ROOT / "repro" / "kit" / "report" / "document.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
SYNC = asks_for("sync client")

#: The scenes, in the order in which they are told here.
SCENES = ("hostile", "accepted", "stored", "downgrade", "unchanged", "not-run", "doubtful")


def embedded(page):
    """The data in a page, as text."""
    return re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL).group(1)


def note(behaviour, changed, kind="behaviour", do="Count."):
    """The note of a change."""
    lines = [
        f"[{json.dumps(behaviour)}]",
        f"changed = {json.dumps(changed)}",
        f'kind = "{kind}"',
        'cause = "a | @pull"',
    ]
    return "\n".join([*lines, *([f"do = {json.dumps(do)}"] if do else []), ""])


def hostile(name, number):
    """One of the two stored records: the same questions, and every answer another."""
    parameter = "area/of-`x`|<b>@name"
    observed = {
        "area/plain": number,
        "area/same": "the same",
        "area/boolean": {"answer": 1 if number == 1 else True},
        "area/hostile": HOSTILE if number == 1 else STEERING,
        "area/keys": {f"{HOSTILE}{STEERING}": number, "list": ["kept", HOSTILE] if number == 1 else ["kept", STEERING]},
        "area/long": "x" * 5000 + str(number),
        "area/nothing": None if number == 1 else "",
        parameter: number,
        SYNC: number == 1,
    }
    states = {"area/neither": ("absent", "HTTP/2 | <b>"), "area/held": ("held", None)}
    if number == 1:
        observed["area/gone"] = observed["other/gone"] = 1
        states["area/fails"] = ("held", None)
    else:
        states["area/gone"] = states["other/gone"] = ("absent", "sync client")
        states["area/fails"] = ("failed", f"AssertionError: {HOSTILE}")
    return record(
        name,
        observed,
        "3.11.7",
        states,
        needs={"area/gone": ["sync client"], "other/gone": ["sync client"], "area/neither": ["HTTP/2 | <b>"]},
        packages={"flask": "3.1.3", "h11": f"0.{number}", "only-here" if number == 1 else "only-there": "1"},
        harness=["flask"],
        warnings=[{"behaviour": "area/plain", "category": "DeprecationWarning", "message": HOSTILE}],
    )


def write():
    """Write the records: two that can be compared, and three that cannot be read."""
    for name, number in (("0.1", 1), ("0.2", 2)):
        hostile(name, number).write(RECORDS / f"httpx-{name}.json")
    text = hostile("0.1", 1).dump()
    body = json.loads(text)
    (RECORDS / "damaged.json").write_text(text[: len(text) // 2])
    for name, number in (("too_old", FORMAT - 1), ("too_new", FORMAT + 1)):
        (RECORDS / f"{name}.json").write_text(json.dumps(body | {"format": number}, indent=1, sort_keys=True) + "\n")


class Scenes:
    """Makes the document of a scene, each once.

    Args:
        folder: Makes an empty folder.
        releases: Small release data.
    """

    def __init__(self, folder, releases):
        self.folder = folder
        self.releases = releases
        self.made = {}

    def body(self, name):
        """The document of a scene, which a test may change."""
        if name not in self.made:
            self.made[name] = getattr(self, "_" + name.replace("-", "_"))()
        return copy.deepcopy(self.made[name])

    def _made(self, before, after, store, known, *, entries=(), area=None, fail_on=comparison.HURTS):
        known = known.within(area) if area else known
        found = comparison.compare(before, after, store, known, self.releases)
        judged = acceptance.judge(found, entries, area=area, fail_on=fail_on, today=TODAY)
        return document.document(found, judged, area=area)

    def _hostile(self, *entries, change=None):
        before, after = (records.read(RECORDS / f"httpx-{name}.json") for name in ("0.1", "0.2"))
        # What failed is not accepted, so it is not stored; the rest is.
        stored = {name: b for name, b in after.behaviours.items() if b.state != "failed"}
        notes = note("area/hostile", HOSTILE + STEERING, do=HOSTILE) + note(SYNC, "It has none.", "removal")
        notes += note("area/plain", "An open ` is no `code`, nor is this: ` <b> ``.", "message", "Do nothing @all.")
        store, known = accept(
            self.folder(),
            self.releases,
            before,
            dataclasses.replace(after, behaviours=stored),
            notes={"httpx-0.2": notes},
        )
        if change:
            after = dataclasses.replace(after, behaviours=after.behaviours | change)
        sides = [comparison.recorded(side) for side in (before, after)]
        return self._made(*sides, store, known.joined([before, after]), entries=entries)

    def _accepted(self):
        return self._hostile(
            Accepted("area/hostile", "httpx==0.2", HOSTILE),
            Accepted("area/plain", "httpx==0.2", "It was known until yesterday.", date(2026, 11, 24)),
            Accepted(SYNC, "httpx==0.2", "We have no `sync` client."),
            Accepted(f"nobody/{HOSTILE}", "httpx==0.2", HOSTILE),
        )

    def _doubtful(self):
        torn = records.read(RECORDS / "httpx-0.2.json").behaviours["area/plain"]
        return self._hostile(change={"area/plain": dataclasses.replace(torn, state="unstable", value=[1, 2])})

    def _line(self):
        needs = {"area/sync": ["sync client"]}
        old, gone = {"ends": "answers", "warns": [OLD]}, {"ends": "raises TypeError", "warns": []}
        stays = {"ends": "answers", "warns": [NEVER]}
        lacks = {"area/sync": ("absent", "sync client")}
        many = {f"many/{number}": ("absent", "sync client") for number in range(11)}
        needs |= {name: ["sync client"] for name in many}
        here = dict.fromkeys(many, 1) | {"area/sync": 1, SYNC: True}
        return accept(
            self.folder(),
            self.releases,
            record("0.1", {"area/a": 1, "area/b": 1, "area/old": old, "area/stays": stays} | here, needs=needs),
            record("0.2", {"area/a": 2, "area/b": 2, "area/old": old, "area/stays": stays} | here, needs=needs),
            record("0.2.1", {"area/a": 2, "area/b": 2, "area/old": old, "area/stays": stays} | here, needs=needs),
            record(
                "0.3",
                {"area/a": 3, "area/b": 1, "area/old": gone, "area/stays": stays, SYNC: False},
                states=lacks | many,
                needs=needs,
            ),
            record("0.4", outcome="not-installable", reason="It never could be built."),
            record("httpx2==2.0", {"area/a": 2, "area/b": 2, "area/old": old, "area/stays": stays} | here, needs=needs),
            notes={
                "httpx-0.2": note("area/a", "It is two.", "fix") + note("area/b", "It is two."),
                "httpx-0.3": note("area/a", "It is three.", "message", "Read it again.")
                + note("area/old", "It is removed.", "removal", "Use the new one.")
                + note(SYNC, "There is no sync client.", "removal", "Stay on 0.2.1."),
            },
        )

    def _stored(self):
        store, known = self._line()
        sides = [comparison.stored(release(text), store, known) for text in ("0.1", "0.3")]
        return self._made(*sides, store, known)

    def _downgrade(self):
        store, known = self._line()
        sides = [comparison.stored(release(text), store, known) for text in ("0.3", "httpx2==2.0")]
        return self._made(*sides, store, known, area="area", fail_on=["removal"])

    def _unchanged(self):
        store, known = self._line()
        sides = [comparison.stored(release(text), store, known) for text in ("0.2", "0.2")]
        return self._made(*sides, store, known)

    def _not_run(self):
        store, known = self._line()
        sides = [comparison.stored(release(text), store, known) for text in ("0.4", "1.0.dev1")]
        return self._made(*sides, store, known)


def wrong(body):
    """What the schema finds wrong in a document, after the way that it goes as text."""
    return [error.message for error in VALIDATOR.iter_errors(json.loads(json.dumps(body)))]


if __name__ == "__main__":
    write()
