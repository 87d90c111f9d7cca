"""The application factory: configuration, database, plugins, blueprints, errors — in that order."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, g
from flask_babel import Babel
from jinja2 import Environment
from sqlalchemy import Engine, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hoitu.core import config as configuration
from hoitu.core import data_key, extensions, i18n, mail
from hoitu.core.access import Permissions
from hoitu.core.admin import init_app as init_desk
from hoitu.core.admin.care import replacing
from hoitu.core.batches import JOBS as BATCH_JOBS
from hoitu.core.batches import KINDS as BATCH_KINDS
from hoitu.core.care import link_index, link_rounds, reviews, trash, unfound
from hoitu.core.clock import Clock, SystemClock
from hoitu.core.config import Config
from hoitu.core.content import ContentType, ContentTypes, Problem, editorial, queries
from hoitu.core.content.files import FileStore, LocalFiles
from hoitu.core.content.storage import MissingStorage
from hoitu.core.db import WRITE, make_engine
from hoitu.core.demo import Companion
from hoitu.core.extensions import Platform
from hoitu.core.forms import most_parts
from hoitu.core.jobs import Job, Jobs, housekeeping
from hoitu.core.media import JOBS as MEDIA_JOBS
from hoitu.core.people import JOBS as PEOPLE_JOBS
from hoitu.core.people import LoginProvider
from hoitu.core.plugin import (
    Breaker,
    Dispatcher,
    PluginRow,
    Plugins,
    PluginState,
    Quarantine,
)
from hoitu.core.plugin.manifest import package_folder
from hoitu.core.privacy import JOBS as PRIVACY_JOBS
from hoitu.core.privacy import PersonRecord
from hoitu.core.privacy import retention as privacy_retention
from hoitu.core.requirements import Catalogues
from hoitu.core.search import NullBackend, SearchBackend, WhooshBackend
from hoitu.core.settings import SettingsRegistry
from hoitu.core.theming import COMPILED, TemplateEnvironment, Themes
from hoitu.core.units import ScopedSession, Switchboard, UnitDirectory
from hoitu.core.web import (
    access,
    api,
    assets,
    blueprints,
    chrome,
    compression,
    defence,
    display,
    errors,
    feeds,
    files,
    health,
    home,
    home_order,
    look,
    menus,
    metadata,
    own_addresses,
    people,
    permalinks,
    privacy,
    searching,
    security,
    shared_previews,
    site,
    site_facts,
    sitemap,
    statement,
    themes,
    verification,
)
from hoitu.core.web.contributions import HeadTag, MenuEntry, Panel, RichTextEditor
from hoitu.core.web.routing import LateRule

log = logging.getLogger(__name__)

#: Blueprints of core's public web; section blueprints come from plugins.
BLUEPRINTS = (
    home, look, site_facts, searching, sitemap, statement, privacy, feeds, files, permalinks,
    verification, shared_previews, people, health, assets, api,
)  # fmt: skip
#: Settings of core, by their owner in the registry.
SETTINGS: dict[str, type] = {
    editorial.NAME: editorial.Editorial,
    statement.NAME: statement.Statement,
    look.NAME: look.Look,
    menus.NAME: menus.MenuOrder,
    home_order.NAME: home_order.HomeOrder,
    site_facts.NAME: site_facts.SiteSettings,
    privacy_retention.NAME: privacy_retention.Keeping,
}
#: What plugins must return, by hook: the type of the entries of a list, or of the one answer.
RESULTS: dict[str, type] = {
    "register_content_types": ContentType,
    "register_blueprints": Blueprint,
    "register_settings": type,
    "register_jobs": Job,
    "menu_entries": MenuEntry,
    "home_panels": Panel,
    "slot_panels": Panel,
    "head_tags": HeadTag,
    "dashboard_panels": Panel,
    "check_item": Problem,
    "check_transition": Problem,
    "check_enable": Problem,
    "check_upload": Problem,
    "resolve_search_backend": SearchBackend,
    "resolve_storage": FileStore,
    "resolve_rich_text_editor": RichTextEditor,
    "person_data": PersonRecord,
    "freshness": date,
    "resolve_login": LoginProvider,
    "person_panels": Panel,
    "demo_companions": Companion,
}


class Portal(Flask):
    """Flask whose template environment is that of the active unit's theme."""

    url_rule_class = LateRule
    jinja_environment = TemplateEnvironment
    jinja_options = {"bytecode_cache": COMPILED}  # noqa: RUF012 (Flask declares it so)

    @property
    def jinja_env(self) -> Environment:  # type: ignore[override]
        """The environment of the active theme; outside a site, of the default theme."""
        if "_origin" not in self.__dict__:
            self.__dict__["_origin"] = self.create_jinja_environment()
        origin: Environment = self.__dict__["_origin"]
        parts: Platform | None = self.extensions.get(extensions.KEY)
        if parts is None or not g:
            return origin
        return parts.themes.environment(themes.site_theme(), origin)


