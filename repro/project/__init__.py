"""The published reproduction: a Flask application that searches TMDb with one httpx client per application context.

It is written to the description that the advisory gives, and is the service that every cell runs. As published it
cannot run; three smallest corrections make it. Each is marked with `Corrected:` where it was made, and each defect is
kept as a behaviour in `tests/cell/reproduction/test_as_published.py`, which shows what it does:

1. `movies.py`: the blueprint's prefix lacks its leading slash.
2. `tmdb.py`: the teardown function takes no argument, although Flask passes the exception.
3. `movies.py`: the view iterates the payload as a list, although TMDb returns an object with `results`.

One thing is added: `TMDB_BASE_URL` in the environment lets it talk to a stand-in on loopback.

Corrected, it still does not work under every release. Before httpx 0.14.0, 0.13.0 included, the path `/3` of the base
URL is lost, so TMDb would be asked for a path that it does not have: `snapshots/*/reproduction/runs.json`.
"""
