"""Colleagues: who works in a unit today, and who of them may do what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask_babel import lazy_gettext
from sqlalchemy import select

from hoitu.core.access import STRANGER, SYSTEM, VISITOR, Account, Actor, RoleGrant
from hoitu.core.access.staff import staff_of
from hoitu.core.content import ActionContext, ContentType, Item, Transition, actions
from hoitu.core.extensions import session
from hoitu.core.units.directory import holds

#: Who acts without an account, and how the desk calls them.
_NAMELESS: Final[Mapping[str, Any]] = {
    SYSTEM.name: lazy_gettext("The system"),
    VISITOR.name: lazy_gettext("A visitor"),
    STRANGER.name: lazy_gettext("Somebody not signed in"),
}


class Colleagues:
    """The active people of a unit, in order of names; read once, asked often.

    Administrators of the platform may do everything everywhere and belong to no unit.
    """

    def __init__(self, context: ActionContext) -> None:
        today = context.clock.today()
        self._context = context
        self.actors = [who for _, who in staff_of(context.session, context.unit.id, today)]
        self._able: dict[str, frozenset[int]] = {}
        #: Active administrators of the platform, who may be responsible for entries, too.
        self.administrators = _administrators(context)

    def able(self, kind: ContentType, verb: str) -> frozenset[int]:
        """Return the accounts that may do ``verb`` with content of a type."""
        permission = kind.permission(verb)
        if permission not in self._able:
            self._able[permission] = _ids(a for a in self.actors if self._can(a, permission))
        return self._able[permission]

    def alone(self, kind: ContentType, verb: str) -> frozenset[int]:
        """Return those whose own texts nobody but themselves could take further with a right.

        A deputy does not count for the texts of the one they stand in for.
        """
        permission, unit_id = kind.permission(verb), self._context.unit.id
        able = [a for a in self.actors if a.account_id in self.able(kind, verb)]
        lenders = {a.account_id: a.only_through(permission, unit_id) for a in able}
        return frozenset(
            one
            for one in {*lenders, *(lender for found in lenders.values() for lender in found)}
            if one is not None
            and all(other == one or one in found for other, found in lenders.items())
        )

    def owners(self, kind: ContentType) -> frozenset[int]:
        """Return the accounts that can be responsible for an entry of a type."""
        return self.able(kind, "edit") | self.administrators

    def editors(self, kind: ContentType) -> list[Actor]:
        """Return those an entry of a type can be given to."""
        return [a for a in self.actors if self._can(a, kind.permission("edit"))]

    def after(self, kind: ContentType, item: Item | None, step: Transition) -> list[Actor]:
        """Return those who may take the step that follows ``step``; none where none follows."""
        submitter = item.submitter_id if item is not None else None
        return [
            a for a in self.actors
            if actions.may_take_next(self._context, kind, submitter, step, a)
        ]  # fmt: skip

    def _can(self, actor: Actor, permission: str) -> bool:
        return actor.can(permission, self._context.unit.id)


def _administrators(context: ActionContext) -> frozenset[int]:
    everywhere = (
        select(RoleGrant)
        .join(RoleGrant.account)
        .where(RoleGrant.unit_id.is_(None), Account.active.is_(True))
    )
    today = context.clock.today()
    return frozenset(g.account_id for g in context.session.scalars(everywhere) if holds(g, today))


def called(name: str) -> str:
    """Return how the desk calls whoever did something, by the name that was kept of them."""
    return str(_NAMELESS.get(name, name))


def names_of(account_ids: Iterable[int | None]) -> Mapping[int, str]:
    """Return the names of accounts by id, those that left among them: one statement, or none."""
    wanted = {account_id for account_id in account_ids if account_id is not None}
    if not wanted:
        return {}
    rows = session().execute(select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def _ids(actors: Iterable[Actor]) -> frozenset[int]:
    return frozenset(a.account_id for a in actors if a.account_id is not None)
