"""Who may do what in the library of a unit: it is shared by all sections that work there."""

from __future__ import annotations

from hoitu.core.access import PermissionDenied
from hoitu.core.content import ActionContext

#: Verbs on any section's content that let somebody put files in, and offer them to all units.
USE, SHARE = ("create", "edit"), ("publish",)


def may_use(context: ActionContext) -> bool:
    """Say whether the actor may upload, describe and delete files of the unit."""
    return _holds(context, USE)


def may_share(context: ActionContext) -> bool:
    """Say whether the actor may offer files of the unit to all others."""
    return _holds(context, SHARE)


def may_decide_look(context: ActionContext) -> bool:
    """Say whether the actor chooses the pictures in the frame of the unit's site."""
    return context.actor.can("core.modules", context.unit.id)


def demand(allowed: bool, context: ActionContext) -> None:
    """Raise unless something is allowed.

    :raises PermissionDenied: it is not.
    """
    if not allowed:
        raise PermissionDenied(f"{context.actor.name} may not do this in unit {context.unit.id}")


def _holds(context: ActionContext, verbs: tuple[str, ...]) -> bool:
    actor, unit = context.actor, context.unit
    return any(
        actor.can(kind.permission(verb), unit.id)
        for kind in context.types
        if context.switchboard.section_on(unit, kind.section)
        for verb in verbs
    )
