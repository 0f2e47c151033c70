"""Which files a project has, and which of them can be read."""

import pytest

from repro.kit.usage import sources
from repro.problem import Problem


def test_project_is_its_own_files(tmp_path):
    """A project is its Python files, without what others wrote, what a tool made, and what no Python reads."""
    for name in (
        "app.py",
        "src/deep/inner.py",
        "tests/test_app.py",
        ".hidden/a.py",
        "venv/a.py",
        "own/lib/a.py",
        "build/a.py",
        "x.egg-info/a.py",
        "readme.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = '\\d'\n")
    (tmp_path / "own" / "pyvenv.cfg").write_text("")
    (tmp_path / "broken.py").write_text("x = 1\ndef f(:\n")
    (tmp_path / "no_text.py").write_bytes(b"\xff\xfe")
    (tmp_path / "null.py").write_text("a\0")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    found, broken = sources.read(tmp_path)
    assert [(source.name, source.of_tests) for source in found] == [
        ("app.py", False),
        ("src/deep/inner.py", False),
        ("tests/test_app.py", True),
    ]
    assert [(each.name, each.line) for each in broken] == [
        ("broken.py", 2),
        ("gone.py", 1),
        ("no_text.py", 1),
        ("null.py", 1),
    ]
    assert found[0].code(1) == "x = '\\d'"
    assert found[0].code(9) == ""


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_folder_without_a_project_is_a_problem(tmp_path, name):
    """A folder that is not there, or has no Python, is a problem that says so."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(Problem, match="There is no"):
        sources.read(tmp_path / name)
