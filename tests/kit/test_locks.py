"""What a project pins, and what a change of its locks moves.

`locks/` holds the same small project before and after a change that moves httpx, locked by the real tools; only the
addresses of the index are made up.
"""

import shutil
from pathlib import Path

import pytest

from repro.kit import locks
from repro.problem import Problem
from repro.release import Release, Releases

STORED = Path(__file__).parent / "locks"
LOCKS = {
    "uv": "uv.lock",
    "poetry": "poetry.lock",
    "pdm": "pdm.lock",
    "pylock": "pylock.toml",
    "pip": "requirements.txt",
    "pipenv": "Pipfile.lock",
}


@pytest.fixture(scope="module")
def releases():
    """The releases that there are, and not the few of other tests."""
    return Releases.load()


@pytest.mark.parametrize("kind", LOCKS)
def test_a_lock_holds_httpx_and_what_is_beneath_it(kind):
    """Every kind of lock yields the exact versions, and the file that says so."""
    pins = locks.read(STORED / f"{kind}-base")
    assert pins.versions["httpx"] == "0.26.0"
    assert pins.versions["httpcore"] == "1.0.9"
    assert pins.sources["httpx"].startswith(LOCKS[kind])
    assert "service" not in pins.versions
    assert pins.disagreements == {}
    assert pins.direct == {"httpx"}
    assert set(pins.ranges["httpx"].split(",")) == {">=0.23", "<0.27"}


@pytest.mark.parametrize("kind", LOCKS)
def test_a_change_of_a_lock_moves_httpx(kind, releases):
    """Every kind of lock yields the releases before and after a change, and where each is said."""
    move = locks.moved(STORED / f"{kind}-base", STORED / f"{kind}-head", releases=releases)
    assert (move.before, move.after) == (Release("httpx", "0.26.0"), Release("httpx", "0.28.1"))
    assert all(where.startswith(LOCKS[kind]) for where in move.where)
    assert move.beneath == {}


@pytest.mark.parametrize("kind", LOCKS)
def test_a_change_of_something_else_moves_nothing(kind, releases, tmp_path):
    """A lock in which another distribution moved says that httpx did not."""
    head = shutil.copytree(STORED / f"{kind}-base", tmp_path / "head")
    lock = head / LOCKS[kind]
    lock.write_text(lock.read_text().replace("1.3.1", "1.3.0"))
    assert locks.read(head).versions["sniffio"] == "1.3.0"
    assert locks.moved(STORED / f"{kind}-base", head, releases=releases) is None


@pytest.mark.parametrize("kind", LOCKS)
def test_a_change_beneath_httpx_is_a_move(kind, releases, tmp_path):
    """Where httpcore moved alone, the release is the same on both sides and httpcore is named."""
    head = shutil.copytree(STORED / f"{kind}-base", tmp_path / "head")
    lock = head / LOCKS[kind]
    lock.write_text(lock.read_text().replace("1.0.9", "1.0.5"))
    move = locks.moved(STORED / f"{kind}-base", head, releases=releases)
    assert move.before == move.after == Release("httpx", "0.26.0")
    assert move.beneath == {"httpcore": ("1.0.9", "1.0.5")}


def test_a_change_of_h11_alone_is_no_move(releases, tmp_path):
    """What is beneath httpcore is told beside a move, and is none by itself."""
    head = shutil.copytree(STORED / "uv-base", tmp_path / "head")
    (head / "uv.lock").write_text((head / "uv.lock").read_text().replace("0.16.0", "0.14.0"))
    assert locks.moved(STORED / "uv-base", head, releases=releases) is None
    (head / "uv.lock").write_text((head / "uv.lock").read_text().replace("1.0.9", "1.0.8"))
    move = locks.moved(STORED / "uv-base", head, releases=releases)
    assert move.beneath == {"httpcore": ("1.0.9", "1.0.8"), "h11": ("0.16.0", "0.14.0")}


