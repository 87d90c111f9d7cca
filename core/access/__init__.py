"""Access: accounts, roles per unit, permissions (deny by default) and the audit log."""

from __future__ import annotations

from hoitu.core.access import accounts, audit
from hoitu.core.access.models import Account, Deputy, RoleGrant
from hoitu.core.access.permissions import (
    PUBLIC,
    ROLES,
    SYSTEM,
    VERBS,
    VISITOR,
    Actor,
    Grant,
    PermissionDenied,
    Permissions,
    UnknownPermission,
    public,
    requires,
)
from hoitu.core.access.staff import staff_of

__all__ = [
    "PUBLIC",
    "ROLES",
    "SYSTEM",
    "VERBS",
    "VISITOR",
    "Account",
    "Actor",
    "Deputy",
    "Grant",
    "PermissionDenied",
    "Permissions",
    "RoleGrant",
    "UnknownPermission",
    "accounts",
    "audit",
    "public",
    "requires",
    "staff_of",
]
