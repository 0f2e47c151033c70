"""Makes the certificates of the loopback servers and of their clients: `nox -s certificates`.

They are kept in the repository, keys included, so that a cell needs no cryptography to serve TLS. They vouch for
loopback only, and the authority's key is thrown away, so nobody can make another that a cell would trust.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

if TYPE_CHECKING:
    from pathlib import Path

#: As far as a 32-bit time goes; OpenSSL builds that still have one read no later date.
EXPIRES = dt.datetime(2038, 1, 1, tzinfo=dt.UTC)

#: The lifetime of the certificate that has expired.
LONG_AGO = (dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(2001, 1, 1, tzinfo=dt.UTC))

#: What a server certificate vouches for.
LOOPBACK = ("localhost", "127.0.0.1", "::1")

#: The name under which OpenSSL looks for the authority in a folder: a hash of its subject (`openssl x509 -hash`), so
#: another one when the words of `make` are.
HASHED = "88e21796.0"

#: Opens the encrypted key of the client. Nothing is kept secret by it: the same key lies beside it unencrypted.
PASSWORD = "the key of the client"  # noqa: S105 - as it says


def make(folder: Path) -> None:
    """Write every certificate to `folder`, as PEM.

    `authority.pem`, also in the folder `trusted/` as OpenSSL looks through one; `server.pem` (key and certificate, for
    localhost, 127.0.0.1 and ::1); servers that a client has to refuse: `expired.pem`, `other_host.pem`,
    `unknown_authority.pem`, `self_signed.pem`; a client: `client.pem` (certificate and key), `client_certificate.pem`,
    `client_key.pem`, `client_key_encrypted.pem` and the password to it, `client_password.txt`.
    """
    authority = trustme.CA(
        organization_name="loopback servers of the httpx upgrade kit", organization_unit_name="tests"
    )
    stranger = trustme.CA(organization_name="nobody that a client knows", organization_unit_name="tests")
    (folder / "trusted").mkdir(parents=True, exist_ok=True)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    authority.cert_pem.write_to_path(str(folder / "trusted" / HASHED))
    servers = {
        "server": authority.issue_cert(*LOOPBACK, not_after=EXPIRES),
        "expired": authority.issue_cert(*LOOPBACK, not_before=LONG_AGO[0], not_after=LONG_AGO[1]),
        "other_host": authority.issue_cert("other-host.test", not_after=EXPIRES),
        "unknown_authority": stranger.issue_cert(*LOOPBACK, not_after=EXPIRES),
    }
    for name, server in servers.items():
        server.private_key_and_cert_chain_pem.write_to_path(str(folder / f"{name}.pem"))
    (folder / "self_signed.pem").write_bytes(_self_signed())
    _write_client(authority.issue_cert("client@loopback.test", not_after=EXPIRES), folder)


def _write_client(client: trustme.LeafCert, folder: Path) -> None:
    """Write a client's certificate and key in every form in which a client may be given them."""
    certificate, key = client.cert_chain_pems[0].bytes(), client.private_key_pem.bytes()
    encrypted = load_pem_private_key(key, password=None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSWORD.encode())
    )
    (folder / "client.pem").write_bytes(certificate + key)
    (folder / "client_certificate.pem").write_bytes(certificate)
    (folder / "client_key.pem").write_bytes(key)
    (folder / "client_key_encrypted.pem").write_bytes(encrypted)
    (folder / "client_password.txt").write_text(PASSWORD, encoding="ascii")


def _self_signed() -> bytes:
    """A key and a certificate for localhost that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "nobody but itself")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(LONG_AGO[0])
        .not_valid_after(EXPIRES)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
