"""The register of personal data at the desk, with how much is kept and since when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from flask import Response, abort, g, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from hoitu.core import clock, sheets
from hoitu.core.access import requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.downloads import send_table
from hoitu.core.extensions import platform, session
from hoitu.core.plugin.manifest import NAMED, PERSON, STAFF, VISITOR, PersonalData
from hoitu.core.privacy import laws, register, retention
from hoitu.core.units import all_units
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import language, today

#: Whose data they are.
WHOSE: Final[dict[str, Any]] = {
    VISITOR: lazy_gettext("Who sends something"),
    PERSON: lazy_gettext("Who signs in as a citizen"),
    STAFF: lazy_gettext("Staff"),
    NAMED: lazy_gettext("People named in public content"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What one place keeps; ``rows`` is None where the numbers are the whole platform's."""

    owner: str
    #: What is kept, in words, and where in the database.
    what: str
    fields: str
    technical: str
    whose: Any
    purpose: str
    days: int
    #: How long in words, and who says so.
    kept: str
    set_by: str
    basis: str
    rows: int | None
    oldest: date | None


@blueprint.get("/du-lieu-ca-nhan")
@requires("core.audit")
def personal_data() -> str:
    """Show the whole register: of the unit, to administrators of the platform of all units."""
    return render_template(
        "desk/privacy/register.html", lines=list(_lines()), everywhere=_all(), day=today()
    )


@blueprint.get("/du-lieu-ca-nhan.<form>")
@requires("core.audit")
def personal_data_table(form: str) -> Response:
    """Give the register as a table."""
    if form not in sheets.MEDIA_TYPES:
        abort(404)
    header = [
        _("Part of the platform"), _("What is kept"), _("Fields"), _("Whose"), _("What for"),
        _("Days kept"), _("Legal basis"), _("Rows"), _("Oldest"), _("Who sets the time"),
        _("Name in the database"),
    ]  # fmt: skip
    rows = (
        [
            line.owner, line.what, line.fields, str(line.whose), line.purpose,
            Decimal(line.days), line.basis, None if line.rows is None else Decimal(line.rows),
            line.oldest, line.set_by, line.technical,
        ]
        for line in _lines()
    )  # fmt: skip
    return send_table(form, "du-lieu-ca-nhan", header, rows, title=_("Personal data"))


def _lines() -> Iterator[Line]:
    everywhere = _all()
    titles = {m.name: m.label(language()) for m in platform.plugins.manifests()}
    for entry in register.entries():
        owner = titles.get(entry.owner, str(_("The platform itself")))
        for places in _together(entry):
            shown = everywhere or all(place.of_unit for place in places)
            found = []
            if shown:
                with _scope(everywhere):
                    found = [register.held(session(), place) for place in places]
            days = retention.days_of(entry.data, g.unit)
            labels = (label for place in places for label in place.labels())
            yield Line(
                owner=owner,
                what=str(places[0].label) or entry.data.told_title(language()),
                technical="; ".join(place.technical for place in places),
                fields=", ".join(map(str, labels)),
                whose=WHOSE[entry.data.of],
                purpose=entry.data.told_purpose(language()),
                days=days,
                kept=_in_words(days),
                set_by=_set_by(entry.data, days),
                basis=laws.reference(entry.data.basis, today()) if entry.data.basis else "",
                rows=sum(held.rows for held in found) if shown else None,
                oldest=min(filter(None, (_day(held.oldest) for held in found)), default=None),
            )


def _together(entry: register.Entry) -> Iterator[list[register.Place]]:
    """Yield the places of an entry: each type of content by itself, other tables as one."""
    yield from ([place] for place in entry.places if place.kind is not None)
    if tables := [place for place in entry.places if place.kind is None]:
        yield tables


def _in_words(days: int) -> str:
    """Return how long something is kept, in years where they come out even."""
    if not days:
        return str(_("as long as what it belongs to"))
    if days % 365 == 0:
        return str(ngettext("%(num)d year", "%(num)d years", days // 365))
    return str(ngettext("%(num)d day", "%(num)d days", days))


def _set_by(data: PersonalData, days: int) -> str:
    """Return who says how long: a law, the unit, or the platform; '' where nobody need."""
    if not days:
        return ""
    if days != data.kept_days:
        return str(_("chosen by your unit"))
    if data.days_basis:
        return str(_("by law: %(law)s", law=laws.reference(data.days_basis, today())))
    return str(_("proposed by the platform, to be confirmed by the province"))


def _all() -> bool:
    """Say whether the account administers the platform, and sees the numbers of all units."""
    return current_actor().can("core.plugins", None)


def _scope(everywhere: bool) -> AbstractContextManager[None]:
    return all_units("register of personal data") if everywhere else nullcontext()


def _day(found: date | datetime | None) -> date | None:
    return clock.local(found).date() if isinstance(found, datetime) else found
