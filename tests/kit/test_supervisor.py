"""Cells from beginning to end: real processes that answer, differ, fail, hang, crash and are killed."""

import json
import signal
import socket
import sys

import pytest
from stage import HTTPX, MEASURED, MINOR, SMALL, Checkout, eventually, log, observe, processes, record, release

from repro import record as records
from repro.kit import supervisor
from repro.release import Checkout as Place
from repro.release import Release

MIXED = '''
import os
import signal
import sys
import time
import warnings

import pytest

from repro.cell import redaction
from repro.cell.library import httpx

SECRETS = os.path.join(os.environ["REPRO_NOTES"], "secrets") if "REPRO_NOTES" in os.environ else "{notes}/secrets"


def planted():
    secret = redaction.plant()
    with open(SECRETS, "a") as file:
        file.write(secret + "\\n")
    return secret


def test_stored(observe):
    """What is stored?"""
    observe({{"answer": 1}})


def test_differing(observe):
    """What is no longer as stored?"""
    observe({{"answer": 2}})


def test_new(observe):
    """What has nothing stored?"""
    observe("new")


def test_unstable(observe):
    """What does not repeat?"""
    observe(os.getpid())


def test_held():
    """This holds."""
    assert httpx.Client


def test_failing():
    """This does not hold."""
    assert 1 == 2, "one is not two"


def test_failing_once():
    """This does not hold the first time."""
    if not os.path.exists("{notes}/second"):
        open("{notes}/second", "w").close()
        raise ValueError("only once")


@pytest.mark.needs("HTTP/2", "respx companion")
def test_present():
    """This release has what is needed."""


def test_warning():
    """This warns."""
    warnings.warn("Authorization: Bearer " + planted())


def test_secret_observed(observe):
    """Which secrets are observed?"""
    secret = planted()
    names = ["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "x-api-key", "X-Api-Key"]
    observe({{
        "key": secret,
        "nested": [{{"in a sentence": f"the key {{secret}} was sent"}}],
        "headers": redaction.headers([(name, "by-its-place") for name in names]),
        "by name": {{name: "by-its-place" for name in names}},
        "in a list": {{"Set-Cookie": ["by-its-place", "by-its-place"]}},
        "raw": "GET / HTTP/1.1\\r\\nCookie: by-its-place; b=by-its-place\\r\\nX-API-Key: by-its-place\\r\\n",
    }})


def test_secret_in_failure():
    """Which secrets does a failure show?"""
    secret = planted()
    print("printed", secret)
    sys.stderr.write("Authorization: by-its-place\\n")
    os.write(1, secret.encode())
    headers = {{"authorization": "by-its-place", "x-api-key": secret}}
    assert headers == {{}}, f"Set-Cookie: by-its-place {{secret}}"


def test_child_is_left():
    """A child that ignores every polite signal is left behind."""
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(120)
        os._exit(0)


def test_outside(observe):
    """Is a real server beyond loopback reached?"""
    import socket

    said = []
    for how in ("connect", "connect_ex", "sendto"):
        with socket.socket(type=socket.SOCK_DGRAM if how == "sendto" else socket.SOCK_STREAM) as sock:
            sock.settimeout(2)
            try:
                getattr(sock, how)(*([b"x"] if how == "sendto" else []), ("{outside}", {port}))
                said.append("reached")
            except OSError as error:
                said.append(type(error).__name__)
    try:
        httpx.get("http://{outside}:{port}/", timeout=2)
        said.append("reached")
    except httpx.ConnectError as error:
        said.append(type(error).__name__)
    observe(said)
'''


