"""Findings of ``hoitu doctor``: everything an operator can meet, each with its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hoitu.core import config as configuration
from hoitu.core import data_key, mail, schema
from hoitu.core.access import audit
from hoitu.core.care import link_index
from hoitu.core.cli import sign_in_checks
from hoitu.core.cli.context import application
from hoitu.core.cli.findings import Finding
from hoitu.core.content.storage import MissingStorage
from hoitu.core.db import make_engine
from hoitu.core.events import OutboxEntry
from hoitu.core.extensions import KEY, Platform
from hoitu.core.jobs.queue import DEAD, READY, JobRow
from hoitu.core.mail.sending import OUTBOX
from hoitu.core.plugin import PluginState
from hoitu.core.search import NullBackend

#: Mails that wait longer than this are a sign that the server takes none.
LATE = timedelta(hours=1)


def examine() -> Iterator[Finding]:
    """Examine settings and keys, then everything that runs with them."""
    folder = configuration.instance_folder()
    with ExitStack() as opened:
        try:
            _keys(folder, configuration.load(folder))
            app = opened.enter_context(application())
        except configuration.ConfigError as error:
            remedy = "do as said; what settings take is in docs/reference/settings.md"
            yield Finding("settings", False, str(error), remedy)
            return
        except SQLAlchemyError as error:
            yield _away(error)
            return
        opened.enter_context(app.app_context())
        parts: Platform = app.extensions[KEY]
        yield Finding("settings", True, str(folder))
        yield from _plugins(parts)
        yield from _search(parts)
        yield _storage(parts)
        yield _mail(parts)
        yield from sign_in_checks.cookies(parts)
        yield from sign_in_checks.providers(parts)
        try:
            yield from _database(parts)
        except SQLAlchemyError as error:
            yield _away(error)


def _keys(folder: Path, config: configuration.Config) -> None:
    """Find missing keys without making any.

    :raises ConfigError: one is missing or unusable, or is not that of the database.
    """
    configuration.secret_key(folder)
    if (folder / data_key.FILE).exists():
        configuration.data_key(folder)
        return
    data_key.refuse_lost(make_engine(configuration.database_url(config, folder)), folder)
    configuration.data_key(folder)


def _away(error: SQLAlchemyError) -> Finding:
    remedy = "check database_url, that the server runs, that no program locks the file"
    return Finding("database", False, str(error).splitlines()[0], remedy)


def _waiting_mail(session: Session, parts: Platform) -> Finding:
    late = parts.clock.now() - LATE
    posted_at = JobRow.payload["posted_at"].as_string()
    waiting = JobRow.state == READY, JobRow.name == mail.JOB, posted_at < late.isoformat()
    count = session.scalar(select(func.count()).where(*waiting)) or 0
    detail = f"{count} mails wait for more than an hour"
    told = select(JobRow.error).where(*waiting, JobRow.error != "")
    if error := session.scalar(told.order_by(JobRow.run_at.desc()).limit(1)):
        detail += f"; the server said: {error}"
    return Finding("mail queue", count == 0, detail, "see the log of the worker; hoitu mail test")


def _links(session: Session) -> Finding:
    undone = link_index.is_needed(session)
    told = "what older texts lead to is not noted yet; files that are only in a text are not public"
    remedy = "start the server, or: hoitu worker; at once: hoitu links reindex"
    return Finding("links", not undone, told if undone else "noted of all texts", remedy)


def _plugins(parts: Platform) -> Iterator[Finding]:
    remedies = {
        PluginState.QUARANTINED: "mend or remove its package, then: hoitu plugin release {name}",
        PluginState.BLOCKED: "install a version that fits, then: hoitu upgrade; or remove it",
        PluginState.MISSING: "install its package again; its data is kept",
        PluginState.RETIRED: "nothing to do; its data is read-only",
    }
    for plugin in parts.plugins.all():
        ok = plugin.state is PluginState.ACTIVE
        remedy = "" if ok else remedies.get(plugin.state, "").format(name=plugin.name)
        detail = f"{plugin.state} {plugin.reason}".strip()
        yield Finding(f"plugin {plugin.name}", ok, detail, remedy)


def _search(parts: Platform) -> Iterator[Finding]:
    chosen = parts.config.search_backend
    if chosen != "none" and isinstance(parts.search, NullBackend):
        detail = f"no active plugin provides the search engine {chosen}; nothing is found"
        remedy = "see `hoitu plugin list` for why; or correct `search_backend` in the settings"
        yield Finding("search", False, detail, remedy)
        return
    health = parts.search.health()
    yield Finding(
        "search", health.ok, f"{health.documents} documents {health.detail}", health.remedy
    )


def _storage(parts: Platform) -> Finding:
    chosen = parts.config.storage
    if not isinstance(parts.files, MissingStorage):
        return Finding("storage", True, chosen)
    detail = f"no active plugin provides the file store {chosen}; uploads are refused, files absent"
    remedy = "see `hoitu plugin list` for why; or correct `storage` in the settings"
    return Finding("storage", False, detail, remedy)


def _mail(parts: Platform) -> Finding:
    if not parts.config.mail_url:
        folder = parts.instance / OUTBOX
        return Finding("mail", True, f"not sent: `mail_url` is not set; written to {folder}")
    try:
        mail.examine(parts.config)
    except mail.MailError as error:
        return Finding("mail", False, str(error), "correct `mail_url`; then: hoitu mail test")
    return Finding("mail", True, "the server answers")


def _database(parts: Platform) -> Iterator[Finding]:
    if not schema.is_initialised(parts.engine):
        yield Finding("database", False, "was never set up", "hoitu init")
        return
    yield Finding("database", True, parts.engine.url.render_as_string())
    waiting = schema.pending(parts.engine, parts.plugins)
    detail = ", ".join(f"{s.name} {s.current} -> {s.head}" for s in waiting) or "up to date"
    yield Finding("schema", not waiting, detail, "hoitu upgrade")
    if any(one.name == schema.CORE for one in waiting):
        return  # What follows reads tables that are not there yet.
    yield sign_in_checks.key(parts)
    with Session(parts.engine) as session:
        yield sign_in_checks.second_factors(session, parts)
        undelivered = select(func.count()).where(OutboxEntry.delivered_at.is_(None))
        count = session.scalar(undelivered) or 0
        remedy = "start the server, or: hoitu worker"
        yield Finding("outbox", count < 1000, f"{count} events wait", remedy)
        dead = session.scalar(select(func.count()).where(JobRow.state == DEAD)) or 0
        yield _waiting_mail(session, parts)
        yield Finding("jobs", dead == 0, f"{dead} dead", "hoitu worker --retry-dead")
        yield _links(session)
        verdict = audit.verify(session)
        broken = verdict.broken_id is not None
        detail = (
            f"entry {verdict.broken_id} was changed" if broken else f"{verdict.entries} entries"
        )
        yield Finding("audit log", not broken, detail, "hoitu audit verify")
