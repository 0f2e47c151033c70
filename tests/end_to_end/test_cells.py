"""Cells as a whole: in surroundings that are against them, killed from outside, and the same every time."""

import subprocess
import sys
from pathlib import Path

import pytest
from stage import HTTPX, MINOR, log, observe

from repro import record as records
from repro.kit import supervisor
from repro.kit.environment import packages


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    """An environment with the packages of this one, and a pytest plugin beside them that cannot be imported."""
    folder = tmp_path_factory.mktemp("strange") / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    site = packages(folder / "bin" / "python")
    (site / "borrowed.pth").write_text(f"{packages(Path(sys.executable))}\n")
    info = site / "broken_plugin-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-plugin\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[pytest11]\nbroken = broken_plugin\n")
    (site / "broken_plugin.py").write_text("raise ImportError('this plugin cannot be imported')\n")
    return folder / "bin" / "python"


def test_hostile_surroundings_change_nothing(checkout, strange, tmp_path, monkeypatch):
    """Proxies, a netrc, TLS and log variables, pytest's and Python's own, and a broken plugin are not seen."""
    checkout.behaviours(
        '''
import os
import sys

from repro.cell.library import httpx


def test_surroundings(observe, upstream):
    """What does a cell see, and does it reach its upstream?"""
    with httpx.Client() as client:
        answer = client.get(upstream.url)
    sent = [name for request in upstream.requests for name, _ in request.headers]
    mine = ("HOME", "PYTEST_CURRENT_TEST", "SSL_CERT_FILE", "TMPDIR", "PATH")
    observe([answer.json(), sent, sorted(set(os.environ) - set(mine)), "hostile" in sys.modules])
'''
    )
    clean = observe(checkout, strange).dump()
    seen = records.read(checkout.workspace.record(HTTPX, MINOR))
    assert seen.outcome == "ran"
    assert seen.behaviours["area/surroundings"].value[0] == {"ok": True}
    assert seen.behaviours["area/surroundings"].value[3] is False
    (tmp_path / "hostile").mkdir()
    (tmp_path / "hostile" / "sitecustomize.py").write_text("import sys; sys.modules['hostile'] = sys\n")
    (tmp_path / "hostile" / ".netrc").write_text("default login somebody password something\n")
    (tmp_path / "hostile" / "hostile_plugin.py").write_text("raise ImportError('no')\n")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "SSLKEYLOGFILE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    monkeypatch.setenv("HOME", str(tmp_path / "hostile"))
    monkeypatch.setenv("NETRC", str(tmp_path / "hostile" / ".netrc"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hostile"))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "nothing"))
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "hostile_plugin")
    monkeypatch.setenv("HTTPX_LOG_LEVEL", "trace")
    monkeypatch.setenv("TMDB_API_KEY", "somebody's key")
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    assert observe(checkout, strange).dump() == clean
    assert "somebody's key" not in clean + log(checkout)


def test_record_is_the_same_bytes_every_time(checkout, light):
    """A cell that runs twice writes the same record, whatever the collector finds when."""
    checkout.behaviours(
        "import gc, os, warnings\n\n\ndef test_leaving():\n"
        '    """What is left open?"""\n'
        "    warnings.warn('deprecated', DeprecationWarning)\n"
        "    warnings.warn(f'unclosed <socket fd={os.getpid()}>', ResourceWarning)\n"
    )
    first, second = (observe(checkout, light).dump() for _ in range(2))
    assert first == second
    assert "deprecated" in first


def test_secret_at_collection_stays_inside(checkout, light):
    """A secret in the error of a module that cannot be collected is not in the log and not in the reason."""
    checkout.behaviours(
        "from repro.cell import redaction\n\nsecret = redaction.plant()\n"
        f"open({str(checkout.root / 'secret')!r}, 'w').write(secret)\nraise RuntimeError('x-api-key: ' + secret)\n"
    )
    found = observe(checkout, light)
    assert "RuntimeError" in log(checkout)
    assert (checkout.root / "secret").read_text() not in log(checkout) + found.dump()


def test_cell_that_is_killed_from_outside_says_so(checkout, light):
    """A cell that somebody kills, as a machine short of memory does, crashed on that signal."""
    checkout.behaviours(
        "import os, threading, time\n\n\ndef test_victim():\n"
        '    """It waits to be killed."""\n'
        f"    open({str(checkout.root / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "    time.sleep(60)\n"
    )
    code = (
        f"import os, time\nwhile True:\n    try: pid = int(open({str(checkout.root / 'pid')!r}).read()); break\n"
        f"    except (OSError, ValueError): time.sleep(0.02)\nos.kill(pid, 9)"
    )
    with subprocess.Popen([sys.executable, "-c", code]):
        found = observe(checkout, light)
    assert (found.outcome, found.reason) == ("crashed", "it ended on SIGKILL, while it ran area/victim")


def test_cell_that_does_not_end_itself_is_ended(checkout, light, monkeypatch):
    """A cell whose own time limit does not work is killed from outside, soon after it."""
    monkeypatch.setattr(supervisor, "GRACE", 0.5)
    checkout.behaviours(
        "import faulthandler, time\n\n\n"
        'def test_hang():\n    """It hangs."""\n    faulthandler.cancel_dump_traceback_later()\n    time.sleep(60)\n'
    )
    found = observe(checkout, light, timeout=1.5)
    assert (found.outcome, found.reason) == ("timed-out", "it was stopped after 1.5 s, while it ran area/hang")


AROUND = '''
import weakref

import pytest

given = []


class Thing:
    pass


@pytest.fixture
def thing():
    thing = Thing()
    given.append(weakref.ref(thing))
    return thing


@pytest.fixture
def unmade():
    raise ValueError("it cannot be made")


@pytest.fixture
def unended():
    yield
    raise ValueError("it cannot be ended")


def test_given(thing):
    """It is given a thing."""


def test_given_before():
    """What the one before was given is gone."""
    assert given[0]() is None


def test_unmade(unmade):
    """What it is given cannot be made."""


def test_unended(observe, unended):
    """What it is given cannot be ended."""
    observe(1)


def test_after(thing):
    """It comes after those."""
'''


def test_what_goes_wrong_around_a_behaviour_is_its_failure(checkout, light):
    """What a behaviour is given ends with it, and where it cannot be made or ended, that behaviour failed, no other."""
    checkout.behaviours(AROUND)
    record = observe(checkout, light)
    assert record.outcome == "ran"
    assert {name: (entry.state, entry.value) for name, entry in record.behaviours.items()} == {
        "area/given": ("held", None),
        "area/given_before": ("held", None),
        "area/unmade": ("failed", "ValueError: it cannot be made"),
        "area/unended": ("failed", "ValueError: it cannot be ended"),
        "area/after": ("held", None),
    }


def test_doubtful_answer_whose_cell_then_dies_is_unstable(checkout, light):
    """A behaviour that kills its process when it is asked again is unstable, and the cell ran."""
    checkout.behaviours(
        "import os, pathlib\n\n\ndef test_a(observe):\n"
        '    """What?"""\n'
        f"    mark = pathlib.Path({str(checkout.root / 'mark')!r})\n"
        "    if mark.exists():\n        os._exit(3)\n    mark.touch()\n    observe(1)\n"
    )
    found = observe(checkout, light)
    assert found.outcome == "ran"
    assert found.behaviours["area/a"].state == "unstable"
    assert found.behaviours["area/a"].value == [1, "ended with 3"]
