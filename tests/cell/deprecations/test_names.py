"""Old names: of the package itself, of its modules, and of what is in it."""

import importlib
import sys

import pytest

from repro.cell.library import httpx, import_warnings


def test_import(monkeypatch, spelling):
    """The import of `httpx`, where nothing has imported it before."""
    monkeypatch.delitem(sys.modules, "httpx")
    spelling(lambda: importlib.import_module("httpx"))


def test_import_warning_of_limits(observe):
    """What the import warns of the limits of a pool, which it makes for itself."""
    observe([message for _, message in import_warnings if "_limit" in message])


@pytest.mark.parametrize(
    ("module", "name"),
    [("client", "Client"), ("config", "PoolLimits"), ("exceptions", "TooManyRedirects"), ("models", "Response")],
    ids=["client", "config", "exceptions", "models"],
)
def test_module(module, name, spelling):
    """A class out of a module of the package, by the name that the module had before it was private."""
    spelling(lambda: getattr(importlib.import_module(f"{httpx.__name__}.{module}"), name) is getattr(httpx, name))


@pytest.mark.parametrize(
    "name",
    [
        "AsyncClient",
        "AsyncRequest",
        "AsyncResponse",
        "AsyncioBackend",
        "ConnectionClosed",
        "ConnectionPool",
        "Dispatcher",
        "NotRedirectResponse",
        "RedirectBodyUnavailable",
        "RedirectLoop",
        "RequestBodyUnavailable",
        "ResponseClosed",
        "TimeoutException",
        "URLLib3ProxyTransport",
        "URLLib3Transport",
    ],
)
def test_name(name, spelling):
    """A name that the package has had for a time."""
    spelling(lambda: getattr(httpx, name))


def test_main(spelling):
    """The function `main`, where the packages that the command line needs are not installed."""
    spelling(lambda: httpx.main)


def test_status_code_attribute(spelling):
    """A status code by its name, as an attribute of `StatusCode`."""
    spelling(lambda: httpx.StatusCode.NOT_FOUND)


def test_status_code_item(spelling):
    """A status code by its name, as an item of `StatusCode`."""
    spelling(lambda: httpx.StatusCode["NOT_FOUND"])


def test_status_code_call(spelling):
    """A status code by its number, from `StatusCode`."""
    spelling(lambda: httpx.StatusCode(404))


@pytest.mark.parametrize(
    "name",
    [
        "REQUEST_ENTITY_TOO_LARGE",
        "REQUEST_URI_TOO_LONG",
        "REQUESTED_RANGE_NOT_SATISFIABLE",
        "UNPROCESSABLE_ENTITY",
    ],
)
def test_codes(name, spelling):
    """A status code by the name that it had before RFC 9110."""
    spelling(lambda: getattr(httpx.codes, name))


def test_codes_item(spelling):
    """A status code by the name that it had before RFC 9110, as an item."""
    spelling(lambda: httpx.codes["REQUEST_ENTITY_TOO_LARGE"])


def test_codes_lower_case(spelling):
    """A status code by the name that it had before RFC 9110, in lower case."""
    spelling(lambda: httpx.codes.request_entity_too_large)
