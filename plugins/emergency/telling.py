"""Telling administrators, afterwards, what stands on a site of theirs and who put it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoitu.core import clock
from hoitu.core.access import Account, RoleGrant, staff_of
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job, JobContext
from hoitu.core.mail import WORK, link, post
from hoitu.core.units import Unit, holds
from hoitu.plugins.emergency.models import EmergencyBanner
from hoitu.plugins.emergency.vocabulary import WORDS

_DONE: Final[Mapping[str, Any]] = {
    "emergency.publish": lazy_gettext("%(who)s put up an emergency banner."),
    "emergency.extend": lazy_gettext("%(who)s extended an emergency banner."),
    "emergency.withdraw": lazy_gettext("%(who)s took down an emergency banner."),
}


def _tell(context: JobContext) -> None:
    """Write to the administrators of the banner's unit and of the platform."""
    session, payload = context.session, context.payload
    row = session.get(EmergencyBanner, payload["banner_id"])
    unit = platform.units.by_id(row.unit_id) if row is not None else None
    if row is None or unit is None:
        return
    today = context.clock.today()
    name = unit.name(today)
    place = _("%(unit)s and all units below it", unit=name) if row.below else name
    end = clock.format_instant(row.withdrawn_at or row.ends_at)
    lines = [
        str(_DONE[payload["action"]]) % {"who": payload["actor"]},
        f"{WORDS[row.severity]}: {row.headline}",
        _("Shown at: %(place)s", place=place),
        _("From %(begin)s to %(end)s", begin=clock.format_instant(row.begins_at), end=end),
        link(unit, "home.index"),
    ]
    subject = f"[{unit.short_name(today)}] {WORDS[row.severity]}: {row.headline}"
    key = f"{payload['action']}#{row.id}#{row.ends_at.timestamp():.0f}"
    people = [one for one in _administrators(session, unit) if one.id != row.account_id]
    text = "\n".join(lines)
    post(session, people, subject, text, context.clock.now(), why=WORK, unit=unit, key=key)


def _administrators(session: Session, unit: Unit) -> list[Account]:
    """Return who gives rights at a unit, then those who do everywhere."""
    today = platform.clock.today()
    staff = staff_of(session, unit.id, today)
    own = [account for account, actor in staff if actor.can("core.accounts", unit.id)]
    everywhere = (
        select(RoleGrant)
        .join(RoleGrant.account)
        .where(RoleGrant.role == "platform_admin", Account.active.is_(True))
    )
    above = [grant.account for grant in session.scalars(everywhere) if holds(grant, today)]
    return list({account.id: account for account in (*own, *above)}.values())


JOBS: Final = (Job("tell", _tell),)
