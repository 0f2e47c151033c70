"""Merging records: the union of what several jobs found."""

import pytest
from stage import record

from repro.kit.ci import merging
from repro.problem import Problem


def wrote(folder, name, value):
    """A record of a release with one answer, in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"httpx-{name}-py3.11.json"
    record(name, {"area/answer": value}).write(path)
    return path


def test_union_is_every_record_once(tmp_path):
    """Records of several folders, and of those below them, become one folder, byte for byte."""
    one = wrote(tmp_path / "jobs" / "records-1", "0.1", 1)
    wrote(tmp_path / "jobs" / "records-2", "0.2", 2)
    wrote(tmp_path / "again", "0.1", 1)
    into = tmp_path / "into"
    wrote(into, "0.3", 3)
    cells = merging.merge([tmp_path / "jobs", tmp_path / "again", into], into)
    assert cells == ["httpx-0.1-py3.11", "httpx-0.2-py3.11", "httpx-0.3-py3.11"]
    assert (into / one.name).read_bytes() == one.read_bytes()


def test_two_answers_of_one_cell_are_a_problem(tmp_path):
    """Records of the same cell that differ are of different runs, and neither is believed."""
    wrote(tmp_path / "one", "0.1", 1)
    wrote(tmp_path / "two", "0.1", 2)
    with pytest.raises(Problem, match="records of the same cell, and differ"):
        merging.merge([tmp_path / "one", tmp_path / "two"], tmp_path / "into")
    assert not (tmp_path / "into").exists()


def test_damaged_record_is_a_problem(tmp_path):
    """A record that was cut off is no record, and is not left out silently."""
    path = wrote(tmp_path / "one", "0.1", 1)
    path.write_text(path.read_text()[:50])
    with pytest.raises(Problem, match="is damaged"):
        merging.merge([tmp_path / "one"], tmp_path / "into")
    with pytest.raises(Problem, match="no folder of records"):
        merging.merge([tmp_path / "nowhere"], tmp_path / "into")
