"""What switching something off would hide, found out without switching it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, g
from sqlalchemy import ColumnElement, and_, func, or_, select

from hoitu.core.content import ContentType, Item, ItemPlacement, Reference, queries
from hoitu.core.extensions import platform, session
from hoitu.core.units import all_units
from hoitu.core.web import MenuEntry, now


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a visitor would no longer find. Nothing of it is deleted."""

    #: Whether the whole section goes, or other requirements keep its pages.
    whole_section: bool
    #: Public items that answer 404.
    items: int
    #: Of these, pages that search finds today.
    search_hits: int
    #: Entries that are not public; editors no longer see them either.
    unpublished: int
    #: Public items of other sections that refer to one of them.
    references: int
    #: Places at other units that show one of them.
    placements: int
    #: Headings of the main menu that go.
    menu: Sequence[str]
    #: Addresses of lists, feeds and data that answer 404.
    addresses: Sequence[str]


def simulate(section: str, requirement: str) -> Consequences:
    """Return what the addressed unit's site would lose without a requirement of a section."""
    others_on = platform.switchboard.requirements_on(g.unit, section) - {requirement}
    whole = not others_on
    kinds = list(platform.types.of_section(section))
    pages = [kind.name for kind in kinds if kind.is_page]
    hidden = _hidden(section, requirement)
    public = and_(hidden, queries.is_public(now()))
    return Consequences(
        whole_section=whole,
        items=_count(public),
        search_hits=_count(public, Item.type.in_(pages)),
        unpublished=_count(hidden) - _count(public),
        references=sum(_references(kind, hidden) for kind in platform.types),
        placements=_placements(section, requirement),
        menu=_headings(section, requirement, whole),
        addresses=_addresses(section) if whole else (),
    )


def _hidden(section: str, requirement: str) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = Item.section == section
    return condition & (Item.requirement == requirement) if requirement else condition


def _count(*conditions: ColumnElement[bool]) -> int:
    return session().scalar(select(func.count(Item.id)).where(*conditions)) or 0


def _references(kind: ContentType, hidden: ColumnElement[bool]) -> int:
    """Return how many public items of a type, themselves staying, refer to something hidden."""
    names = [n for n, f in kind.fields.items() if isinstance(f.kind, Reference)]
    if not names:
        return 0
    gone = select(Item.id).where(hidden)
    refers = or_(*(getattr(kind.model, name).in_(gone) for name in names))
    stays = (Item.type == kind.name, queries.is_public(now()), Item.id.not_in(gone))
    return session().scalar(select(func.count(kind.model.id)).where(refers, *stays)) or 0


def _placements(section: str, requirement: str) -> int:
    placed = select(func.count(ItemPlacement.item_id)).where(
        ItemPlacement.owner_id == g.unit.id, ItemPlacement.section == section
    )
    if requirement:
        placed = placed.where(ItemPlacement.requirement == requirement)
    with all_units("count of the other units that show an item of this one"):
        return session().scalar(placed) or 0


def _headings(section: str, requirement: str, whole: bool) -> list[str]:
    """Return the labels of menu entries that lead to what goes."""

    def goes(entry: MenuEntry) -> bool:
        own = entry.endpoint.partition(".")[0] == section
        return own and (whole or (requirement != "" and entry.requirement == requirement))

    top = platform.hooks.menu_entries(g.unit)
    return [str(e.label) for entry in top for e in (entry, *entry.children) if goes(e)]


def _addresses(section: str) -> list[str]:
    """Return the fixed public addresses of a section: lists, feeds, data."""
    rules = current_app.url_map.iter_rules()
    return sorted(
        rule.rule
        for rule in rules
        if rule.endpoint.startswith(f"{section}.")
        and not rule.arguments
        and "GET" in (rule.methods or ())
    )
