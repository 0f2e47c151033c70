"""Where a client finds the authorities that it trusts, and other variables of the environment that it heeds."""

import os
import ssl
from pathlib import Path

import pytest

from repro.cell import tls
from repro.cell.enclosure import AUTHORITY

pytestmark = pytest.mark.needs("sync client")

FOLDER = tls.CERTIFICATES / "trusted"


@pytest.fixture
def loaded(monkeypatch):
    """What a client loads into its contexts: the file, the folder, or certifi's.

    Neither certifi's nor the system's authorities are read: what is in them is not the question, and reading them costs
    25 ms each. Where the system's are, or whether it has any, is another on each machine, so they are not noted either;
    nor is what OpenSSL finds by itself through the variables, which only shows in whether the server is trusted.
    """
    found = []
    load = ssl.SSLContext.load_verify_locations
    default = ssl.SSLContext.set_default_verify_paths
    ours = {str(AUTHORITY): "the file", str(FOLDER): "the folder"}

    def load_locations(context, cafile=None, capath=None, cadata=None):
        place = str(cafile or capath)
        if place.endswith("cacert.pem"):
            found.append("certifi's")
        elif place in ours or not Path(place).exists():
            load(context, cafile, capath, cadata)
            found.append(ours[place])

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", load_locations)

    def load_default(context):
        # OpenSSL heeds the variables by itself.
        if {"SSL_CERT_FILE", "SSL_CERT_DIR"} & set(os.environ):
            default(context)

    monkeypatch.setattr(ssl.SSLContext, "set_default_verify_paths", load_default)
    return found


#: The variables of the environment.
STORES = {
    "neither": {},
    "SSL_CERT_FILE": {"SSL_CERT_FILE": str(AUTHORITY)},
    "SSL_CERT_DIR": {"SSL_CERT_DIR": str(FOLDER)},
    "both": {"SSL_CERT_FILE": str(AUTHORITY), "SSL_CERT_DIR": str(FOLDER)},
}


def test_store(observe, secure, verdict, loaded):
    """What a client loads and whether it trusts the server, by the variables of the environment."""
    answer = {}
    for name, variables in STORES.items():
        with pytest.MonkeyPatch.context() as environment:
            environment.delenv("SSL_CERT_FILE")
            for variable, value in variables.items():
                environment.setenv(variable, value)
            loaded.clear()
            server = verdict(secure)
            answer[name] = {"loads": sorted(set(loaded)), "server": server}
    observe(answer)


@pytest.mark.needs("verify argument")
def test_store_not_trusted(observe, secure, verdict, loaded):
    """What a client loads and whether it trusts the server, with SSL_CERT_FILE and `trust_env=False`."""
    server = verdict(secure, trust_env=False)
    observe({"loads": sorted(set(loaded)), "server": server})


@pytest.mark.needs("verify argument")
def test_store_missing(observe, secure, verdict, loaded, monkeypatch):
    """What a client does where SSL_CERT_FILE names a file that is not there."""
    monkeypatch.setenv("SSL_CERT_FILE", "missing.pem")
    observe(verdict(secure))


@pytest.mark.needs("verify argument")
def test_key_log_with_authority(observe, secure, verdict, monkeypatch, tmp_path):
    """Whether a client that was told whom to trust writes its session keys to the file that SSLKEYLOGFILE names."""
    file = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(file))
    verdict(secure, verify=str(AUTHORITY))
    observe(file.is_file() and "CLIENT" in file.read_text())


@pytest.mark.needs("verify argument")
def test_key_log(observe, secure, verdict, monkeypatch, tmp_path):
    """Whether a client writes its session keys to the file that SSLKEYLOGFILE names."""
    answer = {}
    for name, options in {"by default": {}, "trust_env=False": {"trust_env": False, "verify": str(AUTHORITY)}}.items():
        file = tmp_path / f"{len(answer)}.log"
        monkeypatch.setenv("SSLKEYLOGFILE", str(file))
        verdict(secure, **options)
        answer[name] = file.is_file() and "CLIENT" in file.read_text()
    observe(answer)
