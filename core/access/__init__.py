"""Access: accounts, roles per unit, permissions (deny by default) and the audit log."""

from __future__ import annotations

from hoitu.core.access import accounts, audit, factors, invitations, passwords, sessions
from hoitu.core.access.models import (
    Account,
    AccountIdentity,
    AccountSession,
    Deputy,
    Passkey,
    RoleGrant,
)
from hoitu.core.access.permissions import (
    PERSON_LEVELS,
    PUBLIC,
    ROLES,
    STRANGER,
    SYSTEM,
    VERBS,
    VISITOR,
    Actor,
    Grant,
    PermissionDenied,
    Permissions,
    UnknownPermission,
    for_person,
    for_proved_person,
    public,
    requires,
)
from hoitu.core.access.staff import staff_of

__all__ = [
    "PERSON_LEVELS",
    "PUBLIC",
    "ROLES",
    "STRANGER",
    "SYSTEM",
    "VERBS",
    "VISITOR",
    "Account",
    "AccountIdentity",
    "AccountSession",
    "Actor",
    "Deputy",
    "Grant",
    "Passkey",
    "PermissionDenied",
    "Permissions",
    "RoleGrant",
    "UnknownPermission",
    "accounts",
    "audit",
    "factors",
    "for_person",
    "for_proved_person",
    "invitations",
    "passwords",
    "public",
    "requires",
    "sessions",
    "staff_of",
]