@pytest.mark.parametrize("kind", ["uv", "poetry"])
@pytest.mark.parametrize(("python", "version"), [("3.11", "0.26.0"), ("3.12", "0.28.1")])
def test_a_lock_with_forks_is_read_for_one_python(kind, python, version):
    """Of two versions in one lock, the one whose marker applies to the Python counts."""
    assert locks.read(STORED / f"{kind}-forks", python).versions["httpx"] == version


@pytest.mark.parametrize("kind", LOCKS)
def test_a_damaged_lock_is_a_problem_with_its_place(kind, tmp_path):
    """A lock that is cut off is said to be damaged, with its name."""
    folder = shutil.copytree(STORED / f"{kind}-base", tmp_path / "project")
    lock = folder / LOCKS[kind]
    lock.write_text(lock.read_text().replace("0.26.0", "x.y;z"))
    with pytest.raises(Problem, match=LOCKS[kind].replace(".", r"\.")):
        locks.read(folder)
    lock.write_text(lock.read_text()[:700] + '\n"\x00[')
    with pytest.raises(Problem, match=LOCKS[kind].replace(".", r"\.")):
        locks.read(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("uv_lock", "package = 1"),
        ("uv_lock", '[[package]]\nversion = "1"'),
        ("poetry_lock", '[[package]]\nname = "a"\nversion = "1"\nmarkers = "python_version is 3"'),
        ("pdm_lock", '[[package]]\nname = "a"\nversion = "1"\nrequires_python = "three"'),
        ("pylock_toml", "lock-version = '9.0'\ncreated-by = 'x'\npackages = []"),
        ("pylock_dev_toml", "lock-version = '1.0'"),
        ("Pipfile_lock", "[]"),
        ("pyproject_toml", "[project]\ndependencies = ['httpx >']"),
        ("Pipfile", "packages = 1"),
        ("setup_cfg", "[options]\ninstall_requires =\n    httpx >> 1"),
        ("setup_cfg", "httpx"),
        ("requirements_txt", "httpx >> 1"),
        ("requirements_txt", "httpx==1; python_version ~= '3'"),
        ("requirements_txt", "\n-r other.txt"),
    ],
)
def test_what_cannot_be_understood_is_a_problem(project, name, content):
    """Wherever a file says what it cannot mean, its place is told and nothing is guessed."""
    with pytest.raises(Problem, match=name.replace("_", r"\.")):
        locks.read(project(**{name: content}))


def test_no_project_is_a_problem(tmp_path):
    """A folder that is not there is a problem with its path."""
    with pytest.raises(Problem, match="no project at"):
        locks.read(tmp_path / "nowhere")


def test_what_is_asked_for_is_read_of_every_table(project):
    """PEP 621, groups, uv, PDM and Poetry say what a project asks for, each in its own table."""
    folder = project(
        pyproject_toml="""
[project]
dependencies = ["httpx>=0.25", "flask==3.1.3"]
optional-dependencies.http2 = ["h2; python_version >= '3.0'"]
[dependency-groups]
all = [{include-group = "tests"}]
tests = ["respx>=0.20"]
[tool.uv]
dev-dependencies = ["anyio<5"]
constraint-dependencies = ["h11>=0.14"]
[tool.pdm.dev-dependencies]
lint = ["-e file:///x", "ruff"]
[tool.poetry.dependencies]
python = "^3.11"
certifi = "*"
idna = "3.10"
local = {path = "../local"}
sniffio = [{version = "^1.3", python = ">=3.9"}, {version = "^1.2", python = "<3.9"}]
brotli = {version = "==1.1.0", markers = "platform_python_implementation == 'None'"}
[tool.poetry.dev-dependencies]
trio = {version = "~0.30"}
[tool.poetry.group.tests.dependencies]
pytest = "==9.2.0"
"""
    )
    pins = locks.read(folder)
    assert pins.versions == {"flask": "3.1.3", "idna": "3.10", "pytest": "9.2.0"}
    assert pins.ranges == {
        "anyio": "<5",
        "certifi": "",
        "h11": ">=0.14",
        "h2": "",
        "httpx": ">=0.25",
        "respx": ">=0.20",
        "ruff": "",
        "sniffio": "^1.3",
        "trio": "~0.30",
    }
    assert pins.asked["respx"] == "pyproject.toml: dependency-groups.tests"
    assert pins.sources["pytest"] == "pyproject.toml: tool.poetry.group.tests.dependencies"


