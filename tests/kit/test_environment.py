"""The environments of cells, built with a real uv from packages on a shelf."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from stage import MINOR, ROOT, Shelf, eventually, processes, release

from repro.cell.upstream import refusing_port
from repro.kit import environment
from repro.kit.environment import Plan
from repro.problem import Problem
from repro.release import Checkout

#: A build backend that makes a wheel of an httpx that answers what the checkout says.
BACKEND = """
import pathlib, zipfile

def build_wheel(folder, settings=None, metadata=None):
    info = "httpx-0.2.dist-info/"
    name = "httpx-0.2-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as archive:
        archive.writestr("httpx.py", pathlib.Path("httpx.py").read_text())
        archive.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: httpx\\nVersion: 0.2\\n")
        archive.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr(info + "RECORD", "")
    return name
"""


@pytest.fixture
def plan(releases):
    """The plan of a small release under this Python."""
    return lambda name: environment.plan(release(name), sys.executable, MINOR, releases)


@pytest.fixture
def unreachable(monkeypatch):
    """An index that refuses connections, and no patience."""
    monkeypatch.delenv("UV_OFFLINE")
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{refusing_port()}/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setattr(environment, "BACK_OFF", (0.01, 0.02))


def asks(interpreter, code):
    """What a line of Python prints in an environment."""
    done = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_plan_holds_everything_that_the_rules_say(releases):
    """A plan is the release with its extras, what it needs beside itself, and what replaces what metadata asks for."""
    rules = (
        {"releases": "httpx", "reason": "x", "extras": ("http2", "brotli"), "install": ("respx==1",)},
        {"releases": "httpx", "reason": "x", "optional": ("brotli==1",)},
        {
            "releases": "httpx>=0.2",
            "reason": "x",
            "override": ("asynctest; sys_platform == 'never'",),
            "sdist": ("httpx",),
            "optional": ("click==8",),
        },
        {"releases": "httpx>=0.3", "reason": "x", "install": ("never==1",)},
    )
    from repro.release import Rule

    releases.rules = tuple(Rule(**rule) for rule in rules)
    plan = environment.plan(release("0.2"), "3.12", "3.12", releases)
    assert plan.name == "httpx-0.2-py3.12"
    assert plan.requirements == ("httpx[brotli,http2]==0.2", "respx==1")
    assert plan.overrides == ("httpx[brotli,http2]==0.2", "asynctest; sys_platform == 'never'")
    assert (plan.sdists, plan.exempt, plan.cutoff) == (("httpx",), ("httpx",), releases.cutoff)
    assert plan.beneath.requirements == ("underlay==1",)
    assert plan.optional.requirements == ("brotli==1", "click==8")
    assert plan.kept


def test_plan_leaves_out_what_the_harness_would_lend_a_release(releases):
    """What a rule is `without` is not beneath the releases it covers, and beneath all others."""
    from repro.release import Rule

    releases.harness = ("underlay==1", "lender==2")
    releases.rules = (Rule("httpx<0.2", "x", without=("lender",)),)
    plans = [environment.plan(release(version), "3.12", "3.12", releases) for version in ("0.1", "0.2")]
    assert [plan.beneath.requirements for plan in plans] == [("underlay==1",), ("underlay==1", "lender==2")]


def test_equal_plans_share_an_environment_and_others_do_not(plan):
    """Whatever goes into an environment is in its name."""
    first = plan("0.1")
    assert first.folder == plan("0.1").folder
    others = [
        plan("0.2"),
        replace(first, python="3.0"),
        replace(first, cutoff="2020-01-01"),
        replace(first, overrides=()),
        replace(first, beneath=None),
    ]
    assert len({first.folder, *(other.folder for other in others)}) == 6


@pytest.mark.parametrize(
    ("source", "requirement", "like"),
    [
        (
            "git+https://example.invalid/encode/httpx.git@main",
            "httpx @ git+https://example.invalid/encode/httpx.git@main",
            "0.4",
        ),
        ("git+https://example.invalid/a/httpx2", "httpx2 @ git+https://example.invalid/a/httpx2", "httpx2"),
        ("git+https://example.invalid/my/fork", "httpx @ git+https://example.invalid/my/fork", "httpx"),
    ],
)
def test_checkout_is_installed_from_where_it_is(releases, source, requirement, like):
    """A URL is installed as the distribution that it is named after, and never served from an earlier build."""
    plan = environment.plan(Checkout(source), "3.12", "3.12", releases)
    assert plan.requirements[0] == requirement
    assert plan.overrides[0] == requirement
    assert not plan.kept


def test_checkout_says_its_own_name(releases, tmp_path):
    """A folder is installed as the distribution that its project file names."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "httpx2"\n')
    plan = environment.plan(Checkout(str(tmp_path)), "3.12", "3.12", releases)
    assert plan.requirements[0] == f"httpx2 @ file://{tmp_path}"


