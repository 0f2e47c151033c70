"""Serves a service of the kit under the release of this environment: `python -m repro.cell.serving reproduction`.

It prints its port as one line of JSON once it answers, and ends when its standard input does, so that it never outlives
whoever started it.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from typing import Any

from repro.cell import library  # noqa: F401 - from here on, `import httpx` is the release

#: The factory of each service's application.
SERVICES = {"reproduction": "repro.project.app", "hardened": "repro.hardened.app"}
#: How many requests are answered at once.
THREADS = 4


def main(service: str) -> None:
    """Serve until standard input ends."""
    import waitress

    application = importlib.import_module(SERVICES[service]).create_app()
    server = waitress.create_server(application, host="127.0.0.1", port=0, threads=THREADS)
    threading.Thread(target=end_with_input, daemon=True).start()
    say({"port": server.effective_port})
    server.run()


def say(what: dict[str, Any]) -> None:
    """Tell whoever started this process, as one line of JSON."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def end_with_input() -> None:
    """End this process when its standard input ends."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
