"""The certificate of a client: the forms in which it is given, and a server that demands one."""

import ssl

import pytest

from repro.cell import outcomes, tls
from repro.cell.clients import sync_client
from repro.cell.enclosure import AUTHORITY
from repro.cell.library import httpx

BOTH = str(tls.CERTIFICATES / "client.pem")
CERTIFICATE = str(tls.CERTIFICATES / "client_certificate.pem")
KEY = str(tls.CERTIFICATES / "client_key.pem")
ENCRYPTED = str(tls.CERTIFICATES / "client_key_encrypted.pem")
PASSWORD = (tls.CERTIFICATES / "client_password.txt").read_text()


@pytest.fixture
def demanding(serving):
    """The base URL of an upstream that demands a certificate of the authority, under TLS 1.2."""
    return serving(tls.server(client_authority=True, newest=ssl.TLSVersion.TLSv1_2))


@pytest.mark.needs("sync client", "verify argument")
def test_cert_forms(observe, demanding, verdict):
    """What `cert` may be: one file, two, or two and a password."""
    forms = {
        "one file": BOTH,
        "certificate and key": (CERTIFICATE, KEY),
        "certificate, key and password": (CERTIFICATE, ENCRYPTED, PASSWORD),
        "another password": (CERTIFICATE, ENCRYPTED, "another"),
        "missing": "missing.pem",
    }
    observe({name: verdict(demanding, cert=cert) for name, cert in forms.items()})


@pytest.mark.needs("sync client", "verify argument")
def test_cert_beside_context(observe, demanding, verdict):
    """`cert` beside a context of the caller's own as `verify`."""
    observe(verdict(demanding, verify=ssl.create_default_context(cafile=AUTHORITY), cert=BOTH))


@pytest.mark.needs("sync client", "verify argument")
def test_cert_of_request(observe, demanding):
    """`cert` for one request."""
    with sync_client(verify=str(AUTHORITY)) as client:
        observe(tls.verdict(lambda: client.get(demanding, cert=BOTH)))


@pytest.mark.needs("sync client", "top-level functions")
def test_cert_of_function(observe, demanding):
    """`cert` for a top-level function."""
    observe(tls.verdict(lambda: httpx.get(demanding, verify=str(AUTHORITY), cert=BOTH)))


@pytest.mark.needs("sync client", "verify argument")
def test_cert_demanded(observe, demanding):
    """What a client without a certificate raises whose server demands one."""
    with sync_client() as client:
        observe(outcomes.of(lambda: client.get(demanding)))


# Where there is an event loop, it is up to the loop whether the request is written before the server's refusal is read.
@pytest.mark.needs("sync client without an event loop", "verify argument")
def test_cert_demanded_under_1_3(observe, serving):
    """The same under TLS 1.3, where the handshake is over for the client before the server refuses it."""
    url = serving(tls.server(client_authority=True))
    with sync_client() as client:
        observe(outcomes.caught(lambda: client.get(url)))


@pytest.mark.needs("sync client", "verify argument")
def test_cert_unverified(observe, demanding, verdict):
    """`cert` beside `verify=False`."""
    observe(verdict(demanding, verify=False, cert=BOTH))


@pytest.mark.needs("sync client", "verify argument")
def test_cert_beside_path(observe, demanding, verdict):
    """`cert` beside the path of the authorities as `verify`."""
    observe(verdict(demanding, verify=str(AUTHORITY), cert=BOTH))
