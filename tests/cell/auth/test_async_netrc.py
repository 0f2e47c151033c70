"""A netrc file, asked of the asynchronous client, because there were releases that had no other."""

import pytest

from repro.cell.asking import async_seen

pytestmark = pytest.mark.needs("async client", "authentication")


def test_async_netrc_against_header(observe, upstream, user, tmp_path, monkeypatch):
    """What an asynchronous request says whose caller gives an Authorization header, where netrc has a user as well."""
    names = ("127.0.0.1", f"127.0.0.1:{upstream.port}")
    netrc = tmp_path / "netrc"
    netrc.write_text("".join(f"machine {name} login {user.name} password {user.password}\n" for name in names))
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    headers = {"Authorization": "Token header"}
    observe(async_seen(upstream, lambda client: client.get(upstream.url, headers=headers), user.sent_by))
