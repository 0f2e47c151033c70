"""What a person can mend."""

from repro.problem import Problem


def test_problem_says_what_was_found_and_then_what_to_do():
    """A problem reads as what was found, and below it the next command."""
    assert str(Problem("The file is damaged.", "Run: nox")) == "The file is damaged.\n  Run: nox"


def test_problem_is_misuse_unless_it_says_otherwise():
    """A problem carries exit code 2, or the one it was given."""
    assert Problem("found", "mend").code == 2
    assert Problem("found", "mend", code=3).code == 3
