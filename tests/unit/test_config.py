from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hoitu.core import config
from hoitu.core.config import Config, ConfigError


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(f"HOITU_{name.upper()}", raising=False)


def write(folder: Path, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    (folder / "settings.toml").write_bytes(data)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    found = config.load(tmp_path)
    assert found == Config()
    assert config.database_url(found, tmp_path) == f"sqlite:///{tmp_path / 'hoitu.sqlite'}"


def test_environment_before_program_before_file_before_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 'upload_limit_mb = 7\nlog_level = "DEBUG"\ndefault_theme = "base"')
    monkeypatch.setenv("HOITU_UPLOAD_LIMIT_MB", "9")
    found = config.load(tmp_path, upload_limit_mb=8, log_level="ERROR")
    assert (found.upload_limit_mb, found.log_level) == (9, "ERROR")
    assert (found.default_theme, found.search_backend) == ("base", "whoosh")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("uplod_limit_mb = 7", "`uplod_limit_mb` is not a setting"),
        ("[database]\nurl = 'x'", "`database` is not a setting"),
        ("upload_limit_mb = 'many'", "`upload_limit_mb`"),
        ("upload_limit_mb = 0", "`upload_limit_mb`"),
        ("plugins = 'some'", "`plugins`"),
        ("base_url = 'https://hue.gov.vn'", "`base_url`"),
        ("plugins = ", "is not valid TOML"),
        (b"log_level = '\xff'", "is not valid TOML"),
    ],
    ids=ascii,
)
def test_a_mistake_is_named_with_the_file_to_correct(
    tmp_path: Path, text: str | bytes, named: str
) -> None:
    write(tmp_path, text)
    with pytest.raises(ConfigError, match=named) as caught:
        config.load(tmp_path)
    assert str(tmp_path / "settings.toml") in str(caught.value)
    assert "orrect" in str(caught.value)


def test_an_unknown_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOITU_DATABSE_URL", "sqlite://")
    with pytest.raises(ConfigError, match="HOITU_DATABSE_URL"):
        config.load(tmp_path)


def test_settings_do_not_change_while_the_program_runs(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        config.load(tmp_path).upload_limit_mb = 1


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="hoitu init"):
        config.secret_key(tmp_path)
    first = config.secret_key(tmp_path, create=True)
    assert len(first) == 64
    assert config.secret_key(tmp_path) == config.secret_key(tmp_path, create=True) == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"0123456789abcdef", b" " * 64, b"\xff" * 64], ids=ascii
)
def test_a_key_that_signs_nothing_safely_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret_key"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="secret_key"):
        config.secret_key(tmp_path, create=True)
    # Never replaced unasked: a backup may have the right one.
    assert path.read_bytes() == content
    path.write_bytes(b"")
    with pytest.raises(ConfigError, match="remove it, run: hoitu init"):
        config.secret_key(tmp_path)


def test_who_comes_second_gets_the_key_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes find no key at the same time."""
    keys = iter("ab")

    def slow_key(length: int) -> str:
        own = next(keys) * 2 * length
        if own[0] == "a":
            assert config.secret_key(tmp_path, create=True) == "b" * 64
        return own

    monkeypatch.setattr(config.secrets, "token_hex", slow_key)
    assert config.secret_key(tmp_path, create=True) == "b" * 64
    assert [p.name for p in tmp_path.iterdir()] == ["secret_key"]


def test_a_private_file_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "passwords"
    config.write_private(path, "old", replace=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def full(_handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(config.os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        config.write_private(path, "new", replace=True)
    assert [p.name for p in tmp_path.iterdir()] == ["passwords"]
    assert path.read_text() == "old"


def test_the_instance_folder_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOITU_INSTANCE", str(tmp_path))
    assert config.instance_folder() == tmp_path
    monkeypatch.delenv("HOITU_INSTANCE")
    monkeypatch.chdir(tmp_path)
    assert config.instance_folder() == tmp_path / "instance"