def test_what_setup_cfg_asks_for_is_read(project):
    """Older projects say in setup.cfg what they need, and what their extras do."""
    folder = project(
        setup_cfg="[options]\ninstall_requires =\n    # the client\n    httpx>=0.20\n    h11==0.14.0; os_name != 'x'\n"
        "[options.extras_require]\nhttp2 = h2\ntests = file: tests.txt\n"
    )
    pins = locks.read(folder)
    assert (pins.versions, pins.ranges) == ({"h11": "0.14.0"}, {"httpx": ">=0.20", "h2": ""})
    assert pins.asked["httpx"] == "setup.cfg: options.install_requires"
    assert locks.read(project(setup_cfg="[metadata]\nname = x")).versions == {}


def test_the_first_of_two_locks_counts_and_the_other_is_told(project):
    """Locks that disagree are taken in the documented order, and the disagreement is said."""
    folder = project(
        uv_lock='[[package]]\nname = "httpx"\nversion = "0.27.0"\n',
        requirements_txt="httpx==0.28.1",
        constraints_txt="httpx==0.27",
    )
    pins = locks.read(folder)
    assert pins.versions == {"httpx": "0.27.0"}
    assert pins.disagreements == {
        "httpx": "httpx is 0.27.0 in uv.lock: httpx, which counts, and 0.28.1 in requirements.txt:1."
    }


def test_the_newest_of_a_lock_counts_where_markers_decide_nothing(project):
    """Forks that only uv understands leave several versions, of which the newest counts and the other is told."""
    fork = '[[package]]\nname = "httpx"\nversion = "{}"\nresolution-markers = ["extra == \'x\'"]\n'
    pins = locks.read(project(uv_lock=fork.format("0.9.0") + fork.format("0.27.0")))
    assert pins.versions == {"httpx": "0.27.0"}
    assert "0.9.0" in pins.disagreements["httpx"]


def test_markers_by_group_of_poetry_apply_where_one_does(project):
    """Poetry writes a marker for each group; a package is there where one of them applies."""
    entry = '[[package]]\nname = "{}"\nversion = "1"\nmarkers = {{main = "python_version < \'3\'", dev = "{}"}}\n'
    text = entry.format("one", "python_version > '3'") + entry.format("two", "python_version < '3'")
    text += '[[package]]\nname = "old"\nversion = "1"\npython-versions = ">= 2.7, !=3.0.*, <3"\n'
    text += '[[package]]\nname = "here"\nversion = "1"\nsource = {type = "directory", url = "."}\n'
    assert locks.read(project(poetry_lock=text)).versions == {"one": "1"}
    assert locks.httpx(STORED / "poetry-extras") == ("httpx", "0.26.0", "poetry.lock: httpx")


def test_what_an_extra_needs_is_locked(project):
    """What only an extra of the project needs is one of its pins, where the rest of its marker applies."""
    entry = '[[package]]\nname = "{}"\nversion = "1"\noptional = true\nmarkers = "extra == \'client\' and {}"\n'
    text = entry.format("one", "python_version > '3'") + entry.format("two", "python_version < '3'")
    assert locks.read(project(poetry_lock=text)).versions == {"one": "1"}


def test_what_has_no_version_is_no_pin(project):
    """Folders and repositories in a lock have no version that could be compared."""
    folder = project(
        uv_lock='[[package]]\nname = "a"\nsource = {git = "x"}\n',
        pdm_lock='[[package]]\nname = "a"\nversion = "1"\npath = "."\n'
        '[[package]]\nname = "b"\nversion = "1"\nmarker = "python_version < \'3\'"\n',
        pylock_toml="lock-version = '1.0'\ncreated-by = 'x'\n[[packages]]\nname = 'a'\ndirectory = {path = '.'}\n"
        "[[packages]]\nname = 'b'\nmarker = \"'x' in extras\"\ndirectory = {path = '.'}\n",
        Pipfile_lock='{"_meta": {}, "default": {"a": {"path": "."}}}',
    )
    assert locks.read(folder).versions == {}


