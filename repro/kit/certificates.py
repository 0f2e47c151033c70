"""Makes the certificates of the loopback servers: `nox -s certificates`.

They are kept in the repository, keys included, so that a cell needs no cryptography to serve TLS. They vouch for
loopback only, and the authority's key is thrown away, so nobody can make another that a cell would trust.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path

#: As far as a 32-bit time goes; OpenSSL builds that still have one read no later date.
EXPIRES = dt.datetime(2038, 1, 1, tzinfo=dt.UTC)


def make(folder: Path) -> None:
    """Write `authority.pem`, and `server.pem` (key and certificate, for localhost, 127.0.0.1 and ::1) to `folder`."""
    authority = trustme.CA(
        organization_name="loopback servers of the httpx upgrade kit", organization_unit_name="tests"
    )
    server = authority.issue_cert("localhost", "127.0.0.1", "::1", not_after=EXPIRES)
    folder.mkdir(parents=True, exist_ok=True)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    server.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
