"""The page at the desk: how many follow what, and never who."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import case, func, select

from hoitu.core.access import requires
from hoitu.core.admin import desk_pages
from hoitu.core.extensions import session
from hoitu.core.units import Unit
from hoitu.core.web import active_unit, language
from hoitu.plugins.subscriptions.delivery import writes
from hoitu.plugins.subscriptions.models import AT_ONCE, DAILY, WEEKLY, Subscription
from hoitu.plugins.subscriptions.targets import Target

#: Whoever sets what the site has.
PERMISSION = "core.modules"
pages = desk_pages(
    "subscriptions",
    __name__,
    path="/theo-doi",
    label=lazy_gettext("Readers by mail"),
    first="index",
    permission=PERMISSION,
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many follow one thing, by how often they want to be told."""

    label: str
    at_once: int
    daily: int
    weekly: int

    @property
    def total(self) -> int:
        """How many there are."""
        return self.at_once + self.daily + self.weekly


@pages.get("")
@requires(PERMISSION)
def index() -> str:
    """Show how many follow what."""
    unit = active_unit()
    return render_template(
        "subscriptions/desk.html", counts=counts(unit), waiting=_waiting(unit), is_on=writes(unit)
    )


def counts(unit: Unit) -> list[Count]:
    """Return how many follow what on the site of a unit, the most followed first: one statement.

    Searches are counted together: their words may tell of a person.
    """
    narrow = Subscription.wide, Subscription.section, Subscription.type
    is_search = Subscription.words != ""
    often = [
        func.sum(case((Subscription.frequency == name, 1), else_=0))
        for name in (AT_ONCE, DAILY, WEEKLY)
    ]
    chosen = (
        select(*narrow, is_search, *often)
        .where(Subscription.unit_id == unit.id, Subscription.confirmed_at.is_not(None))
        .group_by(*narrow, is_search)
    )
    found = [
        Count(_label(unit, Target(wide, section, kind), searched), *map(int, numbers))
        for wide, section, kind, searched, *numbers in session().execute(chosen)
    ]
    return sorted(found, key=lambda count: (-count.total, count.label))


def _waiting(unit: Unit) -> int:
    waiting = select(func.count()).where(
        Subscription.unit_id == unit.id, Subscription.confirmed_at.is_(None)
    )
    return session().scalar(waiting) or 0


def _label(unit: Unit, target: Target, is_search: bool) -> str:
    what = target.label(unit, language())
    return _("Searches in: %(what)s", what=what) if is_search else what
