"""What behaviours may need from a release, asked as a question of its own, so that its coming and going is dated."""

import pytest

from repro.cell.capabilities import CAPABILITIES, has
from repro.record import asks_for


@pytest.mark.parametrize(
    "capability", [pytest.param(name, id=asks_for(name).partition("-")[2]) for name in CAPABILITIES]
)
def test_has(observe, capability):
    """Whether the release has the capability of this name, which other behaviours need."""
    observe(has(capability))
