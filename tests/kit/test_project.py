"""The project that a person points at, found without writing anything where it is."""

import hashlib
import io
import os
import subprocess
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from repro.kit.downstream import project
from repro.problem import Problem


@pytest.fixture
def folder(tmp_path):
    """A project with what a person's machine leaves in one."""
    found = tmp_path / "mine"
    for name in (
        "mine/__init__.py",
        "tests/test_a.py",
        ".git/config",
        "env/pyvenv.cfg",
        "env/lib/x.py",
        "a/__pycache__/x.pyc",
    ):
        path = found / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (found / "pyproject.toml").write_text('[project]\nname = "My.Project"\n')
    (found / "link").symlink_to("mine")
    (found / "dangling").symlink_to("nowhere")
    return found


def test_directory_is_only_read(folder, tmp_path):
    """A directory is copied without environments, caches and version control, and stays as it is."""
    found = project.find(str(folder), tmp_path / "scratch")
    before = found.digest()
    found.copy(tmp_path / "copy")
    (tmp_path / "copy" / "mine" / "__init__.py").write_text("changed")
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == [
        "a",
        "dangling",
        "link",
        "mine",
        "pyproject.toml",
        "tests",
    ]
    assert found.name == "my-project"
    assert found.digest() == before
    (folder / "mine" / "__init__.py").write_text("changed")
    assert found.digest() != before


def test_copy_replaces_what_was_there(folder, tmp_path):
    """A copy holds what the project holds, and nothing that an earlier one was left with."""
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "old").touch()
    project.find(str(folder), tmp_path).copy(tmp_path / "copy")
    assert not (tmp_path / "copy" / "old").exists()


@pytest.mark.parametrize(
    ("text", "name"),
    [("", "mine"), ('[tool.poetry]\nname="Other_one"', "other-one"), ("[project]\nname=3", "mine")],
)
def test_project_is_named(tmp_path, text, name):
    """A project is called what it calls itself, and else as its folder."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pyproject.toml").write_text(text)
    assert project.find(str(tmp_path / "mine"), tmp_path).name == name


def test_folder_without_any_file_is_a_project(tmp_path):
    """A folder that declares nothing is called as it is."""
    (tmp_path / "app").mkdir()
    found = project.find(str(tmp_path / "app"), tmp_path)
    assert found.name == "app"
    assert set(found.pretended().values()) == {"0.0.0"}


def test_version_comes_from_the_newest_tag(folder, tmp_path):
    """The tools that read a version from version control are told the newest tag, or a version that says nothing."""
    assert set(project.find(str(folder), tmp_path).pretended().values()) == {"0.0.0"}
    (folder / ".git" / "config").unlink()
    (folder / ".git").rmdir()
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "a"], check=True)
    subprocess.run([*git, "tag", "v1.2.3"], check=True)
    assert set(project.find(str(folder), tmp_path).pretended().values()) == {"1.2.3"}


def sdist(path, top="my_project-1.0", mtime=1_600_000_000):
    """A source distribution with two files."""
    with tarfile.open(path, "w:gz") as archive:
        for name in (f"{top}/pyproject.toml", f"{top}/tests/test_a.py"):
            entry = tarfile.TarInfo(name)
            entry.mtime = mtime
            archive.addfile(entry, io.BytesIO())
    return path


def test_source_distribution_is_unpacked(tmp_path):
    """A source distribution is of the day after its newest file, and has the name and version of its folder."""
    found = project.find(str(sdist(tmp_path / "a.tar.gz")), tmp_path / "scratch")
    assert (found.name, found.version, found.dated) == ("my-project", "1.0", "2020-09-14T12:26:40Z")
    assert (found.folder / "tests" / "test_a.py").is_file()
    assert set(found.pretended().values()) == {"1.0"}


def test_zip_is_unpacked(tmp_path):
    """A zip file is a source distribution as well; one whose folder has no version is called as it calls itself."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("mine/a.py", (2021, 2, 3, 4, 5, 6)), "")
    found = project.find(str(tmp_path / "a.zip"), tmp_path / "scratch")
    assert (found.name, found.version, found.dated) == ("mine", None, "2021-02-04T04:05:06Z")


def test_archive_cannot_lead_out_of_its_folder(tmp_path):
    """A source distribution that would write elsewhere is refused."""
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../out"), io.BytesIO())
    with pytest.raises(Problem, match="no source distribution that can be unpacked"):
        project.find(str(tmp_path / "a.tar.gz"), tmp_path / "scratch")
    assert not (tmp_path / "out").exists()


