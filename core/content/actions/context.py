"""Who changes what where, and by whose rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from hoitu.core.access import Actor
from hoitu.core.clock import Clock
from hoitu.core.content.editorial import Editorial
from hoitu.core.content.item import Item
from hoitu.core.content.own_addresses import OwnAddresses, none_known
from hoitu.core.content.types import ContentType, ContentTypes
from hoitu.core.content.workflow import EDITORIAL, Workflow
from hoitu.core.plugin import Dispatcher
from hoitu.core.units import Switchboard, Unit

if TYPE_CHECKING:
    from hoitu.core.extensions import Platform


@dataclass(frozen=True, slots=True)
class ActionContext:
    """Everything an action needs, and nothing of the web."""

    session: Session
    actor: Actor
    unit: Unit
    types: ContentTypes
    hooks: Dispatcher
    switchboard: Switchboard
    clock: Clock
    editorial: Editorial = Editorial()  # noqa: RUF009 (frozen)
    #: Tells which addresses in a text are those of the unit's own site.
    own_addresses: OwnAddresses = none_known

    @classmethod
    def of(cls, platform: Platform, session: Session, actor: Actor, unit: Unit) -> ActionContext:
        """Return the context in which ``actor`` works on a unit of the running platform."""
        return cls(
            session=session,
            actor=actor,
            unit=unit,
            types=platform.types,
            hooks=platform.hooks,
            switchboard=platform.switchboard,
            clock=platform.clock,
            editorial=platform.settings.of(Editorial, unit),
            own_addresses=platform.own_addresses,
        )

    def stored(self, addresses: Collection[str]) -> Mapping[str, str]:
        """Return, of addresses, those of the unit's items and files as texts keep them."""
        return self.own_addresses(self.session, self.unit, addresses)

    def now(self) -> datetime:
        """Return the present instant (UTC)."""
        return self.clock.now()

    def type_of(self, item: Item) -> ContentType:
        """Return the content type of an item."""
        return self.types[item.type]

    def workflow_of(self, kind: ContentType) -> Workflow:
        """Return the steps that items of a type take here.

        A unit decides in how many steps its own texts are approved. The platform itself, which
        imports what was approved elsewhere, is not bound by it.
        """
        if not kind.workflow.editorial or self.actor.is_system:
            return kind.workflow
        return EDITORIAL[self.editorial.approval]
