"""Which servers a client trusts, by what `verify` says; and how it refuses the others."""

import contextlib
import inspect
import ssl
import warnings

import pytest

from repro.cell import outcomes, tls
from repro.cell.clients import aclose, async_client, run, sync_client
from repro.cell.enclosure import AUTHORITY
from repro.cell.library import httpx

#: The servers to refuse, by the name of their certificate.
UNTRUSTED = ["expired", "other_host", "unknown_authority", "self_signed"]


@pytest.mark.needs("sync client", "verify argument")
def test_refused(observe, serving):
    """Which certificates a client refuses, and what the cause of its error names as the reason."""
    urls = {name: serving(tls.server(name)) for name in UNTRUSTED}
    with sync_client() as client:
        observe({name: tls.verdict(lambda url=url: client.get(url)) for name, url in urls.items()})


@pytest.mark.needs("sync client")
def test_refused_caught(observe, serving):
    """Which `except` clauses catch the refusal of a certificate."""
    url = serving(tls.server("unknown_authority"))
    with sync_client() as client:
        observe(outcomes.caught(lambda: client.get(url)))


@pytest.mark.needs("async client")
def test_async_refused_caught(observe, serving):
    """Which `except` clauses catch the refusal of a certificate by an asynchronous client."""
    url = serving(tls.server("unknown_authority"))

    async def main():
        client = async_client()
        answer = await outcomes.caught_async(lambda: client.get(url))
        await aclose(client)
        return answer

    observe(run(main))


@pytest.mark.needs("sync client", "verify argument")
def test_not_verified(observe, serving):
    """Servers that would be refused, with `verify=False`."""
    urls = {name: serving(tls.server(name)) for name in ("other_host", "self_signed")}
    with sync_client(verify=False) as client:
        observe({name: tls.verdict(lambda url=url: client.get(url)) for name, url in urls.items()})


@pytest.mark.needs("sync client", "verify argument")
def test_verify_forms(observe, secure, verdict, tmp_path):
    """What `verify` may be: the path of a file or a folder of authorities, or a context."""
    forms = {
        "file": str(AUTHORITY),
        "Path": AUTHORITY,
        "folder": str(tls.CERTIFICATES / "trusted"),
        "empty folder": str(tmp_path),
        "context": ssl.create_default_context(cafile=AUTHORITY),
        "context that trusts nobody": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    }
    observe({name: verdict(secure, verify=verify) for name, verify in forms.items()})


@pytest.mark.needs("sync client", "verify argument")
def test_verify_unusable(observe, tmp_path):
    """Making a client with a path at which there is nothing, and with one at which there are no certificates."""
    paths = {"nothing": str(tmp_path / "nothing.pem"), "no certificates": str(tls.CERTIFICATES / "client_password.txt")}

    def made(path):
        with sync_client(verify=path):
            return "made"

    observe({name: outcomes.of(lambda path=path: made(path)) for name, path in paths.items()})


@pytest.mark.needs("sync client", "verify argument")
def test_verify_of_request(observe, serving):
    """`verify` for one request, where the client was not told to trust the server."""
    url = serving(tls.server("self_signed"))
    with sync_client() as client:
        observe(tls.verdict(lambda: client.get(url, verify=False)))


@pytest.mark.needs("sync client", "top-level functions")
def test_verify_of_function(observe, serving):
    """`verify` for a top-level function."""
    url = serving(tls.server("self_signed"))
    observe(tls.verdict(lambda: httpx.get(url, verify=False)))


@pytest.mark.needs("sync client", "verify argument")
def test_verify_warns(observe):
    """The deprecation warnings that making a client gives, by the form of `verify` and of `cert`."""
    forms = {
        "verify, a path": {"verify": str(AUTHORITY)},
        "verify, a context": {"verify": ssl.create_default_context(cafile=AUTHORITY)},
        "verify, False": {"verify": False},
        "cert": {"cert": str(tls.CERTIFICATES / "client.pem")},
    }
    observe({name: warned(options) for name, options in forms.items()})


def warned(options):
    """The deprecation warnings that making a client gives; Python's own are others from version to version."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", DeprecationWarning)
        with contextlib.closing(sync_client(**options)):
            pass
    return [f"{w.category.__name__}: {w.message}" for w in caught if not str(w.message).startswith("ssl.")]


@pytest.mark.needs("HTTP/2 in the sync client")
def test_context_shared(observe):
    """What a client offers by ALPN whose context another client has used for HTTP/2."""
    context = ssl.create_default_context(cafile=AUTHORITY)
    with tls.Greeter() as greeter:

        def offered(**options):
            with sync_client(verify=context, **options) as client:
                return sorted(greeter.said(lambda: client.get(greeter.url), "protocols"))

        observe({"before": offered(), "for HTTP/2": offered(http2=True), "after": offered()})


def test_create_ssl_context(observe):
    """The parameters of `create_ssl_context`, in order."""
    observe(outcomes.of(lambda: list(inspect.signature(httpx.create_ssl_context).parameters)))


def test_context_of_environment(observe, monkeypatch, tmp_path):
    """Whether `create_ssl_context` writes session keys to the file that SSLKEYLOGFILE names."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
    observe(outcomes.of(lambda: httpx.create_ssl_context(verify=False).keylog_filename is not None))
