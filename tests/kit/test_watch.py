"""The night's watch: one pull request for new releases, and one issue for nights that fail."""

import pytest
from forge_server import READER, WRITER
from runner import git, published
from stage import SMALL, record

from repro.kit.ci import watch
from repro.kit.ci.forge import Forge
from repro.problem import Problem
from repro.release import Release, Releases

NEW = SMALL.replace('"1.0.dev1"]', '"1.0.dev1", "1.0.dev2"]').replace('"2.0"]', '"2.0", "2.1"]')


@pytest.fixture
def forge(github):
    """The repository, as a job sees it."""
    return Forge(github.api, "owner/name", WRITER)


@pytest.fixture
def repository(tmp_path):
    """Clones of a repository with small release data and a snapshot: `repository("name")` is one more."""
    origin, first = tmp_path / "origin.git", tmp_path / "first"
    (first / "repro").mkdir(parents=True)
    (first / "repro" / "releases.toml").write_text(SMALL)
    (first / "snapshots" / "httpx-0.1" / "area").mkdir(parents=True)
    (first / "snapshots" / "httpx-0.1" / "area" / "answer.json").write_text("1\n")
    return published(first, origin)


def watched(root, data=NEW):
    """What the first job does to a checkout: the releases that are new, and the patch."""
    path = root / "repro" / "releases.toml"
    path.write_text(data)
    folder = root / "snapshots" / "httpx2-2.1" / "area"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "answer.json").write_text("2\n")
    (root / "README.md").write_text("made by chance")
    found = watch.new(root, Releases.load(path))
    made = root.parent / f"{root.name}.patch"
    made.write_text(watch.patch(root))
    return found, made


def test_what_is_new_is_what_the_commit_has_not(repository):
    """The new releases are those of the data that are not in its commit; without one nothing is proposed."""
    root = repository("run")
    path = root / "repro" / "releases.toml"
    assert watch.new(root, Releases.load(path)) == []
    with pytest.raises(Problem, match="Nothing was changed"):
        watch.patch(root)
    found, _ = watched(root)
    assert found == [Release("httpx", "1.0.dev2"), Release("httpx2", "2.1")]


def test_proposal_becomes_one_branch(repository, tmp_path):
    """What is proposed is pushed once, not again where it is the same, and anew where there is more."""
    _, made = watched(repository("run"))
    for name, said in (("one", "pushed"), ("two", "same")):
        assert watch.push(repository(name), made, "Watch: x", {"GITHUB_TOKEN": WRITER}) == said
    there = tmp_path / "origin.git"
    files = git(there, "ls-tree", "-r", "--name-only", watch.BRANCH).splitlines()
    assert files == [
        "repro/releases.toml",
        "snapshots/httpx-0.1/area/answer.json",
        "snapshots/httpx2-2.1/area/answer.json",
    ]
    assert git(there, "log", "-1", "--format=%an: %s", watch.BRANCH) == "github-actions[bot]: Watch: x"
    _, more = watched(repository("again"), NEW.replace('"2.1"]', '"2.1", "2.2"]'))
    assert watch.push(repository("three"), more, "Watch: y", {}) == "pushed"
    assert '"2.2"' in git(there, "show", f"{watch.BRANCH}:repro/releases.toml")
    assert git(there, "rev-list", "--count", f"main..{watch.BRANCH}") == "1"


def test_branch_that_somebody_works_on_is_left_alone(repository, tmp_path):
    """A person who writes the notes on the branch does not lose them to the next night."""
    _, made = watched(repository("run"))
    watch.push(repository("one"), made, "Watch: x", {})
    person = repository("person")
    git(person, "checkout", "--quiet", watch.BRANCH)
    git(person, "commit", "--quiet", "--allow-empty", "--message", "Write the notes")
    git(person, "push", "--quiet", "origin", watch.BRANCH)
    assert watch.push(repository("two"), made, "Watch: y", {}) == "kept"
    assert git(tmp_path / "origin.git", "log", "-1", "--format=%s", watch.BRANCH) == "Write the notes"


