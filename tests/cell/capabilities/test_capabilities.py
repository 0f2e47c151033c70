"""What behaviours may need from a release, asked as a question of its own, so that its coming and going is dated."""

import pytest

from repro.cell.capabilities import CAPABILITIES, OPTIONAL, has
from repro.record import asks_for


def asked(name):
    """A capability to ask for; where there are no optional packages, nothing can be said of what they give."""
    marks = [pytest.mark.needs("optional packages")] if name in OPTIONAL else []
    return pytest.param(name, id=asks_for(name).partition("-")[2], marks=marks)


@pytest.mark.parametrize("capability", [asked(name) for name in CAPABILITIES])
def test_has(observe, capability):
    """Whether the release has the capability of this name, which other behaviours need."""
    observe(has(capability))
