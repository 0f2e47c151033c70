"""What the page is tried on: a small history with a fork, and text that would act if it were ever markup."""

from pathlib import Path

from repro import epochs
from repro.epochs import Epochs
from repro.kit import advisory, catalogue
from repro.kit.report import page
from repro.release import Releases

ROOT = Path(__file__).parents[2]

#: Text that shows itself by acting, wherever a page takes it for markup.
HOSTILE = "</script><script>window.acted = 1</script><img src=x onerror='window.acted = 2'>"


#: What planted notes give as cause and advice: a note has the places.
TEXTS = ["pull request 1", "Mind it.", "Read on.", HOSTILE]


def note(kind, changed="It is otherwise.", cause="pull request 1", do="Mind it."):
    """A note."""
    return {"changed": changed, "kind": kind, "cause": TEXTS.index(cause), "do": TEXTS.index(do)}


def behaviour(title, *begun, needs=(), held=False):
    """A behaviour with its epochs, each as `(release, observed, note)`."""
    return {
        "title": title,
        "needs": list(needs),
        "test": "tests/cell/area/test_topic.py::test_name",
        "held": held,
        "epochs": [{"release": begins, "observed": observed, "note": why} for begins, observed, why in begun],
    }


def cell(release, outcome="ran", reason=None, python="3.11"):
    """A cell."""
    return {"release": release, "python": python, "outcome": outcome, "reason": reason}


def small():
    """A history of httpx 0.1 to 0.4, of which 0.4 was never built, and of httpx2, which forked from 0.3."""
    return {
        "format": 2,
        "texts": TEXTS,
        "lines": [
            {"distribution": "httpx", "forked_from": None, "releases": ["0.1", "0.2", "0.3", "0.4"]},
            {"distribution": "httpx2", "forked_from": "httpx==0.3", "releases": ["2.0", "2.1"]},
        ],
        "behaviours": {
            "asking/answer": behaviour(
                "What a request answers.",
                ("httpx==0.1", {"status": 200, "said": "one two three"}, None),
                (
                    "httpx==0.2",
                    {"said": "one four three", "status": 200},
                    note("fix", "It says `four`.", do="Read on."),
                ),
                ("httpx2==2.0", {"status": 201, "said": "one four three"}, note("removal")),
            ),
            "asking/passing": behaviour(
                "What goes and comes again.",
                ("httpx==0.1", 1, None),
                ("httpx==0.2", True, note("breaking")),
                ("httpx==0.3", 1, note("fix")),
            ),
            "closing/bare": behaviour(
                "What nobody explained.", ("httpx==0.1", ["a", "b"], None), ("httpx==0.3", ["a", "c"], None)
            ),
            "closing/held": behaviour("What must hold.", held=True),
            "closing/late": behaviour(
                "What needs the sync client.", ("httpx==0.2", "no error", None), needs=["sync client"]
            ),
            "closing/warned": behaviour(
                "What is deprecated.",
                ("httpx==0.1", {"ends": "no error", "warns": ["DeprecationWarning: old"]}, None),
                ("httpx2==2.1", {"ends": "raises TypeError", "warns": []}, note("removal")),
            ),
        },
        "capabilities": {
            "sync client": [{"release": "httpx==0.1", "has": False}, {"release": "httpx==0.2", "has": True}]
        },
        "cells": [
            *[cell(f"httpx==0.{minor}") for minor in (1, 2, 3)],
            cell("httpx==0.4", "not-installable", "It cannot be built."),
            cell("httpx2==2.0"),
            cell("httpx2==2.1"),
        ],
        "advisory": None,
        "run": None,
        "comparison": None,
    }


def hostile():
    """A history in which every text that comes from outside would act."""
    found = small()
    found["behaviours"][f"asking/{HOSTILE}"] = behaviour(
        HOSTILE,
        ("httpx==0.1", {HOSTILE: [HOSTILE], "constructor": HOSTILE}, None),
        ("httpx==0.2", {HOSTILE: [HOSTILE, 1], "__proto__": HOSTILE}, note("breaking", HOSTILE, HOSTILE, HOSTILE)),
        needs=["constructor"],
    )
    found["behaviours"]["asking/constructor"] = behaviour(HOSTILE, ("httpx==0.1", HOSTILE, None), needs=[HOSTILE])
    found["capabilities"][HOSTILE] = [{"release": "httpx==0.2", "has": False}]
    found["cells"][3]["reason"] = HOSTILE
    found["advisory"] = {
        "claims": [
            {
                "id": HOSTILE,
                "claim": HOSTILE,
                "verdict": HOSTILE,
                "reading": HOSTILE,
                "evidence": [
                    {
                        "behaviour": "asking/answer",
                        "where": "httpx==0.1",
                        "found": HOSTILE,
                        "expected": HOSTILE,
                        "as_expected": False,
                        "reason": HOSTILE,
                    }
                ],
            }
        ],
        "advice": [{"line": HOSTILE, "earliest": None, "why_not": [{"releases": HOSTILE, "reasons": [HOSTILE]}]}],
    }
    found["run"] = {
        "verdict": HOSTILE,
        "differences": [
            {
                "behaviour": "asking/answer",
                "release": "httpx==0.1",
                "python": "3.11",
                "state": "observed",
                "before": HOSTILE,
                "after": {HOSTILE: HOSTILE},
            }
        ],
    }
    return found


def stored():
    """What is stored in this checkout: every release, every behaviour, and the advisory."""
    releases = Releases.load()
    store, known = Epochs(epochs.ROOT, releases), catalogue.read(epochs.ROOT)
    checked = advisory.Checked(advisory.load(), store, known, releases)
    return page.data(store, releases, known, advisory=advisory.data(checked.verdicts(), checked.advice()))
