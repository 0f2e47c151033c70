"""What runs inside the environment of a user's project: the protocol between the kit and that strange interpreter.

The kit writes into the environment's site-packages a `.pth` file with two lines, the path of this folder and
`import upgrade_inside`. So every Python of that environment imports this module before anything else, children too.

Nothing happens unless the variable `HTTPX_UPGRADE_INSIDE` names a settings file. It is one JSON object:

    format     1
    redirects  {import name: the import name that stands in for it}, such as {"httpx": "httpx2"}; may be empty
    writable   [folder or file that may be written to]
    network    whether anything beyond loopback may be reached
    tree       the folder of the project: paths inside it are told relative to it; null for none
    log        file that one JSON line is appended to for each thing refused
    results    file that one JSON line is appended to for each thing that happens in a test run; null for none
    only       file with one test id per line, which limits what pytest runs; null for everything

A settings file that cannot be read ends the interpreter at once: without it, nothing would be contained.

Lines of `log`
    {"refused": "network" or "write", "event": its audit event, "to": host:port, name or path,
     "test": id of the running test or null, "pid": n}
    The same thing is told once per test and process, and a process tells at most 1000:
    the last line then is {"refused": "more", "pid": n}.

Lines of `results`, each one flushed, so that what was running is known after a hang or a crash. Those that come from
pytest are written by `upgrade_outcomes`, which is loaded with `pytest -p upgrade_outcomes`:
    {"session": {"format": 1, "pytest": version, "python": version, "rootdir": path,
                 "plugins": [distribution==version]}}
    {"collected": [test id]}               what is going to be run, after `only`
    {"missing": [test id]}                 ids of `only` that were not collected
    {"began": test id}
    {"ended": test id, "outcome": passed | failed | error | skipped | xfailed | xpassed, "seconds": x,
     "reason": why skipped or xfailed, or null, "failures": [FAILURE with "when": setup | call | teardown]}
                                           `error` is a setup or a teardown that failed while the test did not
    {"collection": id of the file, "failure": FAILURE}
                                           a file (or an early conftest.py) that could not be collected
    {"module skipped": id of the file, "reason": text}
    {"warning": {"category": qualified name, "message": text, "path": p, "place": PLACE, "line": n,
                 "caller": FRAME or null}, "test": id or null,
     "when": config | collect | setup | call | teardown | null}
                                           `caller` is the innermost frame of the tree that led to it; null for a
                                           ResourceWarning, which belongs to no place and to no test
    {"crashed": FAILURE}                   pytest itself ended on an exception: a plugin that cannot be imported, say
    {"finished": exit code}                the session came to its end
                                           Without `session` and `crashed` pytest did not come so far: its options are
                                           wrong, say; its exit code and output tell
Under pytest-xdist a line that a worker wrote has "worker": its name as well; what every worker collects is told by the
first alone. A test whose worker died has an `ended` with the outcome `failed` and the failure's type `crashed`.
A test that a plugin for flaky ones runs again begins again, and ends once.

FAILURE is {"type": qualified name, "message": text, "frames": [FRAME], "cause": FAILURE or null,
    "group": [FAILURE] of an exception group}. `cause` is what was raised from or, without that, what was being handled.
FRAME is {"path": p, "place": PLACE, "line": n, "function": name, "code": text of the line}.
PLACE says what `path` is relative to: tree | packages (a site-packages) | stdlib | elsewhere (then it is absolute).
Messages are cut after 4000 characters, lists of frames after the outermost 30 and the innermost 70.

What this cannot hold, and a report has to say: programs that are no Python, Pythons of another environment or started
with `-S` or without the variable, extension modules that call the operating system themselves (uvloop, c-ares, gRPC),
ctypes, files opened before, `os.open(..., dir_fd=...)` outside the working directory, `os.mkfifo` and `os.mknod`. The
module `upgrade_guard` is a fence for what strays, no wall against what means harm. Where the kit can, it runs all of it
in namespaces of its own besides, and these hold what the guard cannot see: `process.run` says whether they did.

Modules of this folder stand alone: the standard library (and pytest, for its plugin) under Python 3.8 and later.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The variable that names the settings file.
VARIABLE = "HTTPX_UPGRADE_INSIDE"

#: The format of settings and lines.
FORMAT = 1


class Running:
    """The test that runs, and in which phase: told by the pytest plugin, asked by the guard."""

    test: str | None = None
    when: str | None = None


def running() -> str | None:
    """The id of the running test, in pytest itself or in a child that a test started; None outside of tests."""
    if Running.test is not None:
        return Running.test
    try:
        # pytest sets it, and children inherit it: "id (call)".
        return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0] or None
    except Exception:
        # A test may put anything in the place of the environment.
        return None


def settings() -> dict[str, Any] | None:
    """The settings of this run; None where the interpreter is none of the kit's.

    Raises:
        SystemExit: There are settings, and they cannot be read.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return None
    import json

    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        if found["format"] != FORMAT:
            raise ValueError(  # noqa: TRY301 - it is told like whatever else is wrong with them
                "its format is {!r}, and this reads {}".format(found["format"], FORMAT)
            )
        # Everything that is used is looked up here, so that what is missing is missed now.
        return {
            "redirects": dict(found["redirects"]),
            "writable": list(found["writable"]),
            "network": bool(found["network"]),
            "tree": found.get("tree"),
            "log": found["log"],
            "results": found.get("results"),
            "only": found.get("only"),
        }
    except Exception as error:
        sys.stderr.write(f"httpx upgrade kit: {VARIABLE}={path} cannot be read: {type(error).__name__}: {error}\n")
        raise SystemExit(2) from None


def enter() -> None:
    """Do what the settings say, once."""
    global SETTINGS
    SETTINGS = settings()
    if SETTINGS is None:
        return
    import upgrade_guard
    import upgrade_lines
    import upgrade_places
    import upgrade_redirect

    upgrade_places.know(SETTINGS["tree"])
    upgrade_redirect.install(SETTINGS["redirects"])
    if SETTINGS["results"]:
        import upgrade_warnings

        upgrade_warnings.install(upgrade_lines.Lines(SETTINGS["results"]), Running, running)
    upgrade_guard.install(SETTINGS, upgrade_lines.Lines(SETTINGS["log"]), running)


#: The settings of this run; None where there are none.
SETTINGS: dict[str, Any] | None = None

enter()
