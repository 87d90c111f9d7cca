"""Rules of a link: pure functions, tested as tables of cases."""

from __future__ import annotations

from flask_babel import gettext as _

from hoitu.core.content import Problem
from hoitu.sections.links.models import PortalLink


def problems(link: PortalLink) -> list[Problem]:
    """Return everything that is wrong with a link."""
    if link.valid_from and link.valid_until and link.valid_until < link.valid_from:
        return [Problem("valid_until", _("The last day lies before the first."))]
    return []