def outside():
    """An address of this machine that is not loopback; one of nobody's if it has none."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        try:
            # A datagram socket sends nothing by connecting; the system says which address it would send from.
            sock.connect(("192.0.2.1", 9))
            return sock.getsockname()[0]
        except OSError:
            return "192.0.2.1"


class Mixed:
    """One cell with a behaviour of every kind, and what was there when it ended."""

    def __init__(self, checkout):
        self.checkout = checkout
        address = outside()
        with socket.socket() as server:
            try:
                server.bind((address, 0))
                server.listen()
            except OSError:
                server.bind(("127.0.0.1", 0))
            server.setblocking(False)
            port = server.getsockname()[1]
            checkout.behaviours(MIXED.format(notes=checkout.root, outside=address, port=port))
            checkout.store("httpx-0.7.1", "area/stored", {"answer": 1})
            checkout.store("httpx-0.7.1", "area/differing", {"answer": 1})
            self.record = observe(checkout, sys.executable)
            self.left = processes(str(checkout.root))
            try:
                server.accept()
                self.reached = True
            except OSError:
                self.reached = False

    def behaviour(self, name):
        """The state and the value of a behaviour."""
        found = self.record.behaviours[f"area/{name}"]
        return found.state, found.value


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """One cell with a behaviour of every kind."""
    return Mixed(Checkout(tmp_path_factory.mktemp("mixed") / "checkout"))


def test_cell_that_ran_says_with_what(mixed):
    """A record names the release, the Python and every package."""
    assert (mixed.record.outcome, mixed.record.reason, mixed.record.release) == ("ran", None, HTTPX)
    assert mixed.record.minor == MINOR
    assert mixed.record.packages["httpx"] == "0.28.1"


def test_behaviour_carries_its_question_and_its_test(mixed):
    """A behaviour in a record has the question of its docstring, and how to run it alone."""
    found = mixed.record.behaviours["area/stored"]
    assert (found.title, found.test) == ("What is stored?", "tests/cell/area/test_behaviours.py::test_stored")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("stored", ("observed", {"answer": 1})),
        ("differing", ("observed", {"answer": 2})),
        ("new", ("observed", "new")),
        ("held", ("held", None)),
        ("present", ("held", None)),
        ("failing", ("failed", "AssertionError: one is not two")),
    ],
)
def test_answer_that_repeats_is_the_answer(mixed, name, expected):
    """What a fresh process confirms is kept as it was, stored or not."""
    assert mixed.behaviour(name) == expected


def test_answer_that_does_not_repeat_is_unstable(mixed):
    """An answer that a fresh process does not give again is unstable, with both answers."""
    state, (first, second) = mixed.behaviour("unstable")
    assert (state, first == second) == ("unstable", False)
    assert mixed.behaviour("failing_once") == ("unstable", ["ValueError: only once", None])


def test_nothing_outlives_a_cell(mixed):
    """A child that ignores every polite signal is gone when the cell has ended."""
    assert mixed.behaviour("child_is_left") == ("held", None)
    assert eventually(lambda: not processes(str(mixed.checkout.root)), within=5)


def test_cell_reaches_nothing_beyond_loopback(mixed):
    """A server that listens on this machine outside of loopback is reached by no socket and no client."""
    assert mixed.behaviour("outside") == (
        "observed",
        ["Unreachable", "Unreachable", "Unreachable", "ConnectError"],
    )
    assert not mixed.reached


def test_secrets_stay_inside(mixed):
    """No secret that was sent, observed, printed, warned of or failed with is in the record or the log."""
    secrets = (mixed.checkout.root / "secrets").read_text().split()
    assert len(secrets) >= 3
    written = mixed.record.dump() + log(mixed.checkout)
    assert [secret for secret in [*secrets, "by-its-place"] if secret in written] == []
    assert "one is not two" in written
    assert mixed.behaviour("secret_observed")[1]["key"] == "<redacted>"
    assert mixed.behaviour("secret_in_failure")[0] == "failed"
    assert {"behaviour": "area/warning", "category": "UserWarning", "message": "Authorization: <redacted>"} in (
        mixed.record.warnings
    )


@pytest.mark.parametrize(
    ("body", "outcome", "reason"),
    [
        ("import os; os._exit(7)", "crashed", "it ended with exit code 7, while it ran area/ending"),
        (
            "import os; os._exit(0)",
            "crashed",
            "it ended with exit code 0 and wrote no record, while it ran area/ending",
        ),
        ("import os; os.kill(os.getpid(), 9)", "crashed", "it ended on SIGKILL, while it ran area/ending"),
        ("import os; os.kill(os.getpid(), 11)", "crashed", "it ended on SIGSEGV, while it ran area/ending"),
        ("import os; os.kill(os.getpid(), 40)", "crashed", "it ended on signal 40, while it ran area/ending"),
    ],
)
def test_cell_that_ends_itself_says_how_and_where(checkout, light, body, outcome, reason):
    """A cell that exits or dies on a signal is recorded as that, with the behaviour; what it did before is kept."""
    checkout.behaviours(
        f'def test_before():\n    """It holds."""\n\n\ndef test_ending():\n    """It ends."""\n    {body}\n'
    )
    found = observe(checkout, light)
    assert (found.outcome, found.reason) == (outcome, reason)
    assert [(name, entry.state) for name, entry in found.behaviours.items()] == [("area/before", "held")]


def test_cell_that_hangs_shows_where(checkout, light):
    """A cell that hangs is timed out in the behaviour that hangs, keeps what it did before, and logs the stack."""
    checkout.behaviours(
        'import time\n\n\ndef test_before():\n    """It holds."""\n\n\n'
        'def test_hang():\n    """It hangs."""\n    time.sleep(60)\n'
    )
    found = observe(checkout, light, timeout=1.5)
    assert (found.outcome, found.reason) == ("timed-out", "it was stopped after 1.5 s, while it ran area/hang")
    assert [(name, entry.state) for name, entry in found.behaviours.items()] == [("area/before", "held")]
    assert "Timeout (0:00:01.500000)!" in log(checkout)
    assert "in test_hang" in log(checkout)


def test_cell_that_hangs_before_it_begins_says_so(checkout, light):
    """A cell that hangs while its behaviours are collected is timed out, in none of them."""
    checkout.behaviours("import time\n\ntime.sleep(60)\n")
    found = observe(checkout, light, timeout=0.5)
    assert (found.outcome, found.reason) == ("timed-out", "it was stopped after 0.5 s")


@pytest.mark.parametrize(
    ("body", "outcome", "reason"),
    [
        ("time.sleep(60)", "timed-out", "it was stopped after 1.5 s, after its last behaviour"),
        ("os.kill(os.getpid(), 11)", "crashed", "it ended on SIGSEGV, after its last behaviour"),
        ("os._exit(5)", "crashed", "it ended with exit code 5, after its last behaviour"),
    ],
)
def test_cell_that_cannot_end_did_not_run(checkout, light, body, outcome, reason):
    """A cell that goes wrong after its last behaviour did not run to its end, although it wrote its record."""
    checkout.behaviours(
        f'import atexit, os, time\n\natexit.register(lambda: {body})\n\n\ndef test_a():\n    """It holds."""\n'
    )
    found = observe(checkout, light, timeout=1.5)
    assert (found.outcome, found.reason) == (outcome, reason)
    assert found.behaviours["area/a"].state == "held"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nothing_of_that_name\n", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("", "no tests ran"),
    ],
)
def test_cell_that_cannot_begin_says_why(checkout, light, text, said):
    """A cell whose behaviours cannot be collected crashed, with what pytest said last, and no time in it."""
    checkout.behaviours(text)
    found = observe(checkout, light)
    assert found.outcome == "crashed"
    assert said in found.reason
    assert str(checkout.root) not in found.reason
    assert found.dump() == observe(checkout, light).dump()


def test_line_that_was_cut_off_is_the_last(tmp_path):
    """What a cell was writing when it died is passed over, and what it wrote before counts."""
    done = {"ended": "area/a", "title": "", "test": "", "state": "held", "value": None}
    lines = [json.dumps({"began": "area/a"}), json.dumps(done), json.dumps({"began": "area/b"}), '{"ended": "are']
    (tmp_path / "record.json.partial").write_text("\n".join(lines))
    behaviours, running = supervisor._partial(tmp_path / "record.json")
    assert list(behaviours) == ["area/a"]
    assert running == "area/b"


def small(tmp_path):
    """A checkout whose release data is about the packages on the shelf."""
    checkout = Checkout(tmp_path / "checkout", SMALL)
    checkout.behaviours(
        'def test_a(observe):\n    """What?"""\n    from repro.cell.library import httpx\n    observe(httpx.ANSWER)\n'
    )
    return checkout


def run(checkout, subject, **options):
    """Run a cell of a checkout from the building of its environment on."""
    said = []
    subject = release(subject) if isinstance(subject, str) else subject
    found = supervisor.run(
        subject, sys.executable, MINOR, checkout.releases, checkout.workspace, say=said.append, **options
    )
    assert records.read(checkout.workspace.record(subject, MINOR)) == found
    assert [path.name for path in checkout.workspace.made.glob("cell-*")] == []
    return found


def test_cell_is_built_and_run(tmp_path):
    """A cell's environment is built, its behaviours run, and its record and its cost are kept apart."""
    checkout = small(tmp_path)
    found = run(checkout, "0.1")
    assert (found.outcome, found.behaviours["area/a"].value) == ("ran", 1)
    assert found.packages["underlay"] == "1"
    cost = json.loads(checkout.workspace.cost(release("0.1"), MINOR).read_text())
    assert sorted(cost) == ["areas", "behaviours", "building", "starting", "wall"]
    areas = cost.pop("areas")
    assert min(*cost.values(), areas["area"]) > 0
    assert sum(areas.values()) <= cost["behaviours"]
    assert run(checkout, "0.1").dump() == found.dump()


