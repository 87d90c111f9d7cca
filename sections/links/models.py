"""A link that an editor keeps, for what the directory of units does not hold."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped

from hoitu.core.content import Day, Item, Url, field


class PortalLink(Item):
    """A link of one group; both days are included, an empty one is open."""

    __tablename__ = "links_portal_link"
    type_name = "portal_link"

    url: Mapped[str] = field(Url(400), label=_("Address"), required=True)
    valid_from: Mapped[date | None] = field(Day(), label=_("Shown from"))
    valid_until: Mapped[date | None] = field(
        Day(), label=_("Shown until"), help=_("The last day on which the link is shown.")
    )