def create_app(
    *,
    instance: Path | None = None,
    clock: Clock | None = None,
    migrating: bool = False,
    **overrides: Any,
) -> Portal:
    """Build the application.

    It starts with broken plugins (they are quarantined), and without a database or an index: then
    its pages say which command is missing. A plugin whose migration failed is left out, unless
    ``migrating``, which is to try again. ``overrides`` are deployment settings for tests.

    :raises ConfigError: a deployment setting is unknown or wrong.
    """
    folder = (instance or configuration.instance_folder()).resolve()
    config = configuration.load(folder, **overrides)
    logging.getLogger("hoitu").setLevel(config.log_level)
    app = Portal("hoitu.core", instance_path=str(folder), static_folder=None)
    _configure_flask(app, config, folder)
    parts = _build_platform(app, folder, config, clock or SystemClock(), migrating)
    extensions.init_app(app, parts)
    _init_web(app, parts)
    _register_plugins(app, parts)
    app.config["MAX_FORM_PARTS"] = most_parts(kind.fields.values() for kind in parts.types)
    access.check_declared(app.view_functions, parts.permissions)
    app.wsgi_app = i18n.LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _configure_flask(app: Flask, config: Config, folder: Path) -> None:
    app.config.update(
        SECRET_KEY=configuration.secret_key(folder, create=True),
        MAX_CONTENT_LENGTH=config.upload_limit_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_NAME="hoitu",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_I18N_ENABLED=False,
        BABEL_DEFAULT_LOCALE=i18n.DEFAULT,
        BABEL_DEFAULT_TIMEZONE="Asia/Ho_Chi_Minh",
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]


def _build_platform(
    app: Flask, folder: Path, config: Config, clock: Clock, migrating: bool
) -> Platform:
    engine = make_engine(configuration.database_url(config, folder))
    catalogues = Catalogues.load(folder)
    remembered = _remembered(engine)
    if migrating:
        remembered = {n: r for n, r in remembered.items() if r[0] != PluginState.BLOCKED}
    plugins = Plugins.load(own_only=config.plugins == "core", remembered=remembered)
    quarantine = Quarantine(engine, plugins, clock)
    # Before the session's own teardown, which therefore runs first.
    app.teardown_appcontext(quarantine.remember)
    hooks = Dispatcher(plugins, Breaker(quarantine.add), RESULTS)
    switchboard = Switchboard(plugins, catalogues, clock)
    hooks.is_on = switchboard.section_on
    hooks.recover = _recover_session
    return Platform(
        instance=folder,
        config=config,
        clock=clock,
        engine=engine,
        catalogues=catalogues,
        plugins=plugins,
        hooks=hooks,
        units=UnitDirectory(clock, demo_hosts=config.demo_hosts),
        switchboard=switchboard,
        settings=SettingsRegistry(),
        permissions=Permissions(),
        types=ContentTypes(),
        files=_file_store(hooks, config, folder),
        search=_search_backend(hooks, config, folder),
        themes=Themes(config.default_theme),
        jobs=Jobs(),
        seal=data_key.seal_of(engine, folder),
        own_addresses=own_addresses.stored,
        batch_kinds={**BATCH_KINDS, **replacing.KINDS},
        open_session=_session_factory(engine),
    )


def _session_factory(engine: Engine) -> Any:
    writing = engine.execution_options(**{WRITE: True})

    def open_session(write: bool) -> Session:
        return ScopedSession(writing if write else engine, expire_on_commit=False)

    return open_session


