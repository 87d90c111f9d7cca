"""The staff of a unit: everybody who has a role there, or stands in for somebody who has."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from hoitu.core import text
from hoitu.core.access.accounts import actor
from hoitu.core.access.models import Account, Deputy, RoleGrant
from hoitu.core.access.permissions import Actor


def staff_of(session: Session, unit_id: int, day: date) -> list[tuple[Account, Actor]]:
    """Return the active people of a unit as the actors they are on ``day``, in order of names.

    Administrators of the platform are nobody's staff: they have a right everywhere and wait for
    work nowhere.
    """
    granted = select(RoleGrant.account_id).where(RoleGrant.unit_id == unit_id)
    standing_in = select(Deputy.deputy_id).where(Deputy.unit_id == unit_id)
    chosen = select(Account).where(
        Account.active.is_(True), or_(Account.id.in_(granted), Account.id.in_(standing_in))
    )
    # Read at once, or each deputy would cost two statements more.
    stood_in_for = selectinload(Account.deputises).selectinload(Deputy.account)
    found = session.scalars(chosen.options(stood_in_for.selectinload(Account.grants)))
    people = [(account, actor(account, day)) for account in found]
    here = [(a, who) for a, who in people if any(g.unit_id == unit_id for g in who.grants)]
    return sorted(here, key=lambda one: text.person_sort_key(one[0].name))