def test_damaged_checkout_is_said(releases, tmp_path):
    """A project file that cannot be read is named."""
    (tmp_path / "pyproject.toml").write_text("[")
    with pytest.raises(
        Problem, match=r"pyproject.toml is damaged: .*\n  Give RELEASES a checkout that can be installed"
    ):
        environment.plan(Checkout(str(tmp_path)), "3.12", "3.12", releases)


def test_environment_holds_the_release_and_what_lies_beneath(plan, tmp_path):
    """An environment has the release, and finds what every cell shares after the release's own packages."""
    interpreter = environment.build(plan("0.1"), tmp_path)
    found = asks(interpreter, "import httpx, underlay, pytest; print(httpx.ANSWER, underlay.__file__)")
    answer, place = found.split()
    assert answer == "1"
    assert Path(place).is_relative_to(tmp_path / plan("0.1").beneath.folder)


def test_environment_is_told_of_optional_packages_and_does_not_find_them(plan, tmp_path):
    """Optional packages are in an environment of their own; the cell's is told its folder, and finds none of them."""
    optional = Plan("optional", sys.executable, ("extra==1",), plan("0.1").cutoff)
    interpreter = environment.build(replace(plan("0.1"), optional=optional), tmp_path)
    told = Path((tmp_path / plan("0.1").folder / "optional.path").read_text().strip())
    assert (told / "extra.py").is_file()
    assert told.is_relative_to(tmp_path / optional.folder)
    assert asks(interpreter, "import importlib.util; print(importlib.util.find_spec('extra'))") == "None"


def test_optional_packages_come_and_go_without_another_build(plan, tmp_path, monkeypatch):
    """An environment that is there already is told of optional packages, and that there are none any more."""
    optional = Plan("optional", sys.executable, ("extra==1",), plan("0.1").cutoff)
    interpreter = environment.build(plan("0.1"), tmp_path)
    told = tmp_path / plan("0.1").folder / "optional.path"
    assert not told.exists()
    environment.build(optional, tmp_path)
    monkeypatch.setattr(environment, "_uv", lambda arguments, variables: pytest.fail("uv was asked again"))
    assert environment.build(replace(plan("0.1"), optional=optional), tmp_path) == interpreter
    assert told.read_text().strip()
    environment.build(plan("0.1"), tmp_path)
    assert told.read_text() == ""


def test_optional_packages_that_cannot_be_built_are_no_cell(plan, tmp_path):
    """Where the optional packages cannot be had, the environment cannot be built, and the reason names them."""
    optional = Plan("optional", sys.executable, ("nowhere==1",), plan("0.1").cutoff)
    with pytest.raises(environment.NotBuilt, match="nowhere"):
        environment.build(replace(plan("0.1"), optional=optional), tmp_path)


def test_finished_environment_serves_again(plan, tmp_path, monkeypatch):
    """A second run finds the environment built and asks uv for nothing."""
    interpreter = environment.build(plan("0.1"), tmp_path)
    monkeypatch.setattr(environment, "_uv", lambda arguments, variables: pytest.fail("uv was asked again"))
    assert environment.build(plan("0.1"), tmp_path) == interpreter


def test_unfinished_environment_is_built_again(plan, tmp_path):
    """What an interrupted build left is thrown away and built anew."""
    interpreter = environment.build(plan("0.1"), tmp_path)
    (tmp_path / plan("0.1").folder / "finished").unlink()
    (environment.packages(interpreter) / "httpx.py").unlink()
    assert asks(environment.build(plan("0.1"), tmp_path), "import httpx; print(httpx.ANSWER)") == "1"


