"""The board: which banners stand on a site.

What was put up is read by each process for all sites at once, and again when the content stamp has
moved, which a banner does as everything that units own; what of it stands at this very moment is
asked of the clock on each page. So a banner is there on the next request of every process once it
was committed, at the cost of no statement, and begins and ends to the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import current_app, request
from sqlalchemy import ColumnElement, and_, select

from hoitu.core.extensions import platform, session
from hoitu.core.units import Unit, unit_scope
from hoitu.core.web import active_unit, content_state, language, now, today, unit_address
from hoitu.plugins.emergency.models import SEVERITIES, EmergencyBanner
from hoitu.plugins.emergency.vocabulary import WORDS

#: Where an application keeps what was put up, with the state of the content it was read in.
_MEMORY: Final = "hoitu_emergency"
#: How long machines are told that a banner was taken down.
TOLD: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Banner:
    """A banner as it is shown, without the row behind it."""

    id: int
    uid: str
    unit_id: int
    below: bool
    issued_at_id: int
    severity: str
    headline: str
    detail: str
    headline_en: str
    detail_en: str
    link: str
    begins_at: datetime
    ends_at: datetime
    changed_at: datetime

    @property
    def word(self) -> str:
        """How grave it is, in the language of the request."""
        return str(WORDS[self.severity])

    @property
    def text(self) -> tuple[str, str, str]:
        """Heading, text and their language: that of the request if the banner has it."""
        if language() == "en" and self.headline_en:
            return self.headline_en, self.detail_en, "en"
        return self.headline, self.detail, "vi"

    @property
    def address(self) -> str:
        """Where more is told, from the present site; '' for nowhere."""
        if not self.link.startswith("/") or self.issued_at_id == active_unit().id:
            return self.link
        issuer = platform.units.by_id(self.issued_at_id)
        return unit_address(issuer).rstrip("/") + self.link if issuer else ""

    @property
    def issuer(self) -> str:
        """Name of the unit that put it up."""
        found = platform.units.by_id(self.issued_at_id)
        return found.name(today(), language()) if found else ""

    def stands_at(self, instant: datetime) -> bool:
        """Say whether it is shown at an instant."""
        return self.begins_at <= instant < self.ends_at


def standing(unit: Unit) -> list[Banner]:
    """Return the banners on a site at this moment, the gravest first."""
    above, instant = superiors(unit), now()
    return in_order(
        banner for banner in _put_up() if banner.stands_at(instant) and _is_for(banner, unit, above)
    )


def taken_down(unit: Unit, uid: str) -> Banner | None:
    """Return a banner that stood on a site and was taken down lately, or None: one statement."""
    with unit_scope(*(unit.id for unit in platform.units.all())):
        row = session().scalar(
            select(EmergencyBanner).where(
                EmergencyBanner.uid == uid,
                EmergencyBanner.withdrawn_at > now() - TOLD,
                EmergencyBanner.withdrawn_at >= EmergencyBanner.begins_at,
            )
        )
    found = banner_of(row) if row is not None else None
    return found if found is not None and _is_for(found, unit, superiors(unit)) else None


def in_order(banners: Iterable[Banner]) -> list[Banner]:
    """Return banners the gravest first, of equal ones the youngest."""
    newest = sorted(banners, key=lambda banner: banner.begins_at, reverse=True)
    return sorted(newest, key=lambda banner: SEVERITIES.index(banner.severity))


def banner_of(row: EmergencyBanner) -> Banner:
    """Return a row as it is shown."""
    return Banner(
        row.id, row.uid, row.unit_id, row.below, row.issued_at_id, row.severity, row.headline,
        row.detail, row.headline_en, row.detail_en, row.link, row.begins_at, row.ends_at,
        row.changed_at,
    )  # fmt: skip


def not_over(instant: datetime) -> ColumnElement[bool]:
    """Return the condition under which a banner stands at an instant, or will."""
    return and_(EmergencyBanner.ends_at > instant, EmergencyBanner.withdrawn_at.is_(None))


def superiors(unit: Unit) -> Sequence[int]:
    """Return the ids of the units above one, the province always among them."""
    found: list[int] = []
    above = platform.units.parent(unit, today())
    while above is not None and above.id not in found:
        found.append(above.id)
        above = platform.units.parent(above, today())
    province = platform.units.province()
    if province is not None and province.id not in (*found, unit.id):
        found.append(province.id)
    return found


def _is_for(banner: Banner, unit: Unit, above: Sequence[int]) -> bool:
    """Say whether a banner is for a site, given the units above it."""
    return banner.unit_id == unit.id or (banner.below and banner.unit_id in above)


def _put_up() -> tuple[Banner, ...]:
    """Return what stands or will, at all sites; one statement whenever content has changed."""
    state, memory = content_state(), current_app.extensions
    known: tuple[int, tuple[Banner, ...]] | None = memory.get(_MEMORY)
    if known is not None and known[0] == state:
        return known[1]
    # Of other units only what is shown to everybody is read, and nothing is written.
    with unit_scope(*(unit.id for unit in platform.units.all())):
        rows = session().scalars(select(EmergencyBanner).where(not_over(now())))
        found = tuple(banner_of(row) for row in rows)
    if request.method in ("GET", "HEAD"):
        memory[_MEMORY] = state, found
    return found
