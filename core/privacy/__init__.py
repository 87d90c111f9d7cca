"""Personal data by the law: what is kept, how long, who looked at it, how it is forgotten."""

from __future__ import annotations

from hoitu.core.privacy.breaches import JOBS as BREACH_JOBS
from hoitu.core.privacy.breaches import Breach, BreachStep
from hoitu.core.privacy.consents import AGREES, Consent, Consents
from hoitu.core.privacy.persons import (
    ErasureRefused,
    ExportIncomplete,
    PersonRecord,
    data_of,
    erase,
    items_of,
    may_withdraw,
    withdraw_consent,
)
from hoitu.core.privacy.register import Held, entries
from hoitu.core.privacy.retention import JOBS as RETENTION_JOBS
from hoitu.core.privacy.viewing import JOBS as VIEW_JOBS
from hoitu.core.privacy.viewing import PersonalView

#: Everything that runs by the clock.
JOBS = (*RETENTION_JOBS, *VIEW_JOBS, *BREACH_JOBS)

__all__ = [
    "AGREES",
    "JOBS",
    "Breach",
    "BreachStep",
    "Consent",
    "Consents",
    "ErasureRefused",
    "ExportIncomplete",
    "Held",
    "PersonRecord",
    "PersonalView",
    "data_of",
    "entries",
    "erase",
    "items_of",
    "may_withdraw",
    "withdraw_consent",
]
