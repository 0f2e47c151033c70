"""Asking the package index which releases there are; pip asks, and a server on loopback answers."""

import json

import pytest
from stage import SMALL

from repro.cell.upstream import Upstream, refusing_port, response
from repro.kit import index
from repro.problem import Problem
from repro.release import Releases


@pytest.fixture
def served(monkeypatch):
    """A package index on loopback that has these files of httpx."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_RETRIES", "0")
    names = [f"httpx-{version}-py3-none-any.whl" for version in ("0.10", "0.2", "1.0.dev1")]
    page = {
        "meta": {"api-version": "1.0"},
        "name": "httpx",
        "files": [{"filename": name, "url": name, "hashes": {}} for name in names],
    }

    def answer(exchange):
        kind = ("Content-Type", "application/vnd.pypi.simple.v1+json")
        body = json.dumps(page).encode()
        exchange.send(response(body, headers=(kind,)).replace(b"Content-Type: text/plain; charset=utf-8\r\n", b""))

    with Upstream() as upstream:
        upstream.answer("/simple/httpx/", answer)
        monkeypatch.setenv("PIP_INDEX_URL", f"{upstream.url}/simple")
        yield upstream


def test_index_is_asked_for_every_version(served):
    """Every version on the index is found, pre-releases included, in version order."""
    assert index.versions("httpx") == ["0.2", "0.10", "1.0.dev1"]
    assert [request.target for request in served.requests] == ["/simple/httpx/"]


def test_unreachable_index_is_said(monkeypatch):
    """An index that refuses connections is a problem with exit code 3, never an empty answer."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{refusing_port()}/simple")
    with pytest.raises(Problem) as caught:
        index.versions("httpx")
    assert caught.value.found.startswith("The package index did not say which releases of httpx there are: ")
    assert caught.value.mend == "Check the network, and run again: nox -s releases"
    assert caught.value.code == 3


def test_missing_is_what_the_index_has_and_the_data_has_not(releases):
    """What the data lacks is missing, except what is older than the first release of a line."""
    on_index = {"httpx": ["0.0.9", "0.1", "0.2", "0.3.1", "0.5"], "httpx2": ["2.0b1", "2.0"]}
    assert index.missing(releases, on_index.__getitem__) == {"httpx": ["0.3.1", "0.5"]}


def test_spelling_of_a_version_does_not_make_it_missing(releases):
    """A version that the index spells otherwise than the data is not missing."""
    on_index = {"httpx": ["0.1.0", "1.0.0.dev1"], "httpx2": ["2.0.0b1"]}
    assert index.missing(releases, on_index.__getitem__) == {}


def test_versions_are_added_in_their_place(tmp_path):
    """Adding versions leaves every comment and every other line of the data as it was."""
    path = tmp_path / "releases.toml"
    path.write_text("# a comment\n" + SMALL + "# the end\n")
    index.add(path, {"httpx": ["0.5", "0.2.0.post1"]})
    line = Releases.load(path).lines["httpx"]
    assert line.versions == ("0.1", "0.2", "0.2.0.post1", "0.2.1", "0.3", "0.4", "0.5", "1.0.dev1")
    before, after = (text.splitlines() for text in ("# a comment\n" + SMALL + "# the end\n", path.read_text()))
    kept = [entry for entry in before if 'versions = ["0.1"' not in entry]
    assert [entry for entry in after if entry in kept] == kept
    assert '    "0.5",' in after
