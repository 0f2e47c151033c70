"""What several verbs take from the command line: a Python, how often, a release, the two sides of a comparison."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from repro.problem import Problem
from repro.release import Release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro.release import Releases, Subject

#: The Python that runs this, as `3.12`.
THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def minor(text: str) -> str:
    """A minor Python, as `3.12`.

    Raises:
        ArgumentTypeError: It is none.
    """
    if not re.fullmatch(r"\d+\.\d+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a minor Python; write it as 3.12")
    return text


def times(text: str) -> int:
    """How often.

    Raises:
        ArgumentTypeError: It is no number, or less than once.
    """
    if not re.fullmatch(r"[1-9]\d*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not how often something can be measured; write 1 or more")
    return int(text)


def subject(text: str, releases: Releases, mend: str) -> Subject:
    """A release or checkout: one.

    Args:
        text: What a person wrote.
        releases: The release data.
        mend: What to do where it is several.

    Raises:
        Problem: It is none, or several.
    """
    found, *others = releases.select(text)
    if others:
        raise Problem(f"{text!r} is more than one release.", mend)
    return found


def release(text: str, releases: Releases, mend: str) -> Release:
    """A release: one, and no checkout, of which nothing is stored; arguments as `subject`.

    Raises:
        Problem: It is none.
    """
    found, *others = releases.select(text)
    if others or not isinstance(found, Release):
        raise Problem(f"{text!r} is not one release.", mend)
    return found


def sides(texts: Sequence[str], releases: Releases) -> list[Subject]:
    """The sides of a comparison, each of which is one release or checkout.

    Raises:
        Problem: One is none, or several.
    """
    mend = "A side of a comparison is one, as in: nox -s compare -- 0.12.1 0.13.0"
    return [subject(text, releases, mend) for text in texts]
