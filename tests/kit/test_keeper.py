"""Programs that are not trusted: what they are held to, and what they leave behind."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from stage import MEASURED, ROOT, eventually, processes

from repro.kit import process

BOUNDS = process.Bounds(network=False)


def python(code, **options):
    """Run Python code as a process."""
    seen = {name: value for name, value in os.environ.items() if name not in MEASURED}
    return process.run([sys.executable, "-c", code], env=seen, **options)


@pytest.mark.usefixtures("measured")
def test_bounded_process_is_known_by_its_code_and_its_output(tmp_path):
    """Behind a keeper, too, the exit code, both streams, the folder and the environment are what was asked for."""
    code = "import os, sys; os.write(1, b'out\\xff\\n'); print(os.getcwd(), 'HOME' in os.environ); sys.exit(3)"
    ended = process.run([sys.executable, "-c", code], env={}, cwd=tmp_path, bounds=process.Bounds())
    assert ended == process.Ended(3, overdue=False, output=f"out\ufffd\n{tmp_path} False\n")
    assert python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", bounds=BOUNDS).code == -signal.SIGSEGV


@pytest.mark.usefixtures("measured")
def test_bounded_program_that_is_not_there_is_said():
    """A program that cannot be started has the code of a shell for that, and the system's words."""
    ended = process.run(["/nowhere/program"], env={}, bounds=process.Bounds())
    assert (ended.code, "No such file" in ended.output) == (127, True)


def test_output_keeps_its_beginning_and_its_end():
    """Of 50 MB of output the beginning and the end are kept, and what is not kept is counted."""
    code = "import os\nos.write(1, b'first')\nfor _ in range(50): os.write(1, b'x' * 1000000)\nos.write(1, b'last')"
    ended = python(code, bounds=process.Bounds(output=1 << 20))
    assert ended.output.startswith("firstxxx")
    assert ended.output.endswith("xxxlast")
    assert len(ended.output) < 2 << 20
    assert f"[{ended.dropped} bytes of the output are left out here]" in ended.output
    assert ended.dropped > 48_000_000


def test_output_that_fits_is_whole():
    """An output a little longer than the half that is kept of its beginning has no gap."""
    assert python("print('x' * 600, end='')", bounds=process.Bounds(output=1000)).output == "x" * 600


@pytest.mark.usefixtures("measured")
def test_daemon_does_not_outlive_a_bounded_process(tmp_path):
    """A child that forks twice, leaves its session and clears its environment is killed."""
    code = (
        "import os, time\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        open('pid', 'w').write('x')\n"
        "        os.execve('/bin/sleep', ['sleep', '60'], {})\n"
        "    os._exit(0)\n"
        "if os.fork() == 0:\n"
        "    if os.fork() == 0: open('orphan', 'w').write(str(os.getpid()))\n"
        "    os._exit(0)\n"
        "while not os.path.exists('pid') or not os.path.exists('orphan'): time.sleep(0.01)\n"
        "while os.path.exists('/proc/' + (open('orphan').read() or 'self')): time.sleep(0.01)\n"
    )
    ended = python(code, bounds=process.Bounds())
    assert (ended.code, ended.strays) == (0, 1)
    assert processes(str(tmp_path)) == []


@pytest.mark.usefixtures("measured")
def test_bounded_process_that_takes_too_long_is_killed_with_all_it_started(tmp_path):
    """What hangs is ended after its time, and so is its daemon; what it printed is kept."""
    code = (
        "import os, time\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "print('here', flush=True)\n"
        "if os.fork() == 0: os.setsid()\n"
        "time.sleep(60)\n"
    )
    ended = python(code, bounds=BOUNDS, timeout=1.5)
    assert (ended.overdue, ended.code, ended.output) == (True, -signal.SIGKILL, "here\n")
    assert processes(str(tmp_path)) == []


def test_time_may_be_over_before_it_began():
    """A keeper that is ended before it has started anything leaves nothing, and says nothing."""
    assert python("print()", bounds=BOUNDS, timeout=0) == process.Ended(-signal.SIGKILL, overdue=True, output="")


def test_keeper_that_fails_is_no_outcome_of_the_program(monkeypatch):
    """A keeper that breaks is a bug of the kit, and never taken for what the program did."""
    monkeypatch.setattr(process, "_KEEPER", "import sys; sys.stdin.read(); sys.exit('broken')")
    with pytest.raises(RuntimeError, match="ended with 1: broken"):
        python("print()", bounds=BOUNDS)


def test_program_that_kills_its_keeper_is_found_by_its_mark(tmp_path):
    """A program that kills what watches it is known by its environment, and killed."""
    code = (
        f"import os, signal, time; os.chdir({str(tmp_path)!r}); os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)"
    )
    ended = python(code, bounds=BOUNDS)
    assert (ended.code, ended.strays, ended.alone) == (-signal.SIGKILL, 1, True)
    assert processes(str(tmp_path)) == []