def test_release_that_cannot_be_imported_says_why(tmp_path):
    """A release that fails at its import is not importable, with its last words."""
    checkout = small(tmp_path)
    found = run(checkout, "0.3")
    assert (found.outcome, found.reason) == ("not-importable", "RuntimeError: this release cannot be imported")
    assert json.loads(checkout.workspace.cost(release("0.3"), MINOR).read_text())["behaviours"] == 0


def test_release_that_cannot_be_installed_says_why(tmp_path):
    """A release that cannot be installed is a cell with its reason, and an older record does not speak for it."""
    checkout = small(tmp_path)
    stale = checkout.workspace.record(release("0.4"), MINOR)
    stale.parent.mkdir(parents=True)
    stale.write_text("stale")
    found = run(checkout, "0.4")
    assert (found.outcome, found.reason) == ("not-installable", "It never could be built.")


def test_checkout_that_cannot_be_installed_is_recorded_under_its_place(tmp_path):
    """Code whose release cannot even be known is recorded under where it is."""
    checkout = small(tmp_path)
    found = run(checkout, Place(str(tmp_path / "nothing")))
    assert found.outcome == "not-installable"
    assert found.release == Release("httpx", "0+unknown", str(tmp_path / "nothing"))


def test_checkout_knows_what_release_it_is_like(checkout, light):
    """Code that was never released is recorded as the release it says it is, from where it is."""
    checkout.behaviours('def test_a():\n    """It holds."""\n')
    found = observe(checkout, light, Place("/somewhere/httpx"))
    assert found.release == Release("httpx", "0.28.1", "/somewhere/httpx")


