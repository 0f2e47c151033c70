"""The application factory, and the end of an application.

`create_app()` makes the one client, and `close_app()` closes it. Flask has no hook for the end of an application, so a
server that ends in order runs `close_app` at exit:

- gunicorn runs what is registered with `atexit` in each worker that SIGTERM ends. A client that has sent nothing holds
  no connection, so it may be made before the workers fork, with `--preload`.
- waitress does so on SIGINT. On SIGTERM Python ends without `atexit`, unless the script that starts waitress says
  `signal.signal(signal.SIGTERM, lambda *_: sys.exit())` first.

Both were tried with gunicorn 27.0.1 and waitress 3.0.2. Where `atexit` is not run, the kernel closes the connections
together with the process. Whoever makes and ends applications within one process calls `close_app` each time.

The metrics are those of one process: run one process with threads behind one `/metrics`, or read about the
multiprocess mode of `prometheus_client` first.
"""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from typing import TYPE_CHECKING

from flask import Flask, jsonify

from repro.hardened import movies
from repro.hardened.metrics import Metrics
from repro.hardened.settings import Settings
from repro.hardened.sqlite_guard import SQLiteGuard
from repro.hardened.tmdb import Tmdb, UpstreamError

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from repro.hardened.guards import Guard


def create_app(settings: Settings | None = None, guard: Guard | None = None) -> Flask:
    """The application, with its client, its guard and its metrics; `close_app` ends it.

    Args:
        settings: What the environment says when None.
        guard: What keeps writes from being repeated; the embedded SQLite guard when None.
    """
    settings = settings or Settings.from_environment()
    guard = guard or SQLiteGuard(settings.guard_path, settings.guard_timeout, settings.guard_ttl)
    metrics = Metrics(settings.base_url)
    tmdb = Tmdb(settings, metrics)

    app = Flask(__name__)
    app.extensions.update(settings=settings, metrics=metrics, tmdb=tmdb, guard=guard)
    app.register_blueprint(movies.blueprint)
    app.register_error_handler(UpstreamError, answer_upstream_error)
    metrics.init_app(app)

    ends = app.extensions["ends"] = ExitStack()
    ends.callback(guard.close)
    ends.callback(tmdb.close)
    atexit.register(ends.close)
    return app


def close_app(app: Flask) -> None:
    """Close the client of an application, with its connections, and its guard; a second time does nothing."""
    ends = app.extensions["ends"]
    atexit.unregister(ends.close)
    ends.close()


def answer_upstream_error(error: UpstreamError) -> ResponseReturnValue:
    """Say that upstream failed, and how, without what it said."""
    return jsonify(error=f"upstream: {error.reason}"), 504 if error.reason == "timeout" else 502