def test_program_that_stops_its_keeper_is_ended_all_the_same(tmp_path, monkeypatch):
    """A keeper that does not answer to SIGTERM is killed, and what it kept is found by its mark."""
    monkeypatch.setattr(process, "_GRACE", 0.2)
    code = (
        f"import os, signal, time; os.chdir({str(tmp_path)!r}); os.kill(os.getppid(), signal.SIGSTOP); time.sleep(60)"
    )
    ended = python(code, bounds=BOUNDS, timeout=1.5)
    assert (ended.overdue, ended.code) == (True, -signal.SIGKILL)
    assert processes(str(tmp_path)) == []


@pytest.mark.usefixtures("measured")
def test_limits_are_those_of_the_bounds():
    """A file, the address space, the processor time and core dumps have the limits that were asked for."""
    code = (
        "import resource as r\n"
        "print([r.getrlimit(n)[0] for n in (r.RLIMIT_CORE, r.RLIMIT_FSIZE, r.RLIMIT_AS)], r.getrlimit(r.RLIMIT_CPU)[0])"
    )
    held = process.Bounds(file=1 << 20, memory=1 << 33)
    cpu = 30 * os.cpu_count() + 1
    assert python(code, bounds=held, timeout=30).output == f"[0, {1 << 20}, {1 << 33}] {cpu}\n"


@pytest.mark.parametrize("network", [True, False])
@pytest.mark.usefixtures("measured")
def test_program_that_is_no_python_writes_where_it_may(tmp_path, network):
    """A shell writes to its folders and to devices, and everything else is read-only to it, whoever it is."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    script = (
        "echo x > new; echo x > /dev/null; ls -d ../outside; echo x > ../outside/new; mkdir ../outside/folder; echo end"
    )
    # What measures the coverage of these tests writes beside them.
    bounds = process.Bounds(network=network, writable=(inside, ROOT))
    ended = process.run(["/bin/sh", "-c", script], env=dict(os.environ), cwd=inside, bounds=bounds)
    assert (ended.walled, ended.alone) == (True, not network)
    assert [path.name for path in (*inside.iterdir(), *outside.iterdir())] == ["new"]
    assert ended.output.count("Read-only file system") == 2
    assert ended.output.endswith("end\n")


def test_program_is_what_the_system_takes_where_memory_runs_out():
    """The program is marked as the one to end, and the kit is not."""
    assert python("print(open('/proc/self/oom_score_adj').read())", bounds=process.Bounds()).output.strip() == "800"


def test_interrupt_takes_a_bounded_process_with_it(tmp_path):
    """An interrupt while waiting ends the program and its keeper before it ends the kit."""
    code = f"import os, time; os.chdir({str(tmp_path)!r}); open('begun', 'w'); os.fork() or os.setsid(); time.sleep(60)"

    def interrupt():
        eventually((tmp_path / "begun").exists)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        python(code, bounds=BOUNDS)
    assert processes(str(tmp_path)) == []


def test_file_that_grows_without_end_is_stopped(tmp_path):
    """A file can grow to its bound, and no further."""
    code = f"open({str(tmp_path / 'big')!r}, 'wb').write(b'x' * 3000000)"
    ended = python(code, bounds=process.Bounds(file=1 << 20))
    assert (ended.code, "File too large" in ended.output) == (1, True)


ALONE = """
import socket
for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    with socket.socket(family) as server, socket.socket(family) as client:
        server.bind((address, 0))
        server.listen()
        client.connect(server.getsockname()[:2])
try:
    socket.create_connection(("192.0.2.1", 80), timeout=5)
except OSError as error:
    print(error)
"""


def kept(command, *before):
    """What the kit says of a program without the network, asked where it has these programs before it."""
    code = (
        "import sys; from repro.kit import process; "
        "ended = process.run(sys.argv[1:], env={}, bounds=process.Bounds(network=False)); "
        "print(ended.containment, ended.output, end='')"
    )
    done = subprocess.run(
        [*before, sys.executable, "-c", code, *command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("rights", [[], ["setpriv", "--bounding-set", "-sys_admin"]], ids=["some", "none"])
@pytest.mark.usefixtures("measured")
def test_network_of_its_own_has_loopback_only(rights):
    """With the right to have one, and without, a program has a network where loopback works and nothing else does."""
    told = kept([sys.executable, "-c", ALONE], "unshare", "--map-root-user", *rights)
    assert told == "network namespace [Errno 101] Network is unreachable\n"


@pytest.mark.usefixtures("measured")
def test_files_stay_writable_where_no_wall_can_be_had(tmp_path):
    """Where the system cannot make the rest read-only, the program runs all the same, and that is said."""
    ended = process.run(["/bin/echo", "ran"], env={}, bounds=process.Bounds(writable=(tmp_path / "absent",)))
    assert (ended.walled, ended.output) == (False, "ran\n")


@pytest.mark.usefixtures("measured")
def test_network_is_kept_where_there_is_no_other():
    """Where the system gives no network of its own, the program runs all the same, and that is said."""
    shell = 'echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"'
    told = kept(["/bin/echo", "ran"], "unshare", "--map-root-user", "sh", "-c", shell, "sh")
    assert told == "Python only ran\n"
