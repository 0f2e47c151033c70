"""Changing several files as one, whatever interrupts it."""

import errno
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest
from filelock import FileLock
from stage import tree

from repro.kit import transaction
from repro.problem import Problem

OLD = {"httpx-0.1/area/a.json": "old a", "httpx-0.2/area/b.json": "old b", "httpx-0.3/area/c.json": "old c"}
CHANGE = {"httpx-0.1/area/a.json": "new a", "httpx-0.2/area/b.json": None, "httpx-0.4/area/d.json": "new d"}
NEW = {"httpx-0.1/area/a.json": "new a", "httpx-0.3/area/c.json": "old c", "httpx-0.4/area/d.json": "new d"}

#: What the interpreter tells of every step that touches the disk.
STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir"}


@pytest.fixture
def root(tmp_path):
    """A folder with the old files."""
    return old(tmp_path / "snapshots")


@pytest.fixture
def unsynced(monkeypatch):
    """What is killed with the machine still running need not have reached the disk, which takes its time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def old(root):
    """Put the old files into a folder, and nothing else."""
    shutil.rmtree(root, ignore_errors=True)
    for name, text in OLD.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def lock(tmp_path):
    """Where the lock of the folder is."""
    return tmp_path / "made" / "lock"


def change(root, lock, texts=None):
    """Change the folder as `accept` does."""
    with transaction.alone(root, lock):
        transaction.apply(root, CHANGE if texts is None else texts)


def in_child(work, at=None):
    """Run work in a process of its own, killed before its step number `at`; the steps it made, or None if killed."""
    child = os.fork()
    if child == 0:
        steps = 0

        def count(event, arguments):
            nonlocal steps
            if event in STEPS:
                if steps == at:
                    os.kill(os.getpid(), signal.SIGKILL)
                steps += 1

        sys.addaudithook(count)
        try:
            work()
        except BaseException:  # noqa: BLE001 - a child must never run the rest of the tests
            os._exit(255)
        os._exit(steps)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {-signal.SIGKILL, *range(255)}
    return None if code == -signal.SIGKILL else code


def test_files_are_written_and_removed(root, lock):
    """A change writes, overwrites and removes; folders that it empties go, and nothing of it stays behind."""
    change(root, lock)
    assert tree(root) == NEW
    assert not (root / "httpx-0.2").exists()
    assert not (root / transaction.STAGING).exists()


def test_first_change_makes_the_folder(tmp_path, lock):
    """A change in a folder that is not there yet makes it."""
    change(tmp_path / "new", lock, {"httpx-0.1/area/a.json": "a"})
    assert tree(tmp_path / "new") == {"httpx-0.1/area/a.json": "a"}


def test_removing_what_is_not_there_is_no_error(root, lock):
    """A file that somebody else removed already is removed."""
    change(root, lock, {"httpx-0.9/area/a.json": None})
    assert tree(root) == OLD


def test_change_that_is_killed_at_any_step_is_whole(root, lock, unsynced):
    """Killed before any of its steps, a change has happened or has not, and the same change again completes it."""
    seen = []
    while in_child(lambda: change(root, lock), at=len(seen)) is None:
        transaction.recover(root, lock)
        found = tree(root)
        assert found in (OLD, NEW)
        assert not (root / transaction.STAGING).exists()
        change(root, lock)
        assert tree(root) == NEW
        seen.append(found)
        old(root)
    assert seen == sorted(seen, key=[OLD, NEW].index)
    assert seen.count(OLD) > 10
    assert seen.count(NEW) > 5


def test_recovery_that_is_killed_at_any_step_is_recovered(root, lock, unsynced):
    """Killed before any of its steps, the finishing of an interrupted change is finished by whoever comes next."""
    journal = 0
    while not (root / transaction.STAGING / "journal.json").exists():
        old(root)
        in_child(lambda: change(root, lock), at=journal)
        journal += 1
    prepared = shutil.copytree(root, root.with_name("prepared"))
    steps = 0
    while True:
        ended = in_child(lambda: transaction.recover(root, lock), at=steps)
        transaction.recover(root, lock)
        assert tree(root) == NEW
        if ended is not None:
            break
        shutil.rmtree(root)
        shutil.copytree(prepared, root)
        steps += 1
    assert steps > 5


def test_recovery_of_an_unprepared_change_drops_it(root, lock):
    """What was written before the journal is dropped."""
    (root / transaction.STAGING).mkdir()
    (root / transaction.STAGING / "0").write_text("half")
    transaction.recover(root, lock)
    assert tree(root) == OLD


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
def test_full_disk_at_any_step_changes_nothing(root, lock, monkeypatch, code):
    """Whichever file no longer fits, every file is as it was, nothing lies about, and the message says so."""
    make, sync = tempfile.mkstemp, os.fsync
    for kind in ("mkstemp", "fsync"):
        for number in range(3):
            left = number

            def fail(*arguments, **options):
                nonlocal left
                left -= 1
                if left < 0:
                    raise OSError(code, os.strerror(code))
                return (make if kind == "mkstemp" else sync)(*arguments, **options)  # noqa: B023 - called in this turn

            monkeypatch.setattr(tempfile if kind == "mkstemp" else os, kind, fail)
            with pytest.raises(Problem) as caught:
                change(root, lock)
            monkeypatch.undo()
            assert caught.value.found == f"{root} could not be changed, and is as it was: {os.strerror(code)}."
            assert caught.value.mend == "Make room or let it be written, and run it again."
            assert caught.value.code == 3
            assert tree(root) == OLD
            assert not (root / "httpx-0.4").exists()


@pytest.mark.parametrize(("kind", "refused"), [("replace", "a.json"), ("replace", "d.json"), ("unlink", "b.json")])
@pytest.mark.parametrize("order", [list, reversed])
def test_file_that_cannot_take_its_name_changes_nothing(root, lock, monkeypatch, kind, refused, order):
    """Whichever file cannot be replaced or removed, every file is as it was, nothing lies about, and it is said."""
    texts = dict(order(CHANGE.items()))
    real = getattr(Path, kind)

    def refuse(self, *arguments, **options):
        if refused in {self.name, *(Path(argument).name for argument in arguments)}:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM), str(self))
        return real(self, *arguments, **options)

    monkeypatch.setattr(Path, kind, refuse)
    with pytest.raises(Problem, match="could not be changed, and is as it was: Operation not permitted") as caught:
        change(root, lock, texts)
    assert caught.value.code == 3
    assert tree(root) == OLD
    assert not (root / transaction.STAGING).exists()
    monkeypatch.undo()
    assert transaction.recover(root, lock) is None
    change(root, lock)
    assert tree(root) == NEW


def test_change_that_can_be_neither_done_nor_undone_is_undone_later(root, lock, monkeypatch):
    """Where what was changed cannot be put back, it is said, and whoever comes next puts it back."""
    real, left = Path.replace, 2

    def refuse(self, target):
        nonlocal left
        if Path(target).name.endswith(".json") and transaction.STAGING not in str(target):
            left -= 1
            if left < 1:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(Problem, match=r"not all of it could be put back: Read-only file system: .*a\.json"):
        change(root, lock)
    assert tree(root) not in (OLD, NEW)
    monkeypatch.undo()
    assert transaction.recover(root, lock) == f"An interrupted change of {root} is undone."
    assert tree(root) == OLD


def interrupted(root, lock, until):
    """Interrupt the change of a folder as late as something is so."""
    steps = 0
    while not until():
        old(root)
        in_child(lambda: change(root, lock), at=steps)
        steps += 1


def test_finishing_is_said(root, lock):
    """What finishes an interrupted change says so."""
    interrupted(root, lock, (root / transaction.STAGING / "journal.json").is_file)
    assert transaction.recover(root, lock) == f"An interrupted change of {root} is finished."
    assert tree(root) == NEW


@pytest.mark.parametrize("name", sorted(CHANGE))
def test_change_of_somebody_else_is_kept(root, lock, name):
    """An interrupted change is dropped where a file was changed since, or taken back as `git checkout` does."""
    interrupted(root, lock, lambda: (root / "httpx-0.1/area/a.json").read_text() == "new a")
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("mine")
    before = {path: text for path, text in tree(root).items() if not path.startswith(transaction.STAGING)}
    said = transaction.recover(root, lock)
    assert said == f"An interrupted change of {root} is dropped: {name} was changed since by somebody else."
    assert tree(root) == before


def test_checkout_after_an_interrupt_is_kept(root, lock):
    """Where everything was put back by hand meanwhile, nothing of the interrupted change is done."""
    interrupted(root, lock, lambda: (root / "httpx-0.1/area/a.json").read_text() == "new a")
    for path, text in OLD.items():
        (root / path).write_text(text)
    assert "is dropped: httpx-0.1/area/a.json was changed" in transaction.recover(root, lock)
    assert tree(root) == OLD


def test_two_changes_at_once_are_one_after_the_other(root, lock):
    """Of processes that change the same files at once, each sees and leaves a whole change."""
    changes = [{name: f"{number} {name}" for name in OLD} for number in range(4)]

    def work(texts):
        for _ in range(10):
            with transaction.alone(root, lock):
                found = tree(root)
                assert found == OLD or found in changes
                transaction.apply(root, texts)

    children = []
    for texts in changes:
        if (child := os.fork()) == 0:
            try:
                work(texts)
            except BaseException:  # noqa: BLE001 - a child must never run the rest of the tests
                os._exit(1)
            os._exit(0)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    assert tree(root) in changes


def test_recovery_waits_for_a_change_that_is_going_on(root, lock):
    """Somebody else's change in the middle is waited for, and not taken for an interrupted one."""
    (root / transaction.STAGING).mkdir()
    (root / transaction.STAGING / "0").write_text("being prepared")
    lock.parent.mkdir(parents=True)
    with FileLock(lock):
        child = os.fork()
        if child == 0:
            transaction.recover(root, lock)
            os._exit(0)
        time.sleep(0.1)
        assert os.waitpid(child, os.WNOHANG) == (0, 0)
        assert (root / transaction.STAGING / "0").exists()
    assert os.waitpid(child, 0)[1] == 0
    assert not (root / transaction.STAGING).exists()


def test_nothing_to_recover_takes_no_lock(root, lock):
    """With no interrupted change there is nothing to wait for, and nothing is written."""
    transaction.recover(root, lock)
    assert not lock.exists()
    assert tree(root) == OLD
