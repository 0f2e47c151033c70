"""Requirements files, read through a project that has them."""

import pytest

from repro.kit import locks
from repro.problem import Problem


def test_no_text_is_a_problem(project):
    """A requirements file that is no text is a problem with its name."""
    folder = project(requirements_txt="")
    (folder / "requirements.txt").write_bytes(b"\xff\x00\xfe")
    with pytest.raises(Problem, match=r"requirements\.txt cannot be read"):
        locks.read(folder)


def test_requirements_are_read_as_pip_reads_them(project):
    """Continuations, comments, hashes, markers, options, other files and constraints: each with its line."""
    folder = project(
        requirements_txt="# httpx==0.1\n"
        "--index-url https://index.example/simple\n"
        "-e .\n"
        "./local.whl\n"
        "wheels/other-1-py3-none-any.whl\n"
        "https://files.example/any.zip\n"
        "-r requirements/base.in  # what we need\n"
        "--requirement=more.txt\n"
        "-cheld.txt\n"
        "-r https://files.example/far.txt\n"
        "-r ../beyond.txt\n"
        "flask [async] == 3.1.3 \\\n"
        "    --hash=sha256:00 \\\n"
        "    # a comment between \\\n"
        "    --hash=sha256:11\n"
        "colorama==0.4.6 ; sys_platform == 'win32'\n"
        "tomli==2; python_version < '3.11'\n"
        "h2 ==4.* \\\n",
        requirements__base_in="-r ../requirements.txt\nhttpx>=0.25,<1 # twice\nanyio @ https://a.example/anyio-4.1.0-py3-none-any.whl#x\n"
        "certifi @ https://a.example/certifi.zip\nrespx\n",
        more_txt="Typing_Extensions===4.16.0",
        held_txt="httpx==0.27.2\nh11==0.16.0,>0",
    )
    pins = locks.read(folder, "3.12")
    assert pins.versions == {
        "anyio": "4.1.0",
        "flask": "3.1.3",
        "h11": "0.16.0",
        "httpx": "0.27.2",
        "typing-extensions": "4.16.0",
    }
    assert pins.sources["flask"] == "requirements.txt:12"
    assert pins.sources["httpx"] == "held.txt:1"
    assert pins.ranges == {"httpx": "<1,>=0.25", "certifi": "", "respx": "", "h2": "==4.*"}
    assert pins.asked["h2"] == "requirements.txt:18"


def test_requirements_of_another_folder_of_the_repository_are_read(project):
    """A project in a repository may share a file with others in it; what is beyond it is not read."""
    folder = project(service__requirements_txt="-r ../shared.txt\n", shared_txt="httpx==0.25.0")
    assert locks.read(folder / "service").versions == {}
    (folder / ".git").mkdir()
    assert locks.read(folder / "service").sources == {"httpx": "../shared.txt:1"}


def test_a_file_of_powershell_is_read(project):
    """UTF-16 with its mark, which PowerShell writes, and UTF-8 with one are read."""
    folder = project(requirements_txt="")
    (folder / "requirements.txt").write_bytes("httpx==0.25.0".encode("utf-16"))
    (folder / "requirements-dev.txt").write_bytes(b"\xef\xbb\xbfrespx==0.21.0")
    assert locks.read(folder).versions == {"httpx": "0.25.0", "respx": "0.21.0"}


def test_name_of_a_file_begins_no_line_of_its_own(project):
    """A file whose name holds a line break is named on one line, in a place and in a problem."""
    folder = project(README_md="")
    path = folder / "a\n::error::x-requirements.txt"
    path.write_text("httpx==0.27.0")
    assert locks.read(folder).sources == {"httpx": "a?::error::x-requirements.txt:1"}
    path.write_text("httpx >> 1")
    with pytest.raises(Problem) as caught:
        locks.read(folder)
    assert len(str(caught.value).splitlines()) == 2