def test_httpx_is_told_with_its_place(project, releases):
    """A project's httpx is its distribution, its exact version or none, and where that is said."""
    assert locks.httpx(project(README_md=""), releases=releases) is None
    folder = project(pyproject_toml='[project]\ndependencies = ["httpx>=0.25"]')
    assert locks.httpx(folder, releases=releases) == ("httpx", None, "pyproject.toml: project.dependencies")
    project(uv_lock='[[package]]\nname = "httpx"\nversion = "0.27.0"\n')
    assert locks.httpx(folder) == ("httpx", "0.27.0", "uv.lock: httpx")


def test_the_line_that_a_project_asks_for_counts(project, releases):
    """Where a dependency brings httpx and the project itself asks for httpx2, its httpx is httpx2."""
    both = "".join(
        f'[[package]]\nname = "{name}"\nversion = "{version}"\n'
        for name, version in (("httpx", "0.28.1"), ("httpx2", "2.0.0"))
    )
    folder = project(uv_lock=both)
    assert locks.httpx(folder, releases=releases)[0] == "httpx"
    project(pyproject_toml='[project]\ndependencies = ["httpx2"]')
    assert locks.httpx(folder, releases=releases) == ("httpx2", "2.0.0", "uv.lock: httpx2")


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        ("", "0.28.1"),
        ("*", "0.28.1"),
        (">=0.23,<0.27", "0.26.0"),
        ("~=0.25.0", "0.25.2"),
        ("^0.24", "0.24.1"),
        ("^0.24.1", "0.24.1"),
        ("~0.23.0", "0.23.3"),
        ("~0", "0.28.1"),
        ("^0.0.3 || 0.13.0 | < 0.9", "0.13.0"),
        (">= 0.20, != 0.28.1, < 1", "0.28.0"),
        ("0.27.*", "0.27.2"),
        (">2", None),
    ],
)
def test_a_range_means_the_newest_release_that_it_allows(asked, version, releases):
    """Ranges of PEP 440 and of Poetry allow what their tools say they do."""
    release = locks.newest("httpx", asked, releases)
    assert (release.version if release else None) == version


def test_no_range_is_a_problem(releases):
    """What is no range is said to be none."""
    with pytest.raises(Problem, match="'about one' is no range"):
        locks.newest("httpx", "about one", releases)


def test_a_change_of_a_range_moves_httpx(tmp_path, releases):
    """Without a lock the newest release that each range allows is meant, and the move says so."""
    for side, asked in (("base", ">=0.25,<0.28"), ("head", ">=0.25,<0.29"), ("none", ">=3"), ("without", None)):
        (tmp_path / side).mkdir()
        if asked:
            (tmp_path / side / "requirements.txt").write_text(f"httpx{asked}\n")
    move = locks.moved(tmp_path / "base", tmp_path / "head", releases=releases)
    assert (str(move.before), str(move.after)) == ("httpx==0.27.2", "httpx==0.28.1")
    assert move.where[0] == "requirements.txt:1, the newest that <0.28,>=0.25 allows"
    for side in ("none", "without"):
        assert locks.moved(tmp_path / "base", tmp_path / side, releases=releases) is None


def test_a_change_of_line_is_a_move(tmp_path, releases):
    """From httpx to httpx2 is a move, and httpcore that goes with it is told."""
    for side, text in (("base", "httpx==0.28.1\nhttpcore==1.0.9"), ("head", "httpx2==2.0.0\nhttpcore2==2.0.0")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "requirements.txt").write_text(text)
    move = locks.moved(tmp_path / "base", tmp_path / "head")
    assert (str(move.before), str(move.after)) == ("httpx==0.28.1", "httpx2==2.0.0")
    assert move.beneath == {"httpcore": ("1.0.9", None), "httpcore2": (None, "2.0.0")}