def test_import_that_hangs_is_stopped(tmp_path):
    """A release that never finishes its import does not hold up whoever asks why."""
    (tmp_path / "python").write_text("#!/bin/sh\nsleep 60\n")
    (tmp_path / "python").chmod(0o755)
    checkout = small(tmp_path)
    assert supervisor._import_trouble(tmp_path / "python", release("0.1"), checkout.releases, 0.3) == "it said nothing"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("before", [None, record("0.1", {"area/a": 1}).dump()])
def test_interrupted_cell_leaves_what_was_there(small_checkout, number, before):
    """An interrupt ends the cell and everything in it, says so, and leaves the record that was there, or none."""
    path = small_checkout.workspace.record(release("0.1"), MINOR)
    if before is not None:
        path.parent.mkdir(parents=True)
        path.write_text(before)
    begun = small_checkout.root / "begun"
    small_checkout.behaviours(
        "import os, signal, time\n\n\ndef test_hang():\n"
        '    """It hangs, and ignores every polite signal."""\n'
        "    for number in (signal.SIGTERM, signal.SIGINT):\n        signal.signal(number, signal.SIG_IGN)\n"
        f"    open({str(begun)!r}, 'w').close()\n"
        "    if os.fork() == 0:\n        time.sleep(100)\n    time.sleep(100)\n"
    )
    process = small_checkout.begin("cell", "0.1", **MEASURED)
    assert eventually(begun.exists)
    process.send_signal(number)
    output, _ = process.communicate(timeout=20)
    assert (process.returncode, output) == (130, "interrupted; nothing stored was changed\n")
    assert eventually(lambda: not processes(str(small_checkout.root)))
    assert [each.read_text() for each in small_checkout.workspace.records.glob("*")] == (
        [] if before is None else [before]
    )
    assert list(small_checkout.workspace.made.glob("cell-*")) == []
