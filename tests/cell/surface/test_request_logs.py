"""What the release logs: by which logger, at which level, and how it is made to."""

import contextlib
import importlib
import logging
import re
from types import SimpleNamespace

import pytest

from repro.cell.applications import PLACE, asgi
from repro.cell.clients import aclose, async_client, plain, plain_client, run
from repro.cell.library import httpx

TRACE = 5


def said(records):
    """Records as text: the level, the logger and the message."""
    return [f"{record.levelname} {named(record)}: {record.getMessage()}" for record in records]


def named(record):
    """The name of the logger; a fork is the same package under another name."""
    return re.sub(r"^(httpx|httpcore)(2|xyz|yz)\b", r"\1", record.name)


def loggers(records):
    """The loggers of records, each once."""
    return sorted({named(record) for record in records})


def highest(records, text):
    """The highest level at which a text is logged, or `none`."""
    found = [record for record in records if text in record.getMessage()]
    return max(found, key=lambda record: record.levelno).levelname if found else "none"


def once(url, **options):
    """Make a request with a synchronous client of its own."""
    with plain_client(**options) as client:
        client.get(url)


def once_async(url):
    """Make a request with an asynchronous client of its own."""

    async def main():
        client = async_client(**plain({}))
        await client.get(url)
        await aclose(client)

    run(main)


@pytest.mark.needs("sync client")
def test_logs(logged, observe, upstream):
    """The lines that a request logs at INFO and above."""
    records = logged(lambda: once(upstream.url))
    observe(said(record for record in records if record.levelno >= logging.INFO))


@pytest.mark.needs("async client")
def test_async_logs(logged, observe, upstream):
    """The lines that a request of an asynchronous client logs at INFO and above."""
    records = logged(lambda: once_async(upstream.url))
    observe(said(record for record in records if record.levelno >= logging.INFO))


@pytest.mark.needs("sync client")
def test_loggers_at_debug(logged, observe, upstream):
    """The loggers that a request logs with at DEBUG."""
    records = logged(lambda: once(upstream.url))
    observe(loggers(record for record in records if record.levelno == logging.DEBUG))


@pytest.mark.needs("sync client")
def test_loggers_at_trace(logged, observe, upstream):
    """The loggers that a request logs with at TRACE, a level below DEBUG."""
    records = logged(lambda: once(upstream.url))
    observe(loggers(record for record in records if record.levelno == TRACE))


@pytest.mark.needs("sync client")
def test_logged_password(logged, observe, upstream):
    """The highest level at which a request logs the password of its URL."""
    records = logged(lambda: once(upstream.url.replace("://", "://user:opensesame@")))
    observe(highest(records, "opensesame"))


@pytest.mark.needs("sync client")
def test_logged_authorization(logged, observe, upstream):
    """The highest level at which a request logs its Authorization header."""
    records = logged(lambda: once(upstream.url, headers={"Authorization": "Bearer opensesame"}))
    observe(highest(records, "opensesame"))


@pytest.mark.needs("ASGI application")
def test_logs_of_asgi(logged, observe):
    """The levels and the loggers by which a request to an ASGI application is logged."""

    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def main():
        await asgi(application).get(PLACE)

    records = logged(lambda: run(main))
    observe(sorted({f"{record.levelname} {named(record)}" for record in records}))


@pytest.mark.needs("verify argument")
def test_logs_of_tls(logged, observe):
    """The levels and the loggers by which the setting up of TLS is logged."""
    records = logged(context)
    observe(sorted({f"{record.levelname} {named(record)}" for record in records}))


def context():
    """A context of TLS that trusts nobody, made as the client makes its own."""
    if hasattr(httpx, "create_ssl_context"):
        return httpx.create_ssl_context(verify=False)
    for name in ("_config", "config"):
        with contextlib.suppress(ImportError):
            return importlib.import_module(f"{httpx.__name__}.{name}").SSLConfig(verify=False).load_ssl_context()
    raise AssertionError("no context is made")


@pytest.mark.parametrize(
    ("variable", "value"), [("HTTPX_DEBUG", "1"), ("HTTPX_LOG_LEVEL", "trace")], ids=["HTTPX_DEBUG", "HTTPX_LOG_LEVEL"]
)
def test_environment(variable, value, anew, monkeypatch, observe):
    """The loggers that an environment variable makes write to stderr, and from which level on."""
    monkeypatch.setenv(variable, value)
    anew()
    observe({logger.name: logging.getLevelName(logger.level) for logger in silenced()})


def silenced():
    """The loggers of the release that have a handler, which each loses here."""
    found = []
    for name in ("httpx", "httpcore"):
        logger = logging.getLogger(name)
        handlers = [handler for handler in logger.handlers if isinstance(handler, logging.StreamHandler)]
        if handlers:
            found.append(SimpleNamespace(name=name, level=logger.level))
        for handler in handlers:
            logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    return found
