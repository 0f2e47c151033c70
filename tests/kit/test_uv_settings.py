"""What of uv's settings reaches an install."""

import tomllib

import pytest

from repro.kit import uv_settings
from repro.problem import Problem


@pytest.fixture
def home(tmp_path):
    """A home, with a folder below it where uv is started."""
    (tmp_path / "home" / "work" / "kit").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def around(home):
    """The variables of who has this home, and whose machine has no settings of its own."""
    return {"HOME": str(home), "XDG_CONFIG_DIRS": str(home / "xdg")}


def write(path, text):
    """Write a file of settings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def read(around, home):
    """The settings, read back as uv reads them."""
    return tomllib.loads(uv_settings.read(around, home / "work" / "kit"))


def test_without_files_there_are_no_settings(around, home):
    """Where uv has no settings, none are made."""
    assert uv_settings.read(around, home / "work" / "kit") == ""


def test_what_chooses_packages_is_left_out(around, home):
    """Where packages are is kept, at the top and for pip; what chooses among them is not."""
    write(
        home / ".config/uv/uv.toml",
        'resolution = "lowest"\nconstraint-dependencies = ["h11<0.9"]\nexclude-newer = 2020-01-01\n'
        'native-tls = true\nconcurrent-downloads = 2\nextra-index-url = ["https://one.example/simple"]\n'
        '[pip]\nprerelease = "allow"\nno-binary = [":all:"]\nindex-url = "https://\\u00e9.example/\\"simple\\""\n',
    )
    assert read(around, home) == {
        "native-tls": True,
        "concurrent-downloads": 2,
        "extra-index-url": ["https://one.example/simple"],
        "index-url": 'https://é.example/"simple"',
    }


def test_narrowest_file_counts_and_lists_add_up(around, home):
    """A folder's settings come before a user's, and these before the machine's; lists hold those of all."""
    write(home / "work/uv.toml", 'index-url = "https://work.example"\nextra-index-url = ["https://a.example"]\n')
    write(home / "uv.toml", 'index-url = "https://never.example"\n')
    write(home / ".config/uv/uv.toml", 'index-url = "https://user.example"\nextra-index-url = ["https://b.example"]\n')
    write(home / "xdg/uv/uv.toml", 'keyring-provider = "subprocess"\n')
    assert read(around, home) == {
        "index-url": "https://work.example",
        "extra-index-url": ["https://a.example", "https://b.example"],
        "keyring-provider": "subprocess",
    }
    other = {**around, "XDG_CONFIG_HOME": str(home / "other")}
    write(home / "other/uv/uv.toml", 'keyring-provider = "disabled"\n')
    assert read(other, home)["keyring-provider"] == "disabled"


def test_named_file_is_the_only_one(around, home):
    """Where a variable names the file, no other is read."""
    write(home / "uv.toml", 'index-url = "https://never.example"\n')
    write(home / "named.toml", "offline = false\n")
    assert read({**around, "UV_CONFIG_FILE": str(home / "named.toml")}, home) == {"offline": False}


def test_places_are_found_from_the_file_on(around, home):
    """A folder of packages is where its file says, wherever the settings are read again."""
    write(
        home / "work/uv.toml",
        'find-links = ["wheels", "https://w.example"]\n'
        '[[index]]\nname = "mine"\nurl = "simple"\n[[index]]\nname = "far"\nurl = "https://far.example"\n',
    )
    work = home / "work"
    assert read(around, home) == {
        "find-links": [str(work / "wheels"), "https://w.example"],
        "index": [{"name": "mine", "url": str(work / "simple")}, {"name": "far", "url": "https://far.example"}],
    }


def test_odd_values_are_left_to_uv(around, home):
    """A value of the wrong kind is handed on, for uv to say so."""
    write(home / "uv.toml", "index-url = 3\npip = 4\n")
    assert read(around, home) == {"index-url": 3}


@pytest.mark.parametrize("text", [b"index-url = ", b"\xff"])
def test_damaged_file_is_said(around, home, text):
    """A file that cannot be read is named."""
    (home / "uv.toml").write_bytes(text)
    with pytest.raises(Problem, match=r"uv's settings .*uv\.toml are damaged"):
        uv_settings.read(around, home)
