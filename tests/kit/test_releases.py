"""The verb `releases`: what the release data lacks is said, and added."""

from repro.kit import index


def test_new_releases_are_added_and_checked(kit, small_checkout, monkeypatch):
    """What the index has and the data has not exits the check with 1; adding it makes the check exit with 0."""
    on_index = {"httpx": ["0.1", "0.5"], "httpx2": ["2.0", "2.1"]}
    data = small_checkout.root / "repro" / "releases.toml"
    before = data.read_text()
    monkeypatch.setattr(index.missing, "__defaults__", (on_index.__getitem__,))
    code, out, _ = kit("releases", "--check")
    assert (code, data.read_text()) == (1, before)
    assert out == "httpx: 0.5\nhttpx2: 2.1\nThe release data lacks these. Add them with: nox -s releases\n"
    code, out, _ = kit("releases")
    assert code == 0
    assert out.endswith('Added to repro/releases.toml. Run them with: RELEASES="httpx==0.5 httpx2==2.1" nox\n')
    assert kit("releases", "--check") == (0, "The release data has every release on the index.\n", "")
