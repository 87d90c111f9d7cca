"""Access: accounts, roles per unit, permissions (deny by default) and the audit log."""

from __future__ import annotations

from hoitu.core.access import accounts, audit
from hoitu.core.access.models import Account, RoleGrant
from hoitu.core.access.permissions import (
    PUBLIC,
    ROLES,
    SYSTEM,
    VERBS,
    VISITOR,
    Actor,
    PermissionDenied,
    Permissions,
    UnknownPermission,
    public,
    requires,
)

__all__ = [
    "PUBLIC",
    "ROLES",
    "SYSTEM",
    "VERBS",
    "VISITOR",
    "Account",
    "Actor",
    "PermissionDenied",
    "Permissions",
    "RoleGrant",
    "UnknownPermission",
    "accounts",
    "audit",
    "public",
    "requires",
]
