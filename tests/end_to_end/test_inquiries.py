"""The verb that runs the tests of a project under releases, as a person runs it."""

import pytest
from stage import release

TESTS = """
import httpx

def test_answer():
    assert httpx.ANSWER == 1

def test_always():
    pass
"""


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_verb_answers_in_every_form(small_checkout, tmp_path, form):
    """The verb prints the answer in the form asked for, and ends with its code."""
    (tmp_path / "mine" / "tests").mkdir(parents=True)
    (tmp_path / "mine" / "requirements.txt").write_text("httpx==0.1\n")
    (tmp_path / "mine" / "tests" / "test_a.py").write_text(TESTS)
    small_checkout.snapshots.mkdir(exist_ok=True)
    code, output = small_checkout.run(
        "downstream",
        str(tmp_path / "mine"),
        "--to",
        "0.2.1",
        "--bisect",
        "--format",
        form,
        "--command",
        "python -m pytest tests",
    )
    assert code == 1, output
    assert "BREAKS: 1 test regressed from httpx==0.1 to httpx==0.2.1, first at httpx==0.2." in output
    assert "httpx==0.1: installing mine" in output
    assert release("0.2").slug in {path.name for path in (small_checkout.root / ".matrix" / "downstream").glob("*/*")}
