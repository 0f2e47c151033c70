"""What an answer says about being a redirect."""

import pytest

from repro.cell.responses import response
from repro.cell.values import told


@pytest.mark.parametrize(
    "headers", [pytest.param({"Location": "/to"}, id="with_location"), pytest.param({}, id="without")]
)
def test_is_redirect(observe, headers):
    """What an answer says about being a redirect, by its status."""
    names = ("is_redirect", "has_redirect_location")

    observe(
        {
            str(status): {
                name: told(lambda status=status, name=name: getattr(response(status, headers=headers), name))
                for name in names
            }
            for status in (201, 300, 301, 304, 308)
        }
    )
