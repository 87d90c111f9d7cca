"""The desk: where staff write, approve, and switch modules. Generic over content types."""

from __future__ import annotations

from flask import Flask

import hoitu.core.batches
import hoitu.core.care  # noqa: F401 (their tables)
from hoitu.core.admin import (
    appearance,
    audit_log,
    autosave,
    calendar_page,
    deputies,
    duplicates,
    editing,
    error_pages,
    frame,
    guide,
    handing,
    home_page,
    index,
    link_targets,
    lists,
    media,
    modules,
    notices,
    passwords,
    people,
    preview_links,
    privacy,
    public_view,
    reviews,
    rich_text,
    schedules,
    searches,
    sign_in,
    steps,
    translations,
    trash,
    unit_settings,
    versions,
)
from hoitu.core.admin.account import (
    keeping,
    links,
    own,
    passkeys,
    phone,
    second_step,
    single_sign_on,
)
from hoitu.core.admin.batches import bulk, exports, imports, reports, saved_views
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.care import link_care, replacing
from hoitu.core.admin.downloads import send_table
from hoitu.core.admin.plugin_pages import desk_pages
from hoitu.core.extensions import KEY, Platform
from hoitu.core.web.access import current_actor

#: The modules whose views make up the desk.
VIEWS = (
    appearance,
    audit_log,
    autosave,
    bulk,
    calendar_page,
    deputies,
    duplicates,
    editing,
    exports,
    frame,
    guide,
    handing,
    home_page,
    imports,
    index,
    link_care,
    link_targets,
    links,
    lists,
    media,
    modules,
    notices,
    own,
    passkeys,
    passwords,
    people,
    phone,
    preview_links,
    privacy,
    public_view,
    replacing,
    reports,
    reviews,
    rich_text,
    saved_views,
    schedules,
    searches,
    second_step,
    sign_in,
    single_sign_on,
    steps,
    translations,
    trash,
    unit_settings,
    versions,
)


def init_app(app: Flask) -> None:
    """Attach the desk and its sign-in to an application."""
    parts: Platform = app.extensions[KEY]
    sign_in.init_app(app)
    single_sign_on.init_app(app, parts)
    error_pages.init_app(app)
    app.register_blueprint(blueprint)
    parts.jobs.register("core", keeping.JOBS)


__all__ = ["current_actor", "desk_pages", "init_app", "send_table"]
