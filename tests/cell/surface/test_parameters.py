"""The parameters of what a caller calls, as `inspect.signature` has them."""

import inspect

import pytest

from repro.cell import capabilities
from repro.cell.library import httpx


def parameters(callee):
    """The parameters of a function or a class: a star stands before those that go by name alone, in no order.

    Where the default is an object of the release, it is written as `...`.
    """
    given = inspect.signature(callee).parameters.values()
    named = sorted(it.name + default(it) for it in given if it.kind is it.KEYWORD_ONLY)
    others = [STARS.get(it.kind, "") + it.name + default(it) for it in given if it.kind is not it.KEYWORD_ONLY]
    return [name for name in others if name != "self"] + (["*", *named] if named else [])


#: What stands before the name of a parameter that takes many.
STARS = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def default(parameter):
    """The default of a parameter, where it is plain."""
    value = parameter.default
    if value is parameter.empty:
        return ""
    return f"={value}" if value is None or isinstance(value, bool | int | str) else "=..."


def public(name):
    """A class or function of the package, or None."""
    return getattr(httpx, name, None)


def client():
    """The class of clients, the synchronous one where there is one."""
    return capabilities.sync_client() or capabilities.async_client()


CALLEES = {
    "client": client,
    "client.request": lambda: client().request,
    "client.send": lambda: getattr(client(), "send", None),
    "client.build_request": lambda: getattr(client(), "build_request", None),
    "get": lambda: public("get"),
    "response": lambda: httpx.Response,
    "request": lambda: httpx.Request,
    "http_transport": lambda: public("HTTPTransport"),
    "asgi_transport": lambda: capabilities.application_transport("ASGI"),
    "wsgi_transport": lambda: capabilities.application_transport("WSGI"),
    "proxy": lambda: public("Proxy"),
    "create_ssl_context": lambda: public("create_ssl_context"),
}


@pytest.mark.parametrize("callee", CALLEES)
def test_parameters(callee, observe):
    """The parameters of a class, a method or a function, with their defaults; `none` where there is none."""
    found = CALLEES[callee]()
    observe("none" if found is None else parameters(found))


@pytest.mark.needs("top-level functions")
def test_parameters_of_functions(observe):
    """What each function that sends takes that `get` does not, and what it does not take."""
    usual = set(parameters(httpx.get))
    others = {name: public(name) for name in ("head", "options", "delete", "post", "put", "patch", "request", "stream")}
    observe(
        {
            name: " ".join(
                ["+" + taken for taken in parameters(function) if taken not in usual]
                + ["-" + left for left in sorted(usual - set(parameters(function)))]
            )
            for name, function in others.items()
            if function
        }
    )


@pytest.mark.needs("sync client", "async client")
def test_parameters_of_async_client(observe):
    """What the asynchronous client takes that the synchronous one does not, and the other way round."""
    ours, others = (set(parameters(kind())) for kind in (capabilities.async_client, capabilities.sync_client))
    observe({"only asynchronous": sorted(ours - others), "only synchronous": sorted(others - ours)})
