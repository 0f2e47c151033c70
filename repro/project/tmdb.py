"""The TMDb client: one per application context, closed when the context ends."""

import os

import httpx
from flask import Flask, g

BASE_URL = "https://api.themoviedb.org/3"


def get_tmdb() -> httpx.Client:
    """The client of this application context, made at the first call."""
    if "tmdb" not in g:
        g.tmdb = httpx.Client(
            base_url=os.environ.get("TMDB_BASE_URL", BASE_URL),
            headers={"x-api-key": os.environ["TMDB_API_KEY"]},
        )
    return g.tmdb


# Corrected: as published it takes no argument, and Flask passes the exception that ended the context, or None.
def close_tmdb(exception: BaseException | None = None) -> None:
    """Close the client of this application context, if there is one."""
    tmdb = g.pop("tmdb", None)
    if tmdb is not None:
        tmdb.close()


def init_app(app: Flask) -> None:
    """Close the client whenever an application context of `app` ends."""
    app.teardown_appcontext(close_tmdb)
