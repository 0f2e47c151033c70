"""The certificates of the loopback servers."""

import datetime as dt
import socket
import ssl
import threading

import pytest
from stage import ROOT

from repro.kit import certificates

STORED = ROOT / "repro" / "cell" / "certificates"


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
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    client = ssl.create_default_context(cafile=folder / "authority.pem")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(incoming, outgoing, server_hostname="api.themoviedb.org")
    other = server.wrap_bio(there, back, server_side=True)
    with pytest.raises(ssl.SSLWantReadError):
        one.do_handshake()
    there.write(outgoing.read())
    with pytest.raises(ssl.SSLWantReadError):
        other.do_handshake()
    incoming.write(back.read())
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        one.do_handshake()


@pytest.mark.parametrize("name", ["authority.pem", "server.pem"])
def test_certificates_last(folder, name):
    """No certificate of the loopback servers expires within five years."""
    found = ssl._ssl._test_decode_cert(str(folder / name))
    expires = dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), dt.UTC)
    assert expires > dt.datetime.now(dt.UTC) + dt.timedelta(days=5 * 365)


def test_authority_keeps_no_key(folder):
    """Nobody can make another certificate that a cell would trust: the authority's key is nowhere."""
    assert "PRIVATE KEY" not in (folder / "authority.pem").read_text()
    assert (folder / "server.pem").read_text().count("PRIVATE KEY") == 2
