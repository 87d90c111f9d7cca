"""Whom to ask: the administrators of the unit, for everybody who works there."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g, render_template
from sqlalchemy import select

from hoitu.core import text
from hoitu.core.access import Account, requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.people.rights import staff_here
from hoitu.core.admin.steps import colleagues
from hoitu.core.extensions import session


@blueprint.get("/nguoi-quan-tri")
@requires("core.desk")
def administrators() -> str:
    """Show who gives rights in this unit; where it has nobody, who does on the platform."""
    own = [who for who, actor in staff_here() if actor.can("core.accounts", g.unit.id)]
    return render_template("desk/administrators.html", own=own, others=[] if own else _others())


def _others() -> Sequence[Account]:
    found = session().scalars(select(Account).where(Account.id.in_(colleagues().administrators)))
    return sorted(found, key=lambda one: text.person_sort_key(one.name))
