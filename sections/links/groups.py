"""The groups of links: generated from the directory of units, completed by editors' links.

Names and addresses are those of the day. Links of the province are shown on the site of every unit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from hoitu.core.clock import local
from hoitu.core.content import package_data, queries
from hoitu.core.extensions import platform, session
from hoitu.core.units import Unit, holds
from hoitu.core.web import in_language, language, now, today, unit_address
from hoitu.sections.links.models import LinkHealth, PortalLink
from hoitu.sections.links.types import portal_link


@dataclass(frozen=True, slots=True)
class Rule:
    """What a group of ``data/groups.toml`` holds."""

    unit_types: tuple[str, ...] = ()
    banner: bool = False
    #: Units that exist no more and still have a site, instead of those that exist.
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A name and its address, '' where none is known; ``ended_on`` of dissolved units."""

    name: str
    address: str
    ended_on: date | None = None
    #: The address has not answered for some time.
    is_down: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The links of one requirement."""

    requirement: str
    label: Any
    links: Sequence[Link]
    banner: bool


@cache
def rules() -> Mapping[str, Rule]:
    """Return the groups by catalogue key, in the order to show."""
    return {
        key: Rule(tuple(e.get("unit_types", ())), e.get("banner", False), e.get("ended", False))
        for key, e in package_data("hoitu.sections.links", "groups").items()
    }


def shown(unit: Unit) -> list[Group]:
    """Return the groups that are on for a unit and have links.

    One statement, and one more where a link has a translation.
    """
    kept: dict[str, list[Link]] = defaultdict(list)
    for link in in_language(kept_links(unit)):
        kept[link.requirement].append(Link(link.title, link.url, is_down=link.is_down))
    found = [
        Group(
            key,
            portal_link.requirements[key],
            without_repeats([*_generated(rule, today()), *kept[key]]),
            rule.banner,
        )
        for key, rule in rules().items()
        if is_on(unit, key)
    ]
    return [group for group in found if group.links]


def without_repeats(links: Iterable[Link]) -> list[Link]:
    """Return the links without those whose address an earlier one has."""
    found: list[Link] = []
    known: set[str] = set()
    for link in links:
        if not link.address or link.address not in known:
            found.append(link)
            known.add(link.address)
    return found


def fresh_days(unit: Unit, requirement: str) -> list[date]:
    """Return today for groups that follow the directory, else the days of the links kept for it.

    Works without a request.
    """
    rule = rules().get(requirement)
    if rule is None:
        return []
    if units_of(rule, today()):
        return [today()]
    kept = [link for link in kept_links(unit) if link.requirement == requirement]
    return [local(link.revised_at).date() for link in kept if link.revised_at]


def units_of(rule: Rule, day: date) -> list[Unit]:
    """Return the units of a group, in Vietnamese order of their names on ``day``."""
    found = [unit for unit in platform.units.all() if _belongs(unit, rule, day)]
    return platform.units.in_order(found, day)


def kept_links(unit: Unit) -> list[PortalLink]:
    """Return the links that unit and province keep and show today: one statement."""
    province = platform.units.province()
    owners = {u.id: u for u in (unit, province) if u is not None}
    found = valid(queries.of_units(session(), PortalLink, owners, now()), today())
    is_on = platform.switchboard.section_on
    return [link for link in found if is_on(owners[link.unit_id], "links", link.requirement)]


def broken_links(limit: int = 100) -> list[PortalLink]:
    """Return the unit's public links whose address did not answer last time: one statement."""
    chosen = (
        queries.public(PortalLink, now())
        .join(LinkHealth, LinkHealth.link_id == PortalLink.id)
        .where(LinkHealth.failures > 0, LinkHealth.address == PortalLink.url)
        .order_by(LinkHealth.failures.desc(), PortalLink.id)
    )
    return list(session().scalars(chosen.limit(limit)))


def valid(links: Iterable[PortalLink], day: date) -> list[PortalLink]:
    """Return the links that are shown on ``day``, the oldest first."""
    return sorted((link for link in links if holds(link, day)), key=lambda link: link.id)


def _generated(rule: Rule, day: date) -> list[Link]:
    return [
        Link(u.name(day, language()), unit_address(u), u.valid_until if rule.ended else None)
        for u in units_of(rule, day)
    ]


def is_on(unit: Unit, requirement: str) -> bool:
    """Say whether a unit shows a group.

    A duty that ended (the districts) has no switch any more; the archives it left behind are shown
    as long as the section is.
    """
    duty = platform.switchboard.requirement(requirement)
    if duty is not None and duty.valid_until is not None and duty.valid_until < today():
        return platform.switchboard.section_on(unit, "links")
    return platform.switchboard.section_on(unit, "links", requirement)


def _belongs(unit: Unit, rule: Rule, day: date) -> bool:
    unit_type = platform.catalogues.unit_type(unit.type)
    if unit_type is None or not unit_type.matches(rule.unit_types):
        return False
    if not rule.ended:
        return unit.exists_on(day)
    return unit.has_site and unit.valid_until is not None and unit.valid_until < day
