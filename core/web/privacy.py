"""What a site knows about people, at ``/quyen-rieng-tu``: from the register of personal data.

Every plugin declares what it keeps, whose, what for and for how long; the page names that of the
sections the unit has, and of the platform's services, so that it cannot forget any.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template, url_for
from flask_babel import gettext as _

from hoitu.core.access import public
from hoitu.core.care import unfound
from hoitu.core.extensions import platform
from hoitu.core.jobs import housekeeping
from hoitu.core.plugin.manifest import NAMED, PersonalData
from hoitu.core.privacy import laws, register, retention
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.site import language, today

blueprint = Blueprint("privacy", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Kept:
    """Personal data that are kept together in one place, in words."""

    section: str
    label: Any
    fields: tuple[Any, ...]
    purpose: str
    #: Days it is kept at most; 0: as long as what it belongs to.
    days: int
    #: The acts behind it; '' where the purpose says enough.
    basis: str
    #: Whether visitors send it in; otherwise the agency publishes it.
    from_visitors: bool


@blueprint.get("/quyen-rieng-tu")
@public
def page() -> str:
    """Show which personal data the site holds, and why."""
    kept = list(personal_data())
    return render_template(
        "web/privacy.html",
        received=[entry for entry in kept if entry.from_visitors],
        published=[entry for entry in kept if not entry.from_visitors],
        services=list(services()),
        days={"searches": unfound.KEPT.days, "mails": housekeeping.KEPT.days},
        law=laws.reference(laws.PROTECTION, today()),
        crumbs=crumbs((_("Privacy"), url_for("privacy.page"))),
    )


def personal_data() -> Iterator[Kept]:
    """Yield what the unit's sections keep of persons in their content, by weight."""
    on = {m.name: m.label(language()) for m in platform.switchboard.sections_on(g.unit)}
    for entry in register.entries(list(on)):
        for place in entry.places:
            if place.kind is not None:
                yield _told(on[entry.owner], place.kind.label_plural, place.labels(), entry.data)


def services() -> Iterator[Kept]:
    """Yield what the platform's services keep of persons."""
    titles = {m.name: m.label(language()) for m in platform.plugins.manifests() if m.service}
    for entry in register.entries(list(titles)):
        yield _told(titles[entry.owner], "", (), entry.data)


def _told(section: str, label: Any, fields: tuple[Any, ...], data: PersonalData) -> Kept:
    return Kept(
        section=section,
        label=label,
        fields=fields,
        purpose=data.told_purpose(language()),
        days=retention.days_of(data, g.unit),
        basis=laws.reference(data.basis, today()) if data.basis else "",
        from_visitors=data.of != NAMED,
    )