def test_two_builders_at_once_build_once(plan, tmp_path, monkeypatch):
    """Who comes second while an environment is being built waits, and finds it built."""
    asked = []
    uv = environment._uv

    def counted(arguments, variables):
        asked.append(arguments)
        return uv(arguments, variables)

    monkeypatch.setattr(environment, "_uv", counted)
    found = []
    builders = [threading.Thread(target=lambda: found.append(environment.build(plan("0.1"), tmp_path))) for _ in "ab"]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert len(set(found)) == 1
    assert len(found) == 2
    # One environment and the one beneath it, each made and then filled.
    assert [arguments[0] for arguments in asked] == ["venv", "pip", "venv", "pip"]


def test_release_that_cannot_be_built_says_the_known_reason(plan, tmp_path):
    """Where the data knows why nothing can be installed, that is the reason; nothing is kept as built."""
    with pytest.raises(environment.NotBuilt) as caught:
        environment.build(plan("0.4"), tmp_path)
    assert caught.value.reason == "It never could be built."
    assert not caught.value.passing
    assert not (tmp_path / plan("0.4").folder / "finished").exists()


def test_release_that_cannot_be_built_says_what_uv_said(plan, tmp_path):
    """Where nothing is known, the reason is what uv said, in a line without paths of this machine."""
    with pytest.raises(environment.NotBuilt) as caught:
        environment.build(replace(plan("0.4"), known=None), tmp_path)
    assert "RuntimeError: this release cannot be built" in caught.value.reason
    assert "/" not in caught.value.reason.replace("://", "")
    assert "\n" not in caught.value.reason


def test_release_that_is_not_on_the_index_says_so(plan, tmp_path):
    """A version that does not exist is a reason, not an unreachable index."""
    with pytest.raises(environment.NotBuilt, match=r"no version of httpx==0\.9") as caught:
        environment.build(plan("0.9"), tmp_path)
    assert not caught.value.passing


def test_unreachable_index_is_tried_again_and_then_said(plan, tmp_path, monkeypatch, unreachable):
    """An index that refuses is tried three times; the reason names it, and nothing is kept as an answer."""
    said = []
    monkeypatch.delenv("UV_FIND_LINKS")
    with pytest.raises(environment.NotBuilt) as caught:
        environment.build(plan("0.1"), tmp_path, say=said.append)
    assert caught.value.passing
    assert caught.value.reason.startswith("the package index could not be reached in 3 tries (")
    assert caught.value.reason.endswith("; check the network and run nox again")
    beneath = plan("0.1").beneath.name
    assert said == [
        f"{beneath}: the index could not be reached, trying again in {pause} s" for pause in ("0.01", "0.02")
    ]
    assert list(tmp_path.glob("*/finished")) == []


def test_index_that_comes_back_serves(plan, tmp_path, monkeypatch, unreachable):
    """After an index was unreachable, the same environment is built as if nothing had been."""
    with monkeypatch.context() as away:
        away.delenv("UV_FIND_LINKS")
        with pytest.raises(environment.NotBuilt):
            environment.build(plan("0.1"), tmp_path)
    monkeypatch.setenv("UV_OFFLINE", "1")
    assert asks(environment.build(plan("0.1"), tmp_path), "import httpx; print(httpx.ANSWER)") == "1"


def test_unreachable_index_is_not_needed_for_what_is_at_hand(plan, tmp_path, unreachable):
    """What needs no index is built without it, and that is said."""
    said = []
    interpreter = environment.build(plan("0.1"), tmp_path, say=said.append)
    assert asks(interpreter, "import httpx; print(httpx.ANSWER)") == "1"
    assert said[-1] == f"httpx-0.1-py{MINOR}: the index could not be reached; built from uv's cache"


def test_checkout_is_built_anew_every_time(releases, tmp_path):
    """Code that may have moved is installed as it is now."""
    source = tmp_path / "httpx"
    source.mkdir()
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "httpx"\nversion = "0.2"\n'
    )
    (source / "backend.py").write_text(BACKEND)
    wanted = environment.plan(Checkout(str(source)), sys.executable, MINOR, releases)
    for answer in ("7", "8"):
        (source / "httpx.py").write_text(f"ANSWER = {answer}\n")
        interpreter = environment.build(wanted, tmp_path / "environments")
        assert asks(interpreter, "import httpx; print(httpx.ANSWER)") == answer


