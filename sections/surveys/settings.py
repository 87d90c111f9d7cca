"""What a unit may decide about its survey."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from hoitu.core.settings import setting


@dataclass(frozen=True)
class SurveySettings:
    """Settings of the section."""

    period: str = setting(
        "quarter",
        label=_("Period within which a browser answers once"),
        help=_("Results are kept by period."),
        options={"month": _("Month"), "quarter": _("Quarter"), "year": _("Year")},
    )