def _init_web(app: Portal, parts: Platform) -> None:
    translations = i18n.Catalogues()
    for package in ("hoitu.core", *(p.package for p in parts.plugins.all() if p.is_active)):
        translations.add(package_folder(package))
    for theme in parts.themes.all():
        translations.add(theme.folder)
    babel = Babel()
    babel.init_app(app, locale_selector=site.language)
    babel.domain_instance = translations
    translations.install(app.jinja_env)
    site.init_app(app)
    access.init_app(app)
    people.init_app(app)
    chrome.init_app(app)
    metadata.init_app(app)
    verification.init_app(app)
    display.init_app(app)
    security.init_app(app)
    compression.init_app(app)
    errors.init_app(app)
    for module in BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    init_desk(app)
    parts.hooks.standard_freshness = lambda duty: [
        day
        for kind in parts.types
        if duty.id in kind.requirements
        for day in queries.newest_day(kind.model, duty.id)
    ]
    parts.jobs.register("core", housekeeping.JOBS)
    parts.jobs.register("core", MEDIA_JOBS)
    parts.jobs.register("core", (*BATCH_JOBS, *link_index.JOBS))
    parts.jobs.register("core", (*mail.JOBS, *reviews.JOBS, *trash.JOBS, *link_rounds.JOBS))
    parts.jobs.register("core", (*unfound.JOBS, *defence.JOBS))
    parts.jobs.register("core", PEOPLE_JOBS)
    parts.jobs.register("core", PRIVACY_JOBS)
    for owner, schema in SETTINGS.items():
        parts.settings.register(owner, schema)


def _register_plugins(app: Flask, parts: Platform) -> None:
    """Take in what the plugins register; those that cannot be used are blocked, with the reason."""
    for manifest in parts.plugins.manifests():
        parts.permissions.declare(manifest.permissions)
    steps = (
        (parts.hooks.register_content_types, _add_types),
        (parts.hooks.register_settings, _add_settings),
        (parts.hooks.register_jobs, _add_jobs),
        (parts.hooks.register_blueprints, _add_blueprints),
    )
    for collect, add in steps:
        for name, declared in collect():
            try:
                add(app, parts, name, declared)
            except configuration.ConfigError as error:
                log.error("plugin %s is blocked: %s", name, error)
                parts.plugins.withdraw(name, PluginState.BLOCKED, str(error))
            except Exception as error:
                log.exception("plugin %s cannot be used", name)
                reason = f"{type(error).__name__}: {error}"
                parts.plugins.withdraw(name, PluginState.BLOCKED, reason)
    parts.plugins.withdraw_dependents()
    for plugin in parts.plugins.all():
        if not plugin.is_active:
            parts.types.drop(plugin.name)
            parts.jobs.drop(plugin.name)


def _add_types(_app: Flask, parts: Platform, name: str, declared: list[Any]) -> None:
    plugin = parts.plugins.get(name)
    assert plugin is not None and plugin.manifest is not None
    parts.types.register(plugin.manifest, declared)


def _add_settings(_app: Flask, parts: Platform, name: str, declared: list[Any]) -> None:
    for schema in declared:
        parts.settings.register(name, schema)


def _add_jobs(_app: Flask, parts: Platform, name: str, declared: list[Any]) -> None:
    parts.jobs.register(name, declared)


def _add_blueprints(app: Flask, parts: Platform, name: str, declared: list[Any]) -> None:
    for blueprint in declared:
        blueprints.register(app, blueprint, name, parts.permissions)


def _search_backend(hooks: Dispatcher, config: Config, folder: Path) -> SearchBackend:
    if config.search_backend == "whoosh":
        return WhooshBackend(folder)
    if config.search_backend == "none":
        return NullBackend()
    found = hooks.resolve_search_backend(config.search_backend, folder)
    if found is None:
        log.error("no active plugin provides the search engine %s", config.search_backend)
    return found or NullBackend()


def _file_store(hooks: Dispatcher, config: Config, folder: Path) -> FileStore:
    if config.storage == "local":
        return LocalFiles(folder / "files")
    found = hooks.resolve_storage(config.storage, folder)
    if found is None:
        log.error("no active plugin provides the file store %s", config.storage)
    return found or MissingStorage(config.storage)


def _remembered(engine: Engine) -> dict[str, tuple[str, str]]:
    """Return the plugin states of the last run; none before the database is set up."""
    try:
        if not inspect(engine).has_table(PluginRow.__tablename__):
            return {}
        with Session(engine) as session:
            rows = session.scalars(select(PluginRow))
            return {row.name: (row.state, row.reason) for row in rows}
    except SQLAlchemyError:
        log.exception("the database cannot be read; see: hoitu doctor")
        return {}
    finally:
        # A connection opened here must not be shared by the processes a server forks.
        engine.dispose()


def _recover_session() -> None:
    """After a hook failed while reading: a broken transaction must not break the page."""
    opened: Session | None = g.get("hoitu_session") if g else None
    if opened is not None and g.get("hoitu_reads_only", False):
        opened.rollback()
