"""Deployment settings: typed, read once at start, never changed by the running program.

They come from the environment (``HOITU_DATABASE_URL=...``), then ``instance/settings.toml``, then
the defaults below. A key nobody declared is an error that names it: a typing mistake must not
silently leave a default in force.
"""

from __future__ import annotations

import difflib
import os
import secrets
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

#: What plugins use of it.
__all__ = ["Config", "ConfigError", "read_table"]

Shape = TypeVar("Shape", bound=BaseModel)

PREFIX = "HOITU_"
#: Variables that start with the prefix and are not settings.
NOT_SETTINGS = frozenset({"HOITU_INSTANCE", "HOITU_FIXTURES"})
#: Fewer characters do not sign anything safely; ``hoitu init`` makes 64.
SHORTEST_KEY = 32


class ConfigError(RuntimeError):
    """The deployment settings cannot be used; the message says which key and what to do."""


class Config(BaseSettings):
    """Every deployment setting. ``docs/reference/settings.md`` lists them for operators."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

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
    second_factor: Literal["admins", "all", "none"] = Field(
        "admins",
        description="Who must give a second factor after the password at the desk; `admins` = "
        "administrators of units and of the platform",
    )
    staff_login: dict[str, Any] = Field(
        {},
        description="Sign-in of staff at the province's own provider, in tables `[staff_login]` "
        "and `[staff_login.provider]`; empty = none",
    )
    idle_account_days: int = Field(
        90,
        ge=0,
        le=3650,
        description="Days without a sign-in after which an account is locked, with a mail a week "
        "before; 0 = never",
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
    plugin: dict[str, dict[str, Any]] = Field(
        {},
        description="Settings of plugins, each in a table of its own such as `[plugin.vneid]`; "
        "what belongs there is told in the plugin's own documentation, for sign-in with VNeID in "
        '"Let citizens sign in"',
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
    lost = "or remove it, run: hoitu init, and everybody signs in again"
    return _key_file(instance / "secret_key", create, lost)


def data_key(instance: Path, *, create: bool = False) -> str:
    """Return the key of what is kept encrypted, in ``instance/data_key`` (mode 600).

    It belongs into the backup, apart from that of the database. As :func:`secret_key`.
    """
    lost = "without it, national ids and second factors are lost and have to be given anew"
    return _key_file(instance / "data_key", create, lost)


def _key_file(path: Path, create: bool, lost: str) -> str:
    if not path.exists():
        if not create:
            raise ConfigError(f"{path} is missing. Run: hoitu init")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, secrets.token_hex(32), replace=False)
    try:
        key = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if len(key) < SHORTEST_KEY:
        raise ConfigError(
            f"{path} holds no key of {SHORTEST_KEY} characters or more. "
            f"Put it back from a backup; {lost}"
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
        nested = name.startswith((f"{PREFIX}PLUGIN__", f"{PREFIX}STAFF_LOGIN__"))
        if name.startswith(PREFIX) and name not in known and not nested:
            raise ConfigError(f"Unknown setting {name} in the environment. Unset or correct it.")


def read_table(shape: type[Shape], table: str, told: Mapping[str, Any]) -> Shape | None:
    """Return a table of ``settings.toml`` as its model; None where nothing is set.

    :raises ConfigError: it cannot be used; the message names the key.
    """
    try:
        return shape.model_validate(told) if told else None
    except ValidationError as error:
        raise ConfigError(_explain_table(error, table, shape)) from error


def _explain_table(error: ValidationError, table: str, shape: type[BaseModel]) -> str:
    """Return what is wrong in a table, in words for operators.

    Unknown keys are told with a known one that is spelled alike.
    """
    told = []
    for item in error.errors():
        *above, key = [str(part) for part in item["loc"]] or [""]
        place = ".".join((table, *above))
        if item["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, _keys(shape, above), 1)
            told.append(
                f"unknown key {key} in [{place}]" + (f": did you mean {near[0]}?" if near else "")
            )
        elif item["type"] == "missing":
            told.append(f"{key} is missing in [{place}]")
        else:
            what = item["msg"].removeprefix("Value error, ")
            told.append(f"[{'.'.join(filter(None, (place, key)))}] {what}")
    return f"{'; '.join(told)}. Correct settings.toml or the {PREFIX}* variables."


def _keys(shape: Any, path: Sequence[str]) -> list[str]:
    """Return the keys that a table takes, below the tables that lead to it."""
    for name in path:
        field = getattr(shape, "model_fields", {}).get(name)
        shapes = get_args(field.annotation) or (field.annotation,) if field else ()
        shape = next((one for one in shapes if hasattr(one, "model_fields")), None)
    return list(getattr(shape, "model_fields", {}))


def _explain(error: ValidationError, instance: Path) -> str:
    problems = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"])
        what = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, Config.model_fields, 1)
            what = "is not a setting" + (f": did you mean `{near[0]}`?" if near else "")
        problems.append(f"`{key}` {what}")
    return (
        f"Settings refused: {'; '.join(problems)}. "
        f"Correct {instance / 'settings.toml'} or the {PREFIX}* variables."
    )
