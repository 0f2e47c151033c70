"""The same service as `repro/project`, hardened: an example to copy, that runs under every httpx from 0.11.0 on.

It answers `/movies/search` with the same JSON, and does what the published reproduction leaves undone. Each prevention
is in the module that is named for it:

| prevention | where |
|---|---|
| one client for the life of the application, closed at its end | `app.py`, `tmdb.py` |
| all four timeouts, explicit; no redirects, no cookies kept | `tmdb.py` |
| safe requests tried again, a bounded number of times, with back-off and jitter | `attempts.py` |
| requests, attempts with their reason, latency and connections, as metrics with alerts | `metrics.py`, `alerts.yml` |
| a write is done at most once for one idempotency key | `guards.py`, `sqlite_guard.py`, `onceonly_guard.py` |
| an upstream that fails is a 502 or 504 with a reason, never a 500 | `app.py` |

What it does not do: bound the time of one attempt as a whole. A read timeout is the longest pause between two pieces of
an answer, and httpx has no other; an upstream that drips holds a thread for as long as it drips.

`tests/cell/hardened` runs it beside the reproduction under every release.
"""
