"""People of the unit: their accounts and roles, what they may do, and the work that is theirs."""

from __future__ import annotations

from hoitu.core.admin.people import accounts, administrators, person, report, roles

__all__ = ["accounts", "administrators", "person", "report", "roles"]