def test_what_is_no_source_distribution_is_said(tmp_path):
    """A file that is no archive, and an archive of several folders, are no project."""
    (tmp_path / "a.tar.gz").write_text("no archive")
    with pytest.raises(Problem, match="no source distribution that can be unpacked"):
        project.find(str(tmp_path / "a.tar.gz"), tmp_path / "scratch")
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz"):
        pass
    with pytest.raises(Problem, match="holds 0 folders"):
        project.find(str(tmp_path / "b.tar.gz"), tmp_path / "scratch")


@pytest.mark.parametrize(
    "asked", ["no/such", "mine.tar.gz", "not a requirement", "../gone", "a @ file:///gone.zip", "my-project"]
)
def test_what_is_not_there_is_said(tmp_path, asked):
    """A path that is not there and is no requirement is named."""
    with pytest.raises(Problem, match="There is no project at"):
        project.find(asked, tmp_path)


def test_damaged_project_is_said(tmp_path):
    """A project file that cannot be read is named."""
    (tmp_path / "pyproject.toml").write_text("[")
    with pytest.raises(Problem, match=r"pyproject.toml is damaged"):
        project.find(str(tmp_path), tmp_path)


@pytest.fixture(params=[True])
def index(request, tmp_path, monkeypatch):
    """An index on loopback that has two releases of one project, the newer without a source distribution.

    Its parameter is whether what it serves is what it says it is.
    """
    served = {"/my-project/my_project-1.0.tar.gz": sdist(tmp_path / "served.tar.gz").read_bytes()}
    digest = hashlib.sha256(served["/my-project/my_project-1.0.tar.gz"] if request.param else b"").hexdigest()
    page = (
        '{"meta": {"api-version": "1.1"}, "name": "my-project", "versions": ["1.0", "1.1"], "files": ['
        '{"filename": "my_project-1.0.tar.gz", "url": "my_project-1.0.tar.gz", "size": 1,'
        f' "hashes": {{"sha256": "{digest}"}},'
        ' "upload-time": "2022-01-02T03:04:05Z"},'
        '{"filename": "my_project-1.0-py3-none-any.whl", "url": "w", "hashes": {}, "size": 1},'
        '{"filename": "my_project-1.1-py3-none-any.whl", "url": "w", "hashes": {}, "size": 1}]}'
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = page.encode() if self.path == "/my-project/" else served.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.send_header(
                "Content-Type", "application/vnd.pypi.simple.v1+json" if body == page.encode() else "application/x"
            )
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def test_requirement_is_downloaded(index, tmp_path):
    """A requirement is the source distribution of the newest version it allows, of the day after its upload."""
    found = project.find("My.Project==1.0", tmp_path / "scratch")
    assert (found.name, found.version, found.dated) == ("my-project", "1.0", "2022-01-03T03:04:05Z")
    assert (found.folder / "tests" / "test_a.py").is_file()


@pytest.mark.parametrize("index", [False], indirect=True)
def test_damaged_download_is_refused(index, tmp_path):
    """What is not what the index says it is, is not unpacked."""
    with pytest.raises(Problem, match=r"What the index gave for my-project==1.0 is damaged"):
        project.find("my-project==1.0", tmp_path / "scratch")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("gone==1.0", "The index knows no project 'gone'"),
        ("my-project==3", "The index has no version of my-project for"),
        ("my-project>0", "no source distribution of my-project 1.1"),
    ],
)
def test_what_the_index_does_not_have_is_said(index, tmp_path, asked, message):
    """A project, a version or a source distribution that the index does not have is named."""
    with pytest.raises(Problem, match=message):
        project.find(asked, tmp_path)


def test_unreachable_index_is_said(tmp_path, monkeypatch):
    """An index that cannot be reached is said, and is nobody's misuse."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(Problem, match="could not be reached") as caught:
        project.find("my-project==1.0", tmp_path)
    assert caught.value.code == 3


def test_index_of_pypi_is_the_last_resort(tmp_path, monkeypatch):
    """Where no index is named, the library's own is asked."""
    from pypi_simple import PyPISimple

    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    asked = []

    def page(self, name):
        asked.append(self.endpoint)
        raise OSError

    monkeypatch.setattr(PyPISimple, "get_project_page", page)
    with pytest.raises(OSError):  # noqa: PT011 - raised above
        project.find("my-project==1.0", tmp_path)
    assert asked == [PyPISimple().endpoint]
    assert not os.listdir(tmp_path)  # noqa: PTH208 - names are what is asked
