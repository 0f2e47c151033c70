"""TLS from the server's side: what a client's first words are read as, and why a server was refused."""

import contextlib
import socket
import ssl

import pytest

from repro.cell import tls
from repro.cell.enclosure import AUTHORITY
from repro.cell.upstream import Upstream


def knock(port, context, host):
    """Begin a handshake with the server on this port, and let it fail."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as sock:
        context.wrap_socket(sock, server_hostname=host)


def test_hello_is_heard():
    """The host, the protocols and the versions that a client offers are read from its first words."""
    context = ssl.create_default_context(cafile=AUTHORITY)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with tls.Greeter() as greeter:
        assert greeter.said(lambda: knock(greeter.port, context, "localhost"), "server_name") == "localhost"
        assert greeter.said(lambda: knock(greeter.port, context, "127.0.0.1"), "server_name") is None
        assert greeter.said(lambda: knock(greeter.port, context, "localhost"), "protocols") == ["h2", "http/1.1"]
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        assert greeter.said(lambda: knock(greeter.port, context, "localhost"), "versions") in (["1.2"], [])


def test_silence_is_told():
    """Where a client says nothing, how its call ended is the answer."""
    with tls.Greeter() as greeter:
        assert greeter.said(lambda: "went elsewhere", "server_name") == "went elsewhere"


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        ("expired", "expired"),
        ("other_host", "another host"),
        ("self_signed", "self-signed"),
        ("unknown_authority", "unknown authority"),
    ],
)
def test_refusal_has_its_reason(certificate, reason):
    """The reason of a refusal is found in what an error came of."""
    context = ssl.create_default_context(cafile=AUTHORITY)

    def ask():
        with socket.create_connection(("127.0.0.1", upstream.port), 5) as sock:
            try:
                context.wrap_socket(sock, server_hostname="localhost")
            except ssl.SSLError as error:
                raise RuntimeError("wrapped") from error

    with Upstream(tls.server(certificate)) as upstream:
        assert tls.verdict(ask) == f"refused: {reason}"


def test_verdict_of_what_is_no_refusal():
    """A call that ends otherwise is told as it is."""
    assert tls.verdict(lambda: 404) == 404
    assert tls.verdict(lambda: 200) == "trusted"


def test_client_learns_that_a_certificate_is_demanded():
    """A server that demands a certificate says so before it closes."""
    context = ssl.create_default_context(cafile=AUTHORITY)
    demanding = tls.server(client_authority=True, newest=ssl.TLSVersion.TLSv1_2)
    with (
        Upstream(demanding) as upstream,
        socket.create_connection(("127.0.0.1", upstream.port), 5) as sock,
        pytest.raises(ssl.SSLError, match=r"(?i)handshake.failure|certificate.required"),
    ):
        context.wrap_socket(sock, server_hostname="localhost")
