"""The report as a web page: one file that holds its data, its script and its style, and asks nothing of any network.

`data` gathers what the page shows from what is stored, and `html` puts it into the page's own files, which are beside
this one in `page/`. The page is drawn by its script from the embedded data, so nothing that a release answered is ever
markup: it is JSON here, and text there.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from repro.kit import advisory as claims
from repro.kit import catalogue as catalogues
from repro.kit import notes
from repro.kit.changes import NOTHING
from repro.kit.report import terminal
from repro.record import asks_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from repro.epochs import Epochs
    from repro.kit.catalogue import Catalogue
    from repro.kit.changes import Matrix
    from repro.kit.notes import Note
    from repro.release import Release, Releases

FORMAT = 2
SOURCES = Path(__file__).with_name("page")

#: The parts of the page's one script, in the order in which they build on each other.
SCRIPTS = ("comparison.js", "difference.js", "elements.js", "strips.js", "sections.js", "page.js")

#: What could end the element that holds the data, or be taken for markup by a reader that is no browser.
_MARKUP = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def made(
    store: Epochs,
    releases: Releases,
    *,
    found: Matrix | None = None,
    comparison: Mapping[str, Any] | None = None,
) -> str:
    """The page of what is stored, with the run or the comparison that it is made for.

    Args:
        store: The stored epochs.
        releases: The release data.
        found: What the run found; None for no run.
        comparison: The document of the comparison; None for none.

    Raises:
        Problem: A stored file is damaged, too old or too new.
    """
    known = catalogues.read(store.root)
    checked = claims.Checked(claims.load(), store, known, releases)
    body = data(
        store,
        releases,
        known.after(found.records if found else []),
        advisory=claims.data(checked.verdicts(), checked.advice()),
        run=run(found, terminal.verdict(found, terminal.Paint(coloured=False))) if found else None,
        comparison=comparison,
    )
    return html(body)


def data(
    store: Epochs,
    releases: Releases,
    catalogue: Catalogue,
    *,
    advisory: Mapping[str, Any] | None = None,
    run: Mapping[str, Any] | None = None,
    comparison: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What the page shows.

    Args:
        store: The stored epochs.
        releases: The release data.
        catalogue: The behaviours and the cells that there are.
        advisory: The claims of the advisory and what follows, as `repro.kit.advisory.data` gives them; None leaves them
            out.
        run: The `verdict` of the run that the page reports, and its `differences`, each `{"behaviour", "release",
            "python", "state", "before", "after"}`, without `before` where nothing is stored; None for no run.
        comparison: The document of the comparison that the page opens on and shows as it is, as
            `repro.kit.report.document` gives it; None lets the page compare by itself.

    Raises:
        Problem: A stored file is damaged, too old or too new.
    """
    begun = sorted(store.stored, key=releases.order)
    written = {release: notes.read(store, release) for release in begun}
    texts: dict[str, int] = {}
    return {
        "format": FORMAT,
        "lines": [
            {
                "distribution": line.distribution,
                "forked_from": str(line.forked_from) if line.forked_from else None,
                "releases": list(line.versions),
            }
            for line in releases.lines.values()
        ],
        "behaviours": {
            name: {
                **asdict(entry),
                "epochs": [
                    {
                        "release": str(release),
                        "observed": store.observation(release, name),
                        "note": _note(note, texts) if (note := written[release].get(name)) else None,
                    }
                    for release in _where(store, begun, name)
                ],
            }
            for name, entry in catalogue.behaviours.items()
        },
        "capabilities": {
            capability: [
                {"release": str(release), "has": store.observation(release, asks_for(capability))}
                for release in _where(store, begun, asks_for(capability))
            ]
            for capability in sorted({need for entry in catalogue.behaviours.values() for need in entry.needs})
        },
        "cells": [
            {"release": release, "python": python, **asdict(cell)}
            for release, cells in catalogue.outcomes.items()
            for python, cell in cells.items()
        ],
        # Notes say the same again and again, and said once they are a tenth of the page less.
        "texts": list(texts),
        "advisory": advisory,
        "run": run,
        "comparison": comparison,
    }


def _note(note: Note, texts: dict[str, int]) -> dict[str, Any]:
    """A note whose cause and advice are places in `texts`, which grows by what it does not hold yet."""
    said = asdict(note)
    for part in ("cause", "do"):
        if said[part] is not None:
            said[part] = texts.setdefault(said[part], len(texts))
    return said


def run(found: Matrix, verdict: str) -> dict[str, Any]:
    """What the page says of the run that it reports.

    Args:
        found: What the run found.
        verdict: What it comes to, as a sentence.
    """
    return {
        "verdict": verdict,
        "differences": [
            {
                "behaviour": each.behaviour,
                "release": str(each.record.release),
                "python": each.record.minor,
                "state": each.state,
                **({} if each.before is NOTHING else {"before": each.before}),
                "after": each.after,
            }
            for each in found.differences
        ],
    }


def _where(store: Epochs, begun: Sequence[Release], behaviour: str) -> list[Release]:
    """The releases where an epoch of a behaviour begins."""
    return [release for release in begun if behaviour in store.stored[release]]


def html(data: Mapping[str, Any]) -> str:
    """The page as text: one file, complete in itself.

    Args:
        data: What it shows, as `data` gathers it.
    """
    style = _source("page.css")
    script = '"use strict";\n' + "\n".join(_source(name) for name in SCRIPTS)
    # Only this script and this style may act, whatever else came to stand in the page.
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    # Everything beyond ASCII is escaped, so that half a character, which a release may answer with, is no obstacle.
    embedded = json.dumps(data, separators=(",", ":")).translate(_MARKUP)
    return Template(_source("page.html")).substitute(policy=policy, style=style, script=script, data=embedded)


def _source(name: str) -> str:
    return (SOURCES / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """What the policy knows a text by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
