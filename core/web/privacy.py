"""What a site knows about people, at ``/quyen-rieng-tu``: from the register of personal data.

Every plugin declares the fields that hold personal data; the page names those of the sections the
unit has, and the platform's services, so that it cannot forget one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template, url_for
from flask_babel import gettext as _

from hoitu.core.access import public
from hoitu.core.care import unfound
from hoitu.core.content import ContentType
from hoitu.core.extensions import platform
from hoitu.core.jobs import housekeeping
from hoitu.core.plugin import Manifest
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.site import language

blueprint = Blueprint("privacy", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Kept:
    """Personal data that one type of content holds, by the labels of its fields."""

    section: str
    label: Any
    fields: tuple[Any, ...]
    #: Whether visitors send it in; otherwise the agency's staff write it.
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
        services=services(),
        days={"searches": unfound.KEPT.days, "mails": housekeeping.KEPT.days},
        crumbs=crumbs((_("Privacy"), url_for("privacy.page"))),
    )


def personal_data() -> Iterator[Kept]:
    """Yield what the unit's sections keep of persons, by weight."""
    for manifest in platform.switchboard.sections_on(g.unit):
        declared = set(manifest.personal_data)
        for kind in platform.types.of_section(manifest.name):
            fields = _labels(kind, declared)
            if fields:
                label = manifest.label(language())
                yield Kept(label, kind.label_plural, fields, kind.receivable)


def services() -> list[str]:
    """Return the names of the platform's services that keep personal data."""
    found: list[Manifest] = platform.plugins.manifests()
    return [m.label(language()) for m in found if m.service and m.personal_data]


def _labels(kind: ContentType, declared: set[str]) -> tuple[Any, ...]:
    found = ((name, field) for name, field in kind.fields.items() if name in declared)
    return tuple(kind.labels.get(name, field.label) for name, field in found if field.personal)
