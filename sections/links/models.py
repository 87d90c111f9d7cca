"""A link that an editor keeps, for what the directory of units does not hold, and its health."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hoitu.core.content import Day, Item, Url, field
from hoitu.core.db import Base, BigId
from hoitu.core.units import UnitScoped

#: Times in a row after which visitors are told that an address does not answer.
FAILURES = 3


class LinkHealth(UnitScoped, Base):
    """What was found when the address of a link was last asked.

    A row of its own: a check is no version of the link, and must not get in an editor's way.
    """

    __tablename__ = "links_health"
    __table_args__ = (ForeignKeyConstraint(["link_id", "unit_id"], ["item.id", "item.unit_id"]),)

    link_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    #: The address that was asked; of another one nothing is known.
    address: Mapped[str] = mapped_column(String(400), default="")
    checked_at: Mapped[datetime]
    #: Key of ``data/problems.toml``; '' when the address answered.
    problem: Mapped[str] = mapped_column(String(20), default="")
    failures: Mapped[int] = mapped_column(default=0)
    failed_since: Mapped[datetime | None]

    def note(self, address: str, problem: str, now: datetime) -> None:
        """Take down what was found just now."""
        again = self.address == address and self.failed_since is not None
        self.failures = ((self.failures if again else 0) + 1) if problem else 0
        self.failed_since = (self.failed_since if again else now) if problem else None
        self.address, self.problem, self.checked_at = address, problem, now


class PortalLink(Item):
    """A link of one group; both days are included, an empty one is open."""

    __tablename__ = "links_portal_link"
    type_name = "portal_link"

    url: Mapped[str] = field(Url(400), label=_("Address"), required=True)
    valid_from: Mapped[date | None] = field(Day(), label=_("Shown from"))
    valid_until: Mapped[date | None] = field(
        Day(), label=_("Shown until"), help=_("The last day on which the link is shown.")
    )

    health: Mapped[LinkHealth | None] = relationship(
        primaryjoin=lambda: PortalLink.id == LinkHealth.link_id,
        foreign_keys=[LinkHealth.link_id],
        lazy="joined",
        viewonly=True,
        uselist=False,
    )

    @property
    def is_down(self) -> bool:
        """Say whether the address has not answered several times in a row."""
        found = self.health
        return found is not None and found.address == self.url and found.failures >= FAILURES
