"""Folds records into the stored epochs: what `nox -s accept` would write and remove. Computes, never writes.

Records are folded in the order of the lines, whatever order the cells ran in. A release without a record keeps what
is stored for it, so accepting a few releases never rewrites what is known about the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from repro import epochs
from repro.kit import catalogue, phrasing
from repro.kit.changes import NOTHING, torn
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro.epochs import Epochs
    from repro.record import Record
    from repro.release import Release, Releases


@dataclass(frozen=True)
class Fold:
    """What accepting would do.

    Attributes:
        texts: The new text of each snapshot below the folder of snapshots; None removes it.
        folded: The releases whose records were folded.
        left_out: The records that were not, and why.
    """

    texts: dict[str, str | None]
    folded: list[Release] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def fold(records: Sequence[Record], store: Epochs, releases: Releases) -> Fold:
    """Fold records into the stored epochs.

    Raises:
        Problem: A record has an answer that nobody should keep: one that failed, that did not repeat, or that is
            another under another Python.
    """
    left_out = [_why_not(record) for record in records]
    usable = [record for record, why in zip(records, left_out, strict=True) if why is None]
    _refuse_doubtful(usable)
    answers: dict[Release, dict[str, Any]] = {}
    asked: dict[Release, set[str]] = {}
    for record in usable:
        answers.setdefault(record.release, {}).update(record.in_state("observed"))
        asked.setdefault(record.release, set()).update(record.behaviours)
    everywhere = sorted({*releases.all, *answers, *store.stored}, key=releases.order)
    # A stored behaviour that no cell knows any more goes when every release that has it stored has run.
    names = sorted({*store.behaviours, *(name for known in answers.values() for name in known)})
    texts: dict[str, str | None] = {}
    for name in names:
        texts.update(_fold_one(name, everywhere, answers, asked, store, releases))
    texts.update(_catalogue(records, texts, store, releases))
    return Fold(texts, sorted(answers, key=releases.order), [why for why in left_out if why])


def _catalogue(
    records: Sequence[Record], texts: dict[str, str | None], store: Epochs, releases: Releases
) -> dict[str, str | None]:
    """The files of the catalogue that change with the records."""
    stored = {f"{release.slug}/{name}.json" for release, names in store.stored.items() for name in names}
    paths = (stored | texts.keys()) - {path for path, text in texts.items() if text is None}
    kept = {path.partition("/")[2].removesuffix(".json") for path in paths}
    known = catalogue.read(store.root)
    now = catalogue.fold([record for record in records if record.release.source is None], known, kept, releases)
    return {path: text for path, text in now.texts().items() if text != known.texts()[path]}


def _fold_one(
    name: str,
    everywhere: Sequence[Release],
    answers: dict[Release, dict[str, Any]],
    asked: dict[Release, set[str]],
    store: Epochs,
    releases: Releases,
) -> dict[str, str | None]:
    """The files of one behaviour that change."""
    known = any(name in names for names in asked.values())
    forgotten = not known and all(release in asked for release in _stored_under(name, store))
    current: dict[Release, Any] = {}
    texts: dict[str, str | None] = {}
    for release in everywhere:
        if name in asked.get(release, ()):
            answer = answers[release].get(name, NOTHING)
        elif forgotten or (serving := store.serving(release, name)) is None:
            answer = NOTHING
        else:
            answer = store.observation(serving, name)
        before = _last(release, current, releases)
        path = f"{release.slug}/{name}.json"
        stored = name in store.stored.get(release, ())
        if answer is NOTHING or (before is not NOTHING and epochs.same(before, answer)):
            if stored:
                texts[path] = None
        else:
            current[release] = answer
            if not stored or not epochs.same(answer, store.observation(release, name)):
                texts[path] = epochs.dump(answer)
    return texts


def _last(release: Release, current: dict[Release, Any], releases: Releases) -> Any:
    """The answer of the newest new epoch before a release, through the line that it forked from."""
    line = releases.line(release.distribution)
    own = [r for r in current if r.distribution == release.distribution and r.parsed < release.parsed]
    if own:
        return current[max(own, key=lambda r: r.parsed)]
    if line.forked_from is None:
        return NOTHING
    if line.forked_from in current:
        return current[line.forked_from]
    return _last(line.forked_from, current, releases)


def _stored_under(name: str, store: Epochs) -> list[Release]:
    return [release for release, names in store.stored.items() if name in names]


def _why_not(record: Record) -> str | None:
    """Why a record is not folded, or None."""
    title = f"{record.release} on Python {record.minor}"
    if record.release.source:
        return f"{title}: not a release"
    if record.outcome != "ran":
        return f"{title}: {record.outcome}: {record.reason}"
    return None


def _refuse_doubtful(records: Sequence[Record]) -> None:
    doubtful = [
        f"{name} {b.state} under {record.release} on Python {record.minor}: {phrasing.answer(b.value, most=120)}"
        for record in records
        for name, b in record.behaviours.items()
        if b.state in ("failed", "unstable")
    ]
    doubtful += [
        f"{name} answers differently under different Pythons with {release}"
        for release, names in torn(records).items()
        for name in names
    ]
    if doubtful:
        raise Problem(
            "Nothing was accepted, for some answers cannot be kept:\n    " + "\n    ".join(doubtful),
            "Mend these behaviours, and run nox again.",
            code=1,
        )
