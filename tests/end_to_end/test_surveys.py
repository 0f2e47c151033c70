"""The verb that reads a project's code, as processes of their own."""

import json
import tarfile


def test_two_runs_at_one_source_distribution_are_not_in_each_others_way(small_checkout, touched, tmp_path):
    """Two processes that unpack and read the same at once tell the same, and all of it."""
    for number in range(40):
        (tmp_path / "project" / f"module_{number}.py").write_text("import httpx\n\nhttpx.Client(proxies={})\n" * 3)
    with tarfile.open(tmp_path / "project-1.0.tar.gz", "w:gz") as archive:
        archive.add(touched, "project-1.0")
    asked = ("usage", str(tmp_path / "project-1.0.tar.gz"), "0.1", "0.2", "--format", "json", "--output")
    answers = [tmp_path / "one.json", tmp_path / "other.json"]
    running = [small_checkout.begin(*asked, str(answer)) for answer in answers]
    printed = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [1, 1], printed
    one, other = (answer.read_text() for answer in answers)
    assert one == other
    assert json.loads(one)["files"] == 41
