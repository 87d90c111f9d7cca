"""People: citizens, businesses and organisations that sign in at the sites of the units.

They have nothing to do with the accounts of staff (``hoitu.core.access``): no table, no cookie and
no session is shared.
"""

from __future__ import annotations

from hoitu.core.people import contributions, identities, sessions
from hoitu.core.people.login import Known, LevelTooLow, LoginProvider
from hoitu.core.people.models import (
    BUSINESS,
    CITIZEN,
    ORGANISATION,
    Contribution,
    Identity,
    Person,
    PersonSession,
)
from hoitu.core.people.upkeep import JOBS

__all__ = [
    "BUSINESS",
    "CITIZEN",
    "JOBS",
    "ORGANISATION",
    "Contribution",
    "Identity",
    "Known",
    "LevelTooLow",
    "LoginProvider",
    "Person",
    "PersonSession",
    "contributions",
    "identities",
    "sessions",
]
