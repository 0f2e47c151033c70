"""Holds the claims of the published advisory against what was seen, and says what to do instead. Never prints.

`advisory.toml` says what is claimed, how it is understood and which stored answers decide it. No verdict is written
there: each is computed from `snapshots/`, so a changed snapshot changes it.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement

from repro.epochs import same
from repro.kit import phrasing
from repro.kit.changes import NOTHING
from repro.problem import Problem
from repro.release import Release, Releases, check_format

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from repro.epochs import Epochs
    from repro.kit.catalogue import Catalogue

FORMAT = 1
DATA = Path(__file__).with_name("advisory.toml")

#: The verdicts; a closed set. A claim whose evidence has a gap is never said to hold, nor not to.
HOLDS = "holds"
FAILS = "does not hold"
OPEN = "cannot be executed"

#: What may be expected of an answer; an expectation names one of them.
RULES = ("is", "not", "has", "same_as", "differs_from")

#: The reason why nothing is claimed of a release that an answer is missing of.
UNKNOWN = "Not every answer that is asked for here is stored for it, so nothing is said of it."

#: The characters of an answer that evidence shows.
_MOST = 100


@dataclass(frozen=True)
class Expectation:
    """What the stored answer to a behaviour is expected to be.

    Attributes:
        behaviour: The behaviour's id.
        rule: One of `RULES`. `is` and `not`: this JSON, or any other; `has`: a list with all of these; `same_as` and
            `differs_from`: what the release `httpx==0.12.1`, say, answers, or something else.
        value: What the rule compares with.
        reason: Why this decides, as one sentence.
        at: The name of the part of the answer that is meant; None for all of it. An answer without that part is
            never as expected.
        releases: A claim's: the releases asked, as requirements; pre-releases are meant where a range spans them.
        unmet: A requirement's: what is so of a release that does not meet it, as one sentence.
    """

    behaviour: str
    rule: str
    value: Any
    reason: str
    at: str | None = None
    releases: tuple[Requirement, ...] = ()
    unmet: str = ""

    def asks(self, release: Release) -> bool:
        """Whether a release is one of those asked."""
        return any(_covers(wanted, release) for wanted in self.releases)


@dataclass(frozen=True)
class Claim:
    """One claim of the advisory.

    Attributes:
        id: Its name here.
        claim: The claim, in one sentence of our own.
        stance: Where the advisory stands with it: what it does with the claim, as one verb.
        reading: How it is understood, so that it can be executed, and what was read besides.
        expect: What is so if it holds: all of it. Empty where nothing can be asked yet.
        missing: What there would have to be to execute it; None where it can be.
    """

    id: str
    claim: str
    stance: str
    reading: str
    expect: tuple[Expectation, ...] = ()
    missing: str | None = None


@dataclass(frozen=True)
class Advisory:
    """The advisory as data.

    Attributes:
        source: Where it was published.
        claims: Its claims, in the order of the file.
        safe: What a release has to meet to be safe for the reproduction.
    """

    source: str
    claims: tuple[Claim, ...]
    safe: tuple[Expectation, ...]


@dataclass(frozen=True)
class Evidence:
    """What was found where something was expected.

    Attributes:
        behaviour: The behaviour's id.
        where: The releases that gave this answer, as ranges: `httpx 0.11.0 to 0.13.3`.
        found: The answer, or why there is none, as a phrase.
        expected: What was expected, as a phrase.
        as_expected: Whether it is as expected; None where there is no answer.
        reason: Why this decides.
    """

    behaviour: str
    where: str
    found: str
    expected: str
    as_expected: bool | None
    reason: str


@dataclass(frozen=True)
class Verdict:
    """What became of a claim.

    Attributes:
        claim: The claim.
        verdict: `HOLDS`, `FAILS` or `OPEN`.
        evidence: What was found, expectation by expectation.
    """

    claim: Claim
    verdict: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Advice:
    """Which release of a line to take for the reproduction.

    Attributes:
        line: The releases of one distribution under one major version, as `httpx 0.x`.
        earliest: The first release that meets every requirement: a final one, if the line has any. None if none does.
        onward: Whether all releases of the line meet every requirement from there on.
        why_not: The releases that are not safe, as ranges, and the reasons, grouped where they are the same.
        closest: Where none is safe, the newest of those that miss the fewest requirements, and what it misses.
        beside: What the earliest needs beside itself under some Pythons, as `Python 3.13: ...`, one sentence each.
    """

    line: str
    earliest: Release | None
    onward: bool
    why_not: tuple[tuple[str, tuple[str, ...]], ...]
    closest: tuple[Release, tuple[str, ...]] | None = None
    beside: tuple[str, ...] = ()


def load(path: Path = DATA) -> Advisory:
    """Read the claims.

    Raises:
        Problem: The file is missing, damaged, too old or too new; each in its own sentence.
    """
    what = f"The advisory's claims {path}"
    mend = "Mend the file, or restore it with: git checkout -- repro/kit/advisory.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Problem(f"There are no claims of an advisory at {path}.", mend) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f"{what} are damaged: {error}.", mend) from None
    check_format(data.get("format"), FORMAT, f"The file of the advisory's claims {path}", mend)
    try:
        return Advisory(
            source=data["source"],
            claims=_claims(data["claim"]),
            safe=tuple(_requirement(entry) for entry in data["safe"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Problem(f"{what} are damaged: {error!r}.", mend) from None


def _claims(entries: list[dict[str, Any]]) -> tuple[Claim, ...]:
    found: dict[str, Claim] = {}
    for entry in entries:
        claim = Claim(**{**entry, "expect": tuple(_expected(each) for each in entry.get("expect", ()))})
        if bool(claim.expect) == bool(claim.missing):
            raise ValueError(f"{claim.id} wants either what is expected or what is missing")
        if found.setdefault(claim.id, claim) is not claim:
            raise ValueError(f"{claim.id} is there twice")
    return tuple(found.values())


def _expected(entry: dict[str, Any]) -> Expectation:
    return _ruled({**entry, "releases": _requirements(entry["releases"])})


def _requirement(entry: dict[str, Any]) -> Expectation:
    if not entry["unmet"] or "releases" in entry:
        raise ValueError(f"the requirement of {entry['behaviour']} is for every release, and says what is unmet")
    return _ruled(entry)


def _ruled(entry: dict[str, Any]) -> Expectation:
    named = [rule for rule in RULES if rule in entry]
    if len(named) != 1:
        raise ValueError(f"what is expected of {entry['behaviour']} has {phrasing.count(len(named), 'rule')}, not 1")
    (rule,) = named
    value = entry[rule]
    if rule == "has":
        _listed(value)
    return Expectation(rule=rule, value=value, **{name: each for name, each in entry.items() if name != rule})


def _requirements(texts: Any) -> tuple[Requirement, ...]:
    return tuple(Requirement(text) for text in _listed(texts))


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


def _covers(wanted: Requirement, release: Release) -> bool:
    return wanted.name == release.distribution and wanted.specifier.contains(release.version, prereleases=True)


class Checked:
    """The advisory, held against the stored answers.

    Args:
        advisory: What is claimed, and what is asked.
        store: The stored epochs.
        catalogue: What each behaviour needs, for an absent one has no answer of its own.
        releases: The release data: only a release that it knows is asked.
    """

    def __init__(self, advisory: Advisory, store: Epochs, catalogue: Catalogue, releases: Releases) -> None:
        self.advisory = advisory
        self._store = store
        self._catalogue = catalogue
        self._releases = releases

    def verdicts(self) -> list[Verdict]:
        """What became of each claim, in the order of the data.

        Raises:
            Problem: A stored answer cannot be read, or an expectation compares with no release.
        """
        return [self._verdict(claim) for claim in self.advisory.claims]

    def advice(self) -> list[Advice]:
        """What to take of each line: of each distribution, and each of its major versions.

        Raises:
            Problem: As `verdicts`.
        """
        # A major version is what a resolver steps over only when asked to, and where an API may be another one.
        # Finer lines would say the same thing fifteen times: the ranges of `why_not` tell the minor versions apart.
        lines = groupby(self._releases.all, lambda release: (release.distribution, release.parsed.major))
        return [self._advice(f"{name} {major}.x", list(line)) for (name, major), line in lines]

    def _verdict(self, claim: Claim) -> Verdict:
        evidence = tuple(found for expectation in claim.expect for found in self._evidence(expectation))
        outcomes = {found.as_expected for found in evidence}
        if claim.missing or None in outcomes:
            return Verdict(claim, OPEN, evidence)
        return Verdict(claim, FAILS if False in outcomes else HOLDS, evidence)

    def _evidence(self, expectation: Expectation) -> list[Evidence]:
        """What was found for one expectation, one entry for each answer."""
        expected = self._said(expectation)
        asked = [release for release in self._releases.all if expectation.asks(release)]
        if not asked:
            where = ", ".join(map(str, expectation.releases))
            return [Evidence(expectation.behaviour, where, "no such release", expected, None, expectation.reason)]
        grouped: dict[tuple[str, bool | None], list[Release]] = {}
        for release in asked:
            grouped.setdefault(self._asked(expectation, release), []).append(release)
        return [
            Evidence(
                expectation.behaviour,
                ranges(chosen, self._releases),
                found,
                expected,
                as_expected,
                expectation.reason,
            )
            for (found, as_expected), chosen in grouped.items()
        ]

    def _asked(self, expectation: Expectation, release: Release) -> tuple[str, bool | None]:
        """What a release answers, as a phrase, and whether it is as expected; None where there is no answer."""
        if lack := self._lack(expectation.behaviour, release):
            return f"absent: no {lack}", None
        answer = self._answer(expectation.behaviour, release)
        if answer is NOTHING:
            return "not stored", None
        part = _part(answer, expectation.at)
        if part is NOTHING:
            return phrasing.answer(answer, most=_MOST), False
        return _placed(expectation, phrasing.answer(part, most=_MOST)), self._meets(expectation, part)

    def _meets(self, expectation: Expectation, part: Any) -> bool | None:
        """Whether a part of an answer is as expected; None where what it is compared with is not stored."""
        if expectation.rule == "has":
            return isinstance(part, list) and all(wanted in part for wanted in expectation.value)
        if expectation.rule in {"is", "not"}:
            return same(part, expectation.value) == (expectation.rule == "is")
        other = self._compared(expectation)
        return None if other is NOTHING else same(part, other) == (expectation.rule == "same_as")

    def _compared(self, expectation: Expectation) -> Any:
        """What the release that an expectation compares with answers; `NOTHING` where it does not."""
        release = self._releases.parse(expectation.value)
        if self._lack(expectation.behaviour, release):
            return NOTHING
        return _part(self._answer(expectation.behaviour, release), expectation.at)

    def _said(self, expectation: Expectation) -> str:
        """What is expected, as a phrase."""
        if expectation.rule == "has":
            return _placed(expectation, f"{', '.join(map(phrasing.answer, expectation.value))} among them")
        if expectation.rule in {"is", "not"}:
            value = phrasing.answer(expectation.value, most=_MOST)
            return _placed(expectation, value if expectation.rule == "is" else f"anything but {value}")
        value = phrasing.answer(self._compared(expectation), most=_MOST)
        other = expectation.value.replace("==", " ")
        return _placed(
            expectation,
            f"as under {other}: {value}"
            if expectation.rule == "same_as"
            else f"another answer than under {other}: {value}",
        )

    def _lack(self, behaviour: str, release: Release) -> str | None:
        """The capability for lack of which a behaviour is absent from a release, or None."""
        return self._catalogue.lacks(release, behaviour, self._store)

    def _answer(self, behaviour: str, release: Release) -> Any:
        """The stored answer that speaks for a release, or `NOTHING`."""
        serving = self._store.serving(release, behaviour)
        return NOTHING if serving is None else self._store.observation(serving, behaviour)

    def _advice(self, line: str, members: list[Release]) -> Advice:
        reasons = {release: self._reasons(release) for release in members}
        # Nobody is told to take a pre-release who can have a final one.
        offered = [release for release in members if not release.parsed.is_prerelease] or members
        earliest = next((release for release in offered if not reasons[release]), None)
        closest = min(reversed(offered), key=lambda release: len(reasons[release]))
        grouped: dict[tuple[str, ...], list[Release]] = {}
        for release, why in reasons.items():
            if why:
                grouped.setdefault(why, []).append(release)
        return Advice(
            line,
            earliest,
            onward=earliest is not None and not any(reasons[r] for r in members[members.index(earliest) :]),
            why_not=tuple((ranges(chosen, self._releases), why) for why, chosen in grouped.items()),
            closest=None if earliest else (closest, reasons[closest]),
            beside=self._beside(earliest) if earliest else (),
        )

    def _beside(self, release: Release) -> tuple[str, ...]:
        """What a release needs under some Pythons only; its extras and companions are for the behaviours."""
        return tuple(
            f"Python {python}: {rule.reason}"
            for python in self._releases.pythons
            for rule in self._releases.rules_for(release, python)
            if rule.pythons
        )

    def _reasons(self, release: Release) -> tuple[str, ...]:
        """Why a release is not safe: each reason once, in the order of the requirements; empty where it is."""
        found: dict[str, None] = {}
        for requirement in self.advisory.safe:
            _, met = self._asked(requirement, release)
            if met is False:
                found[f"{requirement.unmet} ({requirement.behaviour})"] = None
            elif met is None:
                lack = self._lack(requirement.behaviour, release)
                found[f"It has no {lack}." if lack else UNKNOWN] = None
        return tuple(found)


def ranges(chosen: Collection[Release], releases: Releases) -> str:
    """Releases as ranges, in the order of the lines: `httpx 0.11.0 to 0.13.3, 0.14.1; httpx2 2.0.0`.

    A range never spans a known release that is not among those chosen.
    """
    said = []
    for line in releases.lines.values():
        runs = groupby((Release(line.distribution, version) for version in line.versions), chosen.__contains__)
        spans = [[release.version for release in run] for inside, run in runs if inside]
        if spans:
            named = (span[0] if len(span) == 1 else f"{span[0]} to {span[-1]}" for span in spans)
            said.append(f"{line.distribution} {', '.join(named)}")
    return "; ".join(said)


def data(verdicts: Sequence[Verdict], advice: Sequence[Advice]) -> dict[str, Any]:
    """The verdicts and the advice as JSON, for a page.

    Shape: `{"claims": [{"id", "claim", "verdict", "reading", "evidence": [{"behaviour", "where", "found", "expected",
    "as_expected", "reason"}]}], "advice": [{"line", "earliest", "why_not": [{"releases", "reasons"}]}]}`. `as_expected`
    is null where there is no answer, and `earliest` is null where no release of the line is safe; what is missing to
    execute a claim ends its reading.
    """
    return {
        "claims": [
            {
                "id": each.claim.id,
                "claim": each.claim.claim,
                "verdict": each.verdict,
                "reading": " ".join(filter(None, (each.claim.reading, each.claim.missing))),
                "evidence": [asdict(found) for found in each.evidence],
            }
            for each in verdicts
        ],
        "advice": [
            {
                "line": each.line,
                "earliest": each.earliest.version if each.earliest else None,
                "why_not": [{"releases": where, "reasons": list(why)} for where, why in each.why_not],
            }
            for each in advice
        ],
    }


def _part(answer: Any, at: str | None) -> Any:
    """The part of an answer that is meant; `NOTHING` where it has none of that name."""
    if at is None or answer is NOTHING:
        return answer
    return answer.get(at, NOTHING) if isinstance(answer, dict) else NOTHING


def _placed(expectation: Expectation, phrase: str) -> str:
    return phrase if expectation.at is None else f"{expectation.at}: {phrase}"
