"""Deployment settings: typed, read once at start, never changed by the running program.

They come from the environment (``HOITU_DATABASE_URL=...``), then ``instance/settings.toml``, then
the defaults below. A key nobody declared is an error that names it: a typing mistake must not
silently leave a default in force.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import tomllib
from contextlib import suppress
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "HOITU_"
#: Variables that start with the prefix and are not settings.
NOT_SETTINGS = frozenset({"HOITU_INSTANCE", "HOITU_FIXTURES"})
#: Fewer characters do not sign anything safely; ``hoitu init`` makes 64.
SHORTEST_KEY = 32


class ConfigError(RuntimeError):
    """The deployment settings cannot be used; the message says which key and what to do."""


class Config(BaseSettings):
    """Every deployment setting. ``docs/reference/settings.md`` lists them for operators."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    database_url: str = Field("", description="SQLAlchemy URL; empty = SQLite in the instance")
    plugins: Literal["all", "core"] = Field(
        "all",
        description="`core` = safe mode: nothing outside the platform's own wheel is imported",
    )
    search_backend: str = Field(
        "whoosh",
        description="Full-text engine: `whoosh`, the name of a plugin's, or `none` for no search",
    )
    storage: str = Field(
        "local",
        description="Where uploads are kept: `local` = in the instance, or the name of a plugin's",
    )
    base_url: Literal["https://", "http://"] = Field(
        "https://",
        description="How links to another unit's site begin; its host name follows",
    )
    default_theme: str = Field("civic", description="Theme of units that chose none")
    demo_hosts: bool = Field(
        False, description="Answer on 127.0.0.1, localhost and <unit>.localhost (demo, development)"
    )
    demo_port: int = Field(
        8000, ge=1, le=65535, description="Port that links in mails of a demonstration name"
    )
    secure_cookies: bool = Field(
        True, description="Send session cookies over HTTPS only; `hoitu demo` switches it off"
    )
    upload_limit_mb: int = Field(50, ge=1, le=2048, description="Largest upload in megabytes")
    embedded_worker: bool = Field(
        True, description="Run jobs in a thread of the server; false when `hoitu worker` runs"
    )
    mail_url: str = Field(
        "",
        description="Server that sends mail, `smtp://user:password@host:587?tls=starttls` or "
        "`smtps://...`; empty = mails are written to `outbox` in the instance",
    )
    mail_from: str = Field(
        "",
        validate_default=True,
        description="Sender of mails, `Name <address>`; needed with `mail_url`",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Log level")

    @field_validator("mail_url")
    @classmethod
    def _check_mail_url(cls, value: str) -> str:
        """Refuse an address no mail can be sent by, and a password that anybody could read."""
        if not value:
            return value
        url = urlsplit(value)
        if url.scheme not in ("smtp", "smtps") or not url.hostname or url.path not in ("", "/"):
            raise ValueError("must be smtp://user:password@host:port or smtps://...")
        if url.query not in ("", "tls=starttls", "tls=none"):
            raise ValueError("ends with ?tls=starttls, ?tls=none or neither")
        _port = url.port  # raises when it is no number
        if not unquote(f"{url.username or ''}{url.password or ''}").isascii():
            raise ValueError("has a name or password with letters that mail servers do not take")
        if url.scheme == "smtp" and url.query == "tls=none" and url.username:
            raise ValueError("sends a password over an encrypted connection only")
        return value

    @field_validator("mail_from")
    @classmethod
    def _check_mail_from(cls, value: str, info: ValidationInfo) -> str:
        address = parseaddr(value)[1]
        if value and (address.count("@") != 1 or not value.isprintable()):
            raise ValueError("must be an address, or `Name <address>`")
        if info.data.get("mail_url") and not value:
            raise ValueError("is needed with `mail_url`")
        return value or "Hội Tụ <hoitu@localhost>"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first; the values of ``settings.toml`` arrive as init arguments."""
        return (env_settings, init_settings)


def instance_folder() -> Path:
    """Return the absolute instance folder: ``$HOITU_INSTANCE``, else ``./instance``."""
    return Path(os.environ.get("HOITU_INSTANCE", "instance")).resolve()


def load(instance: Path, **overrides: Any) -> Config:
    """Return the settings of this instance.

    ``overrides`` win over the file (tests and the demo use them); the environment wins over both.

    :raises ConfigError: unknown key, wrong type, or a file that is not TOML.
    """
    _refuse_unknown_variables()
    try:
        return Config(**{**_file_values(instance), **overrides})
    except ValidationError as error:
        raise ConfigError(_explain(error, instance)) from error


def database_url(config: Config, instance: Path) -> str:
    """Return the URL of the database, by default a SQLite file in the instance folder."""
    return config.database_url or f"sqlite:///{instance / 'hoitu.sqlite'}"


def secret_key(instance: Path, *, create: bool = False) -> str:
    """Return the key that signs sessions, kept in ``instance/secret_key`` (mode 600).

    Processes that make it at the same time all get the same one.

    :raises ConfigError: the file is missing and ``create`` is false, or holds no usable key.
    """
    path = instance / "secret_key"
    if not path.exists():
        if not create:
            raise ConfigError(f"{path} is missing. Run: hoitu init")
        instance.mkdir(parents=True, exist_ok=True)
        write_private(path, secrets.token_hex(32), replace=False)
    try:
        key = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if len(key) < SHORTEST_KEY:
        raise ConfigError(
            f"{path} holds no key of {SHORTEST_KEY} characters or more. Put it back from a backup; "
            "or remove it, run: hoitu init, and everybody signs in again"
        )
    return key


def write_private(path: Path, text: str, *, replace: bool) -> None:
    """Write a file that only its owner may read; others see it whole or not at all.

    Without ``replace`` a file that is there already stays as it is.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    partial = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            partial.replace(path)
        else:
            with suppress(FileExistsError):
                path.hardlink_to(partial)
    finally:
        partial.unlink(missing_ok=True)


def _file_values(instance: Path) -> dict[str, Any]:
    path = instance / "settings.toml"
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}. Correct the file.") from error


def _refuse_unknown_variables() -> None:
    known = {PREFIX + name.upper() for name in Config.model_fields} | NOT_SETTINGS
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            raise ConfigError(f"Unknown setting {name} in the environment. Unset or correct it.")


def _explain(error: ValidationError, instance: Path) -> str:
    problems = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"])
        what = "is not a setting" if item["type"] == "extra_forbidden" else item["msg"]
        problems.append(f"`{key}` {what}")
    return (
        f"Settings refused: {'; '.join(problems)}. "
        f"Correct {instance / 'settings.toml'} or the {PREFIX}* variables."
    )
