"""The accessibility statement of a site at ``/ho-tro-tiep-can``: what holds, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from flask import Blueprint, g, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from hoitu.core.access import public
from hoitu.core.extensions import platform
from hoitu.core.package_data import package_data
from hoitu.core.settings import setting
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.site import language, today

blueprint = Blueprint("statement", __name__, template_folder="templates")
#: Owner of these settings in the registry, and what they are called.
NAME = "core.statement"
TITLE = lazy_gettext("Accessibility statement")


@dataclass(frozen=True)
class Statement:
    """What a unit adds to the statement; plain text."""

    limits: str = setting(
        "",
        label=lazy_gettext("Known limits of accessibility"),
        help=lazy_gettext(
            "What some people cannot use yet, until when, and what they may do instead."
        ),
    )
    checked: str = setting(
        "",
        label=lazy_gettext("Last check of accessibility"),
        help=lazy_gettext("The day, who checked, how, and with which result."),
    )
    contact: str = setting(
        "",
        label=lazy_gettext("Who answers questions about accessibility"),
        help=lazy_gettext(
            "Office, telephone, e-mail. The agency's address is on the page in any case."
        ),
    )


@dataclass(frozen=True, slots=True)
class Basis:
    """A legal document that asks for accessibility, and what is known of its validity."""

    number: str
    title: str
    valid_from: date
    #: Since this day its validity could not be confirmed; None while nothing speaks against it.
    doubt_from: date | None


@blueprint.get("/ho-tro-tiep-can")
@public
def page() -> str:
    """Show the statement."""
    return render_template(
        "web/statement.html",
        title=TITLE,
        standard=_data()["standard"],
        bases=bases(today(), language()),
        own=platform.settings.of(Statement, g.unit),
        crumbs=crumbs((_("Accessibility statement"), url_for("statement.page"))),
    )


def bases(day: date, tongue: str) -> list[Basis]:
    """Return the documents that ask for accessibility and were not repealed by a day."""
    return [
        Basis(
            found["number"],
            found.get(tongue) or found["vi"],
            found["valid_from"],
            doubt if (doubt := found.get("doubt_from")) and doubt <= day else None,
        )
        for found in _data()["bases"]
        if found["valid_from"] <= day and found.get("valid_until", day) >= day
    ]


@cache
def _data() -> Mapping[str, Any]:
    return package_data("hoitu.core.web", "accessibility")