def test_surroundings_do_not_choose_the_packages(plan, tmp_path, monkeypatch):
    """What would change which packages uv takes is not passed on to it."""
    (tmp_path / "constraints.txt").write_text("httpx==0.2\n")
    monkeypatch.setenv("UV_CONSTRAINT", str(tmp_path / "constraints.txt"))
    monkeypatch.setenv("UV_OVERRIDE", str(tmp_path / "constraints.txt"))
    monkeypatch.setenv("UV_EXCLUDE_NEWER", "2001-01-01")
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text('exclude-newer = "2001-01-01"\n[pip]\nno-binary = [":all:"]\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "/nowhere")
    monkeypatch.setenv("UV_PYTHON", "/nowhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/nowhere")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    assert asks(environment.build(plan("0.1"), tmp_path / "made"), "import httpx; print(httpx.ANSWER)") == "1"


def test_source_is_built_where_the_wheel_is_wrong(releases, tmp_path):
    """A distribution that is to come from its source is not taken from its wheel."""
    plan = replace(environment.plan(release("0.1"), sys.executable, MINOR, releases), sdists=("httpx",))
    with pytest.raises(environment.NotBuilt, match=r"httpx==0\.1"):
        environment.build(plan, tmp_path)


def test_environments_that_are_moved_still_serve(plan, tmp_path):
    """Where the folder of all environments is moved, each still finds what lies beneath it, and is not built again."""
    environment.build(plan("0.1"), tmp_path / "made")
    (tmp_path / "made").rename(tmp_path / "moved")
    finished = (tmp_path / "moved" / plan("0.1").folder / "finished").stat().st_mtime_ns
    interpreter = environment.build(plan("0.1"), tmp_path / "moved")
    assert asks(interpreter, "import httpx, underlay; print(httpx.ANSWER)") == "1"
    assert (tmp_path / "moved" / plan("0.1").folder / "finished").stat().st_mtime_ns == finished


def test_what_lies_beneath_is_built_again_where_it_is_gone(plan, tmp_path):
    """An environment that is there does without nothing: what was removed from beneath it is built again."""
    environment.build(plan("0.1"), tmp_path)
    shutil.rmtree(tmp_path / plan("0.1").beneath.folder)
    assert asks(environment.build(plan("0.1"), tmp_path), "import underlay, httpx; print(httpx.ANSWER)") == "1"


def test_interrupted_build_leaves_no_process(plan, tmp_path, monkeypatch):
    """An interrupt ends uv and the build that it started, and the environment is not finished."""
    shelf = Shelf(tmp_path / "shelf")
    shelf.folder.mkdir()
    begun = tmp_path / "begun"
    shelf.sdist("httpx", "0.9", f"import time; open({str(begun)!r}, 'w'); time.sleep(100)  # {tmp_path}\n")
    monkeypatch.setenv("UV_FIND_LINKS", f"{shelf.folder},{os.environ['UV_FIND_LINKS']}")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))

    def interrupt():
        eventually(begun.exists)
        os.kill(os.getpid(), signal.SIGINT)

    environment.build(plan("0.9").beneath, tmp_path / "made")
    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        environment.build(plan("0.9"), tmp_path / "made")
    assert begun.exists()
    assert eventually(lambda: not processes(str(tmp_path)))
    assert not (tmp_path / "made" / plan("0.9").folder / "finished").exists()


def test_uv_beside_the_interpreter_comes_first(monkeypatch, tmp_path):
    """The uv that was installed with nox is taken before another on the path."""
    assert environment.uv() == str(Path(sys.executable).with_name("uv"))
    (tmp_path / "uv").write_text("")
    (tmp_path / "uv").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "elsewhere" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment.uv() == str(tmp_path / "uv")


