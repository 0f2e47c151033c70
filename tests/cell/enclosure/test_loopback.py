"""The walls of a cell: what must hold under every release, or no observation is worth anything."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from repro.cell import enclosure, outcomes
from repro.cell.clients import async_client, run, sync_client


def test_sockets_reach_loopback_only():
    """A connection that would leave this machine is refused before it is made."""
    with socket.socket() as sock, pytest.raises(OSError, match="a cell reaches loopback only"):
        sock.connect(("192.0.2.1", 80))


def test_datagrams_reach_loopback_only():
    """A datagram that would leave this machine is refused before it is sent."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock, pytest.raises(OSError, match="a cell reaches loopback only"):
        sock.sendto(b"", ("192.0.2.1", 53))


def test_names_are_not_resolved():
    """Nobody outside is asked for the address of a name."""
    with pytest.raises(socket.gaierror, match="a cell resolves loopback only"):
        socket.getaddrinfo("themoviedb.invalid", 443)


def test_processes_are_not_started():
    """A child process, which would be outside the walls, is refused."""
    with pytest.raises(PermissionError, match="a cell starts no process"):
        subprocess.run([sys.executable, "-c", ""], check=False)


@pytest.mark.needs("sync client")
def test_sync_client_cannot_leave():
    """The release's synchronous client cannot reach a host that is not loopback."""
    before = len(enclosure.refused)
    with sync_client() as client:
        assert str(outcomes.of(lambda: client.get("http://192.0.2.1/"))).startswith("raises ")
    assert "192.0.2.1" in enclosure.refused[before:]


@pytest.mark.needs("async client")
def test_async_client_cannot_leave():
    """The release's asynchronous client cannot reach a host that is not loopback."""
    before = len(enclosure.refused)

    async def main():
        async with async_client() as client:
            return await outcomes.of_async(lambda: client.get("http://192.0.2.1/"))

    assert str(run(main)).startswith("raises ")
    assert "192.0.2.1" in enclosure.refused[before:]


def test_surroundings_are_not_seen():
    """What could change what a client does, from proxies to a netrc, is not in the environment of a cell."""
    hostile = ("proxy", "ssl_cert_dir", "sslkeylogfile", "httpx_log_level", "netrc", "requests_ca", "curl_ca")
    assert [name for name in os.environ if any(word in name.lower() for word in hostile)] == []
    assert not any(Path(os.environ["HOME"]).iterdir())
