"""The log of the unit: who did what, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from hoitu.core.access import requires
from hoitu.core.access.audit import AuditEntry
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.extensions import platform, session

SIZE = 50
#: Parameter: only entries before this one.
BEFORE = "truoc"

#: What the log calls an action; an action of a plugin has its own name.
ACTIONS = {
    "item.create": lazy_gettext("Created"),
    "item.edit": lazy_gettext("Changed"),
    "item.submit": lazy_gettext("Submitted for approval"),
    "item.return": lazy_gettext("Returned"),
    "item.publish": lazy_gettext("Published"),
    "item.unpublish": lazy_gettext("Taken off the site"),
    "item.archive": lazy_gettext("Archived"),
    "item.trash": lazy_gettext("Moved to the trash"),
    "item.restore": lazy_gettext("Restored as a draft"),
    "item.discard": lazy_gettext("Discarded the waiting version"),
    "section.on": lazy_gettext("Switched on"),
    "section.off": lazy_gettext("Switched off"),
    "section.waived": lazy_gettext("Excused from a duty"),
    "section.default": lazy_gettext("Removed the unit's choice"),
    "account.create": lazy_gettext("Created an account"),
    "account.grant": lazy_gettext("Gave a role"),
    "account.revoke": lazy_gettext("Took a role away"),
    "account.password": lazy_gettext("Changed a password"),
    "setting.change": lazy_gettext("Changed a setting"),
}
#: Details worth a place in the list, in this order.
TOLD = ("title", "email", "role", "reason", "note")


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry as the page shows it."""

    at: datetime
    actor: str
    action: str
    subject: str
    path: str


@blueprint.get("/nhat-ky")
@requires("core.audit")
def audit_log() -> str:
    """Show the entries of this unit, newest first."""
    chosen = select(AuditEntry).where(AuditEntry.unit_id == g.unit.id)
    before = request.args.get(BEFORE, "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        chosen = chosen.where(AuditEntry.id < int(before))
    found = list(session().scalars(chosen.order_by(AuditEntry.id.desc()).limit(SIZE + 1)))
    place: dict[str, Any] = {BEFORE: found[SIZE - 1].id} if len(found) > SIZE else {}
    return render_template(
        "desk/audit_log.html",
        lines=[_line(entry) for entry in found[:SIZE]],
        older=url_for("desk.audit_log", **place) if place else "",
    )


def _line(entry: AuditEntry) -> LogLine:
    told = [str(entry.detail[name]) for name in TOLD if entry.detail.get(name)]
    return LogLine(
        entry.at,
        _("The system") if entry.actor == "system" else entry.actor,
        str(ACTIONS.get(entry.action, entry.action)),
        ": ".join(told) or _subject(entry),
        _path(entry),
    )


def _subject(entry: AuditEntry) -> str:
    kind = platform.types.get(entry.object_type)
    return f"{kind.label if kind else entry.object_type} {entry.object_id}"


def _path(entry: AuditEntry) -> str:
    """Return where the entry's item is worked on, where that is still possible."""
    names = {kind.name for kind in work.kinds()}
    if entry.object_type not in names or not entry.object_id.isdigit():
        return ""
    return url_for("desk.edit", type_name=entry.object_type, item_id=int(entry.object_id))