def test_nothing_but_releases_and_snapshots_is_taken_from_a_patch(repository, tmp_path):
    """A patch that was made beside an unknown release changes the data and the snapshots, and nothing else."""
    root = repository("run")
    _, made = watched(root)
    (root / "noxfile.py").write_text("import evil")
    git(root, "add", "noxfile.py")
    made.write_text(git(root, "diff", "--cached", "HEAD") + "\n")
    assert "noxfile.py" in made.read_text()
    watch.push(repository("one"), made, "Watch: x", {})
    files = git(tmp_path / "origin.git", "diff", "--name-only", "main", watch.BRANCH).splitlines()
    assert files == ["repro/releases.toml", "snapshots/httpx2-2.1/area/answer.json"]


def test_git_that_refuses_is_a_problem_without_the_token(repository, tmp_path):
    """What git refuses is said with its last line, and the token is in no message."""
    (tmp_path / "broken.patch").write_text("no patch")
    with pytest.raises(Problem, match="git apply refused") as caught:
        watch.push(repository("one"), tmp_path / "broken.patch", "x", {"GITHUB_TOKEN": WRITER})
    assert WRITER not in str(caught.value)
    assert caught.value.code == 3


def test_title_names_what_is_new():
    """The title names three releases, and how many more there are."""
    found = [Release("httpx2", f"2.{minor}") for minor in range(5)]
    assert watch.title(found[:1]) == "Watch: httpx2==2.0"
    assert watch.title(found) == "Watch: httpx2==2.0, httpx2==2.1, httpx2==2.2 and 2 more"


def test_text_says_what_became_of_each_and_which_notes_are_missing(accepted, releases):
    """A proposal says how each new release ended, and lists the notes that are to be written."""
    first, second = record("0.1", {"area/answer": 1}), record("0.2", {"area/answer": 2})
    store, _ = accepted(first, second)
    dead = record("0.3", outcome="not-importable", reason="It `fails`\nto import.")
    found = [Release("httpx", version) for version in ("0.2", "0.3", "0.4")]
    said = watch.text(found, [first, second, dead], store, releases)
    assert said.splitlines() == [
        "New on the index:",
        "",
        "- `httpx==0.2`: ran",
        "- `httpx==0.3`: not-importable: It 'fails' to import.",
        "- `httpx==0.4`: not run",
        "",
        "To be written: 1 note, in `snapshots/<release>/notes.toml`.",
        "",
        "- [ ] `area/answer` at `httpx==0.2`",
    ]
    assert "there is no note to write" in watch.text(found[1:], [dead], store, releases)


def test_one_pull_request_is_opened_and_edited(forge, github):
    """The first proposal opens a pull request, each further one edits it, and the same one is left alone."""
    github.add("pulls", title="another", body="", head="feature")
    assert watch.propose(forge, "main", "Watch: a", "one\n") == "opened"
    assert watch.propose(forge, "main", "Watch: a", "one\n") == "nothing"
    assert watch.propose(forge, "main", "Watch: b", "two\n") == "edited"
    _, ours = github.entries["pulls"]
    assert (ours["title"], ours["body"], ours["head"], ours["base"]) == ("Watch: b", "two\n", watch.BRANCH, "main")
    ours["state"] = "closed"
    assert watch.propose(forge, "main", "Watch: b", "two\n") == "opened"


def test_failing_nights_keep_one_issue(forge, github):
    """A failing night opens one issue, the next one updates it, and a night that passes closes it."""
    assert watch.night(forge, [], "https://run/1") == "nothing"
    github.add("issues", title="x", body=watch._MARK, user={"login": "somebody"})
    github.add("issues", title="y", body=None)
    assert watch.night(forge, ["run: failure"], "https://run/2") == "opened"
    assert watch.night(forge, ["propose: failure"], "https://run/3") == "edited"
    *others, ours = github.entries["issues"]
    assert (len(others), ours["state"]) == (2, "open")
    assert "https://run/3\n\n- propose: failure\n" in ours["body"]
    assert watch.night(forge, [], "https://run/4") == "closed"
    assert [entry["state"] for entry in github.entries["issues"]] == ["open", "open", "closed"]
    assert watch.night(forge, ["run: failure"], "https://run/5") == "opened"


def test_who_may_not_write_is_told_so(github):
    """A token that may read and no more is refused with the reason."""
    with pytest.raises(Problem, match="403"):
        watch.night(Forge(github.api, "owner/name", READER), ["run: failure"], "")
