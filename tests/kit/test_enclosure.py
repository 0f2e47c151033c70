"""The walls of a cell, seen from outside; what they hold in a cell is tested in every cell."""

import subprocess
import sys

import pytest
from stage import ROOT

from repro.cell import enclosure


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        *(
            (host, True)
            for host in ("localhost", "127.0.0.1", "127.8.9.1", "::1", "::1%lo", b"127.0.0.1", b"localhost", "", None)
        ),
        *(
            (host, False)
            for host in ("192.0.2.1", "0.0.0.0", "::", "fe80::1%eth0", "example.invalid", b"\xff", "127.1", 2130706433)
        ),
        *(
            (host, False)
            for host in ("localhost.example.invalid", "127.0.0.1.example.invalid", "169.254.169.254", "10.0.0.1")
        ),
    ],
)
def test_loopback_is_known_without_asking(host, inside):
    """A host is this machine's own or it is not; no name but localhost is, and nobody is asked."""
    assert enclosure.is_loopback(host) is inside


@pytest.mark.parametrize(
    "name",
    [
        *("HTTP_PROXY", "https_proxy", "ALL_PROXY", "NO_PROXY", "SSL_CERT_DIR", "SSLKEYLOGFILE", "REQUESTS_CA_BUNDLE"),
        *("HTTPX_LOG_LEVEL", "NETRC", "TMDB_API_KEY", "PYTHONPATH", "AWS_SECRET_ACCESS_KEY", "XDG_CONFIG_HOME"),
    ],
)
def test_surroundings_stay_outside(name):
    """What could change what a client does, or is a secret, is not in the environment of a cell."""
    assert name not in enclosure.environment({name: "x"}, "/home")


def test_environment_of_a_cell_is_the_same_everywhere():
    """Home, language, time zone and trust are a cell's own, whatever is around it."""
    around = {
        "HOME": "/root",
        "LANG": "tr_TR",
        "LC_ALL": "tr_TR",
        "TZ": "Asia/Kathmandu",
        "SSL_CERT_FILE": "/x",
        "PATH": "/bin",
    }
    assert enclosure.environment(around, "/empty") == {
        "PATH": "/bin",
        "HOME": "/empty",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "SSL_CERT_FILE": str(ROOT / "repro/cell/certificates/authority.pem"),
    }


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("socket.socket().connect(('192.0.2.1', 80))", "Unreachable"),
        ("socket.socket().connect_ex(('192.0.2.1', 80))", "Unreachable"),
        ("socket.socket().bind(('0.0.0.0', 0))", "Unreachable"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))", "Unreachable"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendmsg([b''], [], 0, ('192.0.2.1', 53))", "Unreachable"),
        ("socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))", "Unreachable"),
        ("socket.create_connection(('example.invalid', 80))", "gaierror"),
        ("socket.gethostbyname('example.invalid')", "gaierror"),
        ("socket.gethostbyname_ex('example.invalid')", "gaierror"),
        ("socket.gethostbyaddr('192.0.2.1')", "gaierror"),
        ("socket.getnameinfo(('192.0.2.1', 80), 0)", "gaierror"),
        ("os.system('true')", "PermissionError"),
        ("os.execv('/bin/true', ['true'])", "PermissionError"),
        ("os.posix_spawn('/bin/true', ['true'], {})", "PermissionError"),
        ("subprocess.run(['true'])", "PermissionError"),
        ("socket.socketpair()", "nothing"),
        ("socket.create_server(('127.0.0.1', 0))", "nothing"),
        ("socket.getaddrinfo('localhost', 80)", "nothing"),
        ("socket.getaddrinfo('::1', 80)", "nothing"),
    ],
)
def test_nothing_leaves_the_walls(code, said):
    """Inside the walls every way out is refused, and loopback is open."""
    script = (
        "import os, socket, subprocess\nfrom repro.cell import enclosure\nenclosure.enter()\n"
        f"try:\n    {code}\n    print('nothing')\nexcept OSError as error:\n    print(type(error).__name__)\n"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (f"{said}\n", "")


def test_home_inside_the_walls_is_empty_and_does_not_stay(tmp_path):
    """There is no netrc in the home of a cell, and the home goes with the cell."""
    script = (
        "import os\nfrom repro.cell import enclosure\nenclosure.enter()\n"
        "print(os.environ['HOME'], os.listdir(os.environ['HOME']))"
    )
    environ = {"TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    home, _, listed = done.stdout.strip().partition(" ")
    assert home.startswith(str(tmp_path))
    assert listed == "[]"
    assert list(tmp_path.iterdir()) == []
