"""Mail: what the platform writes to people, sent by a job and never in a request."""

from __future__ import annotations

from hoitu.core.mail.message import ACCOUNT, OPERATOR, REASONS, WORK, Composed, Letter
from hoitu.core.mail.posting import (
    JOB,
    JOBS,
    MailRefused,
    link,
    post,
    post_composed,
    told_until,
    withdraw,
)
from hoitu.core.mail.sending import MailError, examine, send

__all__ = [
    "ACCOUNT",
    "JOB",
    "JOBS",
    "OPERATOR",
    "REASONS",
    "WORK",
    "Composed",
    "Letter",
    "MailError",
    "MailRefused",
    "examine",
    "link",
    "post",
    "post_composed",
    "send",
    "told_until",
    "withdraw",
]
