"""The certificates of the loopback servers."""

import datetime as dt
import socket
import ssl
import threading

import pytest
from stage import ROOT, tree

from repro.kit import certificates

STORED = ROOT / "repro" / "cell" / "certificates"

LASTING = ["authority.pem", "server.pem", "other_host.pem", "unknown_authority.pem", "self_signed.pem", "client.pem"]


@pytest.fixture(params=["stored", "new"])
def folder(request, tmp_path):
    """The certificates in the repository, and such as are made anew."""
    if request.param == "stored":
        return STORED
    certificates.make(tmp_path / "new")
    return tmp_path / "new"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_server_is_trusted_for_loopback(folder, host):
    """A client that trusts the authority completes a handshake with the server, under every name of loopback."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    client = ssl.create_default_context(cafile=folder / "authority.pem")
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=lambda: server.wrap_socket(theirs, server_side=True).close())
    thread.start()
    with client.wrap_socket(ours, server_hostname=host) as connection:
        assert connection.version() in {"TLSv1.2", "TLSv1.3"}
    thread.join()


def test_server_is_trusted_for_nothing_else(folder):
    """A client refuses the server under any other name."""
    assert refusal(folder, "server", host="api.themoviedb.org") == 62


@pytest.mark.parametrize(
    ("server", "reason"), [("expired", 10), ("self_signed", 18), ("unknown_authority", 20), ("other_host", 62)]
)
def test_servers_to_refuse(folder, server, reason):
    """A client that trusts the authority refuses each of these, for one reason; the figures are OpenSSL's."""
    assert refusal(folder, server) == reason


def refusal(folder, name, *, host="localhost"):
    """Why a client that trusts the authority refuses a server, as OpenSSL's figure."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / f"{name}.pem")
    client = ssl.create_default_context(cafile=folder / "authority.pem")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(incoming, outgoing, server_hostname=host)
    other = server.wrap_bio(there, back, server_side=True)
    with pytest.raises(ssl.SSLWantReadError):
        one.do_handshake()
    there.write(outgoing.read())
    with pytest.raises(ssl.SSLWantReadError):
        other.do_handshake()
    incoming.write(back.read())
    with pytest.raises(ssl.SSLCertVerificationError) as refused:
        one.do_handshake()
    return refused.value.verify_code


def test_authority_is_found_in_a_folder(folder):
    """A client that trusts a folder of authorities finds the one in `trusted`, by the name that OpenSSL looks for."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    client = ssl.create_default_context(capath=folder / "trusted")
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=lambda: server.wrap_socket(theirs, server_side=True).close())
    thread.start()
    with client.wrap_socket(ours, server_hostname="localhost") as connection:
        assert connection.version()
    thread.join()


def test_client_has_a_key_in_every_form(folder):
    """A client's key comes with its certificate, beside it, and under the password beside it."""
    password = (folder / "client_password.txt").read_text()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_cert_chain(folder / "client.pem")
    context.load_cert_chain(folder / "client_certificate.pem", folder / "client_key.pem")
    context.load_cert_chain(folder / "client_certificate.pem", folder / "client_key_encrypted.pem", password)
    with pytest.raises(ssl.SSLError):
        context.load_cert_chain(folder / "client_certificate.pem", folder / "client_key_encrypted.pem", "another")


@pytest.mark.parametrize("name", LASTING)
def test_certificates_last(folder, name):
    """No certificate of the loopback servers expires within five years."""
    found = ssl._ssl._test_decode_cert(str(folder / name))
    expires = dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), dt.UTC)
    assert expires > dt.datetime.now(dt.UTC) + dt.timedelta(days=5 * 365)


def test_authority_keeps_no_key(folder):
    """Nobody can make another certificate that a cell would trust: the authority's key is nowhere."""
    assert "PRIVATE KEY" not in (folder / "authority.pem").read_text()
    for kept in folder.glob("*.pem"):
        assert kept.read_text().count("PRIVATE KEY") in {0, 2}


def test_certificates_are_made_in_the_checkout(kit, small_checkout):
    """The certificates are made where cells look for them."""
    folder = small_checkout.root / "repro" / "cell"
    folder.unlink()
    folder.mkdir()
    assert kit("certificates") == (0, "Made repro/cell/certificates, valid until 2038-01-01.\n", "")
    assert {"certificates/authority.pem", "certificates/server.pem"} <= set(tree(folder))