def test_missing_uv_is_said(monkeypatch, tmp_path):
    """Without any uv, the message says how to get one."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem) as caught:
        environment.uv()
    assert caught.value.found == "There is no uv to build environments with."
    assert caught.value.mend == "Install it with: pip install 'nox[uv]'"
    assert caught.value.code == 3


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("", "uv said nothing"),
        ("error: No solution found\n  cause: Because there is none\n", "No solution found Because there is none"),
        ("  \u00d7 No solution found\n  ╰─▶ Because a\n      hint: b\n", "No solution found Because a b"),
        ("error: first\nsecond\nthird\nfourth\n", "first third fourth"),
        ("error: no file at /home/me/.cache/uv/thing.whl", "no file at thing.whl"),
        ("error: same\nsame\nsame", "same"),
        ("x" * 500, "x" * 397 + "..."),
    ],
)
def test_reason_is_what_uv_said_in_a_line(output, said):
    """What uv says becomes one line: its first words and its last, without marks and without paths."""
    assert environment.reason(output) == said


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        *itertools.product(
            ("PATH", "HOME", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "UV_INDEX_URL", "UV_CACHE_DIR"), [True]
        ),
        *itertools.product(
            ("UV_CONSTRAINT", "UV_PYTHON", "PYTHONPATH", "UV_EXCLUDE_NEWER", "TMDB_API_KEY", "UVX"), [False]
        ),
    ],
)
def test_uv_sees_the_way_to_the_index_and_nothing_else(name, seen):
    """Uv sees where packages are and how to get there; secrets and choices stay outside."""
    assert (environment._UV_SEES.fullmatch(name) is not None) is seen


def test_shelf_is_all_that_is_needed():
    """These tests use no package index: uv is offline."""
    assert os.environ["UV_OFFLINE"] == "1"
    assert ROOT.is_dir()


def test_constraints_hold_what_is_installed(tmp_path):
    """A constraint holds a version and installs nothing; what cannot be held so is said with the conflict."""
    held = Plan("held", sys.executable, ("httpx",), "2026-01-01T00:00:00Z", constraints=("httpx==0.1", "never==1"))
    assert asks(environment.build(held, tmp_path), "import httpx; print(httpx.ANSWER)") == "1"
    with pytest.raises(environment.NotBuilt, match=r"httpx==0\.1"):
        environment.build(replace(held, requirements=("httpx>0.1",)), tmp_path)


def test_cutoff_of_its_own_is_passed_on(tmp_path):
    """A distribution may have a cut-off of its own, and the build sees the variables that the plan gives."""
    wanted = Plan(
        "cut",
        sys.executable,
        ("httpx==0.1",),
        "2026-01-01T00:00:00Z",
        exempt=("httpx=2020-01-01T00:00:00Z",),
        variables=(("SETUPTOOLS_SCM_PRETEND_VERSION", "3"),),
    )
    # The shelf says of nothing when it was uploaded, so no cut-off hides any of it.
    assert asks(environment.build(wanted, tmp_path), "import httpx; print(httpx.ANSWER)") == "1"
    assert wanted.folder != replace(wanted, variables=()).folder


def test_resolution_says_what_an_install_would_bring(tmp_path):
    """What requirements resolve to is said without installing anything; what they cannot is said with the conflict."""
    wanted = Plan("resolution", sys.executable, ("httpx<0.2.1,>0",), "2026-01-01", exempt=("httpx=2026-01-01",))
    assert environment.resolved(wanted, tmp_path) == {"httpx": "0.2"}
    # An earlier answer has no say in a later one.
    assert environment.resolved(replace(wanted, constraints=("httpx==0.1",)), tmp_path) == {"httpx": "0.1"}
    assert environment.resolved(wanted, tmp_path) == {"httpx": "0.2"}
    with pytest.raises(environment.NotBuilt, match=r"httpx"):
        environment.resolved(replace(wanted, requirements=("httpx>7",)), tmp_path)


def test_reason_of_a_conflict_says_what_depends_on_what():
    """Of a long conflict the clauses that say what depends on what are kept, before its last words."""
    output = (
        "  \u00d7 No solution found when resolving dependencies:\n"
        "  ╰─▶ Because only mine[test]==4 is available and mine[test]==4 depends on\n"
        "      pytest==6.2.5, we can conclude that all versions of mine[test] depend on it.\n"
        "      And because you require httpx==0.28.1, your requirements and pytest-httpx are incompatible.\n"
        "      And because you require mine[test], your requirements are unsatisfiable.\n"
    )
    assert "mine[test]==4 depends on pytest==6.2.5." in environment.reason(output)
    assert environment.reason(output).endswith("your requirements are unsatisfiable.")
