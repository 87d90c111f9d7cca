"""Permissions, roles and actors. Nothing is allowed unless a role of the actor says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

#: What can be done with the content of a section; a section's permissions are `<section>.<verb>`.
VERBS: Final = ("create", "edit", "review", "publish", "delete")
#: Permissions of the platform itself.
CORE: Final = (
    "core.desk",
    "core.modules",
    "core.accounts",
    "core.audit",
    "core.units",
    "core.plugins",
    "core.password",
)
#: What any role gives, in its unit: to change one's own password.
OWN: Final = "core.password"

F = TypeVar("F", bound=Callable[..., object])


class PermissionDenied(Exception):
    """The actor may not do this; the message names the permission."""


class UnknownPermission(LookupError):
    """A permission nobody declared was asked for: a programming error, refused loudly."""


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of rights: verbs on every section's content, and permissions of core."""

    name: str
    verbs: frozenset[str]
    core: frozenset[str]


ROLES: Final = {
    role.name: role
    for role in (
        Role("editor", frozenset({"create", "edit"}), frozenset({"core.desk"})),
        Role("reviewer", frozenset({"create", "edit", "review"}), frozenset({"core.desk"})),
        Role(
            "approver",
            frozenset({"create", "edit", "review", "publish"}),
            frozenset({"core.desk"}),
        ),
        Role(
            "unit_admin",
            frozenset(VERBS),
            frozenset({"core.desk", "core.modules", "core.accounts", "core.audit"}),
        ),
        # Puts notices of danger above the pages of sites, and may do nothing else, not even look.
        Role("emergency_publisher", frozenset({"announce"}), frozenset()),
        Role("platform_admin", frozenset({*VERBS, "announce"}), frozenset(CORE)),
    )
}


class Grant(NamedTuple):
    """A role somebody holds: in one unit (None: in all of them), in one section ('': in all)."""

    role: str
    unit_id: int | None
    section: str = ""


class Permissions:
    """Every declared permission of this application."""

    def __init__(self) -> None:
        self._names = set(CORE)

    def declare(self, names: Iterable[str]) -> None:
        """Add the permissions of a plugin's manifest."""
        self._names.update(names)

    def check_known(self, permission: str) -> None:
        """Raise :class:`UnknownPermission` unless the permission was declared."""
        if permission not in self._names:
            raise UnknownPermission(f"permission {permission!r} is declared by no manifest")

    def all(self) -> list[str]:
        """Return every declared permission, sorted."""
        return sorted(self._names)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with its grants of today, or the system itself."""

    account_id: int | None
    name: str
    grants: frozenset[Grant] = frozenset()
    is_system: bool = False
    #: Accounts whose approvals the actor takes over today, by id, with their names.
    deputises: Mapping[int, str] = field(default_factory=dict, hash=False)
    #: Those of the grants that are only lent, and the accounts that lend each.
    lent: Mapping[Grant, frozenset[int]] = field(default_factory=dict, hash=False)

    def can(self, permission: str, unit_id: int | None) -> bool:
        """Say whether the actor holds ``permission`` in a unit (None: on the whole platform)."""
        if self.is_system:
            return True
        section, _, verb = permission.rpartition(".")
        for name, granted, part in self.grants:
            role = ROLES.get(name)
            if role is None or granted not in (None, unit_id):
                continue
            if section != "core":
                allowed = verb in role.verbs and part in ("", section)
            else:
                # Whoever works in one section enters the desk; the unit's affairs are not theirs.
                allowed = permission == OWN or (
                    permission in role.core and (not part or permission == "core.desk")
                )
            if allowed:
                return True
        return False

    def demand(self, permission: str, unit_id: int | None) -> None:
        """Raise :class:`PermissionDenied` unless the actor holds ``permission`` in the unit."""
        if not self.can(permission, unit_id):
            raise PermissionDenied(f"{self.name} lacks {permission} in unit {unit_id}")

    def only_through(self, permission: str, unit_id: int | None) -> frozenset[int]:
        """Return those for whom the actor stands in and without whom they would lack a permission.

        Nobody has their own text approved with a right they lent themselves.
        """
        return frozenset(
            lender
            for lender in self.deputises
            if self.can(permission, unit_id) and not self._without(lender).can(permission, unit_id)
        )

    def _without(self, lender: int) -> Actor:
        kept = frozenset(g for g in self.grants if self.lent.get(g, frozenset()) != {lender})
        return Actor(self.account_id, self.name, kept)

    def unit_ids(self) -> frozenset[int] | None:
        """Return the units the actor has a role in; None = all of them."""
        if self.is_system or any(grant.unit_id is None for grant in self.grants):
            return None
        return frozenset(g.unit_id for g in self.grants if g.unit_id is not None)


#: The platform itself: commands, imports and jobs act as it.
SYSTEM: Final = Actor(None, "system", is_system=True)

#: Whoever sends a form of the public site; may do nothing else.
VISITOR: Final = Actor(None, "visitor")

#: Whoever tries to get in at the desk; who it is, nobody knows yet.
STRANGER: Final = Actor(None, "stranger")

#: Attribute in which a view function carries its declared access.
ACCESS = "__hoitu_access__"
PUBLIC: Final = "public"
PERSON, PROVED_PERSON = "person", "person of level 2"
#: Level of the account that views for people ask for.
PERSON_LEVELS: Final[Mapping[str, int]] = {PERSON: 1, PROVED_PERSON: 2}


def public(view: F) -> F:
    """Declare that anyone may call this view. A route without a declaration stops the start."""
    setattr(view, ACCESS, PUBLIC)
    return view


def for_person(view: F) -> F:
    """Declare that whoever signed in as a citizen, business or organisation may call this view.

    It is for their own things only; no role of staff opens it.
    """
    setattr(view, ACCESS, PERSON)
    return view


def for_proved_person(view: F) -> F:
    """Declare that whoever signed in with an account of level 2 may call this view.

    Whoever signed in with level 1 is led to sign in higher, and comes back.
    """
    setattr(view, ACCESS, PROVED_PERSON)
    return view


def requires(permission: str) -> Callable[[F], F]:
    """Declare that a view needs ``permission`` in the unit whose site is addressed."""

    def mark(view: F) -> F:
        setattr(view, ACCESS, permission)
        return view

    return mark
