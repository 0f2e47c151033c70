"""A netrc file: whether it is found, what of it is sent, and against what else."""

import os
from pathlib import Path

import pytest

from repro.cell.asking import following
from repro.cell.clients import plain_client
from repro.cell.library import httpx
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("sync client", "authentication")


@pytest.fixture
def netrc(tmp_path, user):
    """A function: write a netrc file that has the user for these machines, and answer its path."""

    def write(*machines, path=None):
        path = path or tmp_path / "netrc"
        lines = [f"machine {machine} login {user.name} password {user.password}\n" for machine in machines]
        path.write_text("".join(lines))
        path.chmod(0o600)
        return str(path)

    return write


@pytest.fixture
def named(upstream):
    """A function: the names that an entry for a host may have, the host and the host with the server's port.

    Releases differ in which of them they look for; where that is not the question, a file has both.
    """
    return lambda host: (host, f"{host}:{upstream.port}")


def get(upstream, options=None, **request):
    """Send a GET with a client of its own."""
    with plain_client(**(options or {})) as client:
        return client.get(request.pop("url", upstream.url), **request)


def test_netrc_by_variable(observe, upstream, netrc, named, monkeypatch, sent):
    """A file that the variable NETRC names: with `trust_env` as it is, and without."""
    monkeypatch.setenv("NETRC", netrc(*named("127.0.0.1")))
    observe(
        {
            "as it is": sent(lambda: get(upstream)),
            "trust_env=False": sent(lambda: get(upstream, {"trust_env": False})),
        }
    )


def test_netrc_in_home(observe, upstream, netrc, named, monkeypatch, tmp_path, sent):
    """A file in the home folder, under either name."""
    found = {}
    for name in (".netrc", "_netrc"):
        home = tmp_path / f"home{name}"
        home.mkdir()
        monkeypatch.setenv("HOME", str(home))
        netrc(*named("127.0.0.1"), path=home / name)
        found[name] = sent(lambda: get(upstream))
    observe(found)


def test_netrc_entries(observe, upstream, netrc, monkeypatch, tmp_path, user, sent):
    """Which entries of a file are for the server: its host, its host and port, another host, and the default."""
    found = {}
    for kind, machine in {
        "host": "127.0.0.1",
        "host and port": f"127.0.0.1:{upstream.port}",
        "another": "localhost",
    }.items():
        monkeypatch.setenv("NETRC", netrc(machine))
        found[kind] = sent(lambda: get(upstream))
    (tmp_path / "netrc").write_text(f"default login {user.name} password {user.password}\n")
    found["default"] = sent(lambda: get(upstream))
    monkeypatch.setenv("NETRC", str(tmp_path / "missing"))
    found["no file"] = sent(lambda: get(upstream))
    observe(found)


def test_netrc_against_others(observe, upstream, netrc, named, monkeypatch, sent):
    """A file that NETRC names, and another user given in another place."""
    monkeypatch.setenv("NETRC", netrc(*named("127.0.0.1")))
    url = upstream.url.replace("//", "//url:@")
    observe(
        {
            "client": sent(lambda: get(upstream, {"auth": ("client", "")})),
            "request": sent(lambda: get(upstream, auth=("request", ""))),
            "URL": sent(lambda: get(upstream, url=url)),
            "header": sent(lambda: get(upstream, headers={"Authorization": "Token header"})),
            "None": sent(lambda: get(upstream, auth=None)),
        }
    )


def test_netrc_after_redirect(observe, upstream, netrc, named, monkeypatch, sent):
    """A file that NETRC names, with the host that a redirect leads to, and not the one that it comes from."""
    monkeypatch.setenv("NETRC", netrc(*named("localhost")))
    target = upstream.url.replace("127.0.0.1", "localhost") + "/end"
    upstream.answer("/", answering(status=302, reason="Found", headers=(("Location", target),)))
    observe(sent(lambda: get(upstream, **following())))


def test_netrc_malformed(observe, upstream, monkeypatch, tmp_path, sent):
    """A file that NETRC names and that is no netrc."""
    (tmp_path / "netrc").write_text("this is no netrc\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    observe(sent(lambda: get(upstream)))


def test_netrc_explicit(observe, upstream, netrc, monkeypatch, tmp_path, sent):
    """`NetRCAuth`: with a file, with the one in the home folder, with another host's, and without a file."""
    path = netrc("127.0.0.1")
    other = netrc("localhost", path=tmp_path / "other")

    def use(*arguments):
        return sent(lambda: get(upstream, auth=httpx.NetRCAuth(*arguments)))

    found = {"a file": use(path), "another host's": use(other), "no file": use(str(tmp_path / "missing"))}
    netrc("127.0.0.1", path=tmp_path / ".netrc")
    monkeypatch.setenv("HOME", str(tmp_path))
    observe({**found, "the home folder's": use()})


def test_netrc_explicit_by_variable(observe, upstream, netrc, monkeypatch, sent):
    """`NetRCAuth` without a file, where the variable NETRC names one and the home folder has none."""
    assert not (Path(os.environ["HOME"]) / ".netrc").exists()
    monkeypatch.setenv("NETRC", netrc("127.0.0.1"))
    observe(sent(lambda: get(upstream, auth=httpx.NetRCAuth())))
