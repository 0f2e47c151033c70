"""The pictures of the page that the README shows, taken when they are asked for."""

import pytest
from planted import ROOT

PICTURES = ROOT / ".github" / "pictures"

#: Each picture: the link that is shown, the entry that is open in it, and how it is looked at.
TAKEN = {
    "compare": (
        "#compare?from=httpx==0.12.1&to=httpx==0.14.0&area=reproduction",
        "reproduction/request_line",
        {"viewport": {"width": 1280, "height": 1000}},
    ),
    "behaviour": ("#behaviour/reproduction/runs", None, {"viewport": {"width": 1280, "height": 1000}}),
    "phone": (
        "#compare?from=httpx==0.12.1&to=httpx==0.13.0",
        None,
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_picture(visit, real, request, name):
    """Each picture shows the page with what is stored, and is under 200 kB."""
    link, behaviour, look = TAKEN[name]
    page = visit(link, real, **look)
    if behaviour:
        entry = page.locator("details", has_text=behaviour)
        entry.locator("summary").click()
        page.mouse.move(0, 0)
    taken = page.screenshot()
    assert len(taken) < 200_000
    if request.config.getoption("--pictures"):
        PICTURES.mkdir(exist_ok=True)
        (PICTURES / f"{name}.png").write_bytes(taken)
