"""What is known of the addresses that items lead to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core.db import Base

#: Nothing is known of it: it may not be asked, or the fault may be on our side.
UNKNOWN: Final = "unknown"
#: A site may be down for an evening. Only what fails again so much later is called broken.
APART: Final = timedelta(hours=20)


class LinkCheck(Base):
    """An address and whether it answered; the same for all units that lead to it."""

    __tablename__ = "link_check"
    __table_args__ = (
        # What is broken is little beside all that is asked.
        Index(
            "ix_link_check_broken",
            "broken_since",
            sqlite_where=text("broken_since is not null"),
            postgresql_where=text("broken_since is not null"),
        ),
    )

    #: Key of the address, as the links that lead to it have it (``linked.key_of``).
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(String(1000))
    #: Key of what was wrong when it was last asked; '' = it answered.
    problem: Mapped[str] = mapped_column(String(20), default="")
    checked_at: Mapped[datetime | None] = mapped_column(index=True)
    #: When it failed first, once it failed twice ``APART``; None = it is not called broken.
    broken_since: Mapped[datetime | None]

    def note(self, problem: str, now: datetime) -> None:
        """Take down what was found just now: '' for an answer, ``UNKNOWN``, or what was wrong."""
        failed_before = self.problem not in ("", UNKNOWN) and self.checked_at is not None
        if problem == "":
            self.problem, self.broken_since = "", None
        elif problem == UNKNOWN:
            # What was known before is still the best that is known.
            self.problem = self.problem if failed_before else UNKNOWN
        elif failed_before and self.broken_since is None:
            assert self.checked_at is not None
            self.problem = problem
            if now - self.checked_at < APART:
                # Too soon to count; the first failure stands.
                return
            self.broken_since = self.checked_at
        else:
            self.problem = problem
        self.checked_at = now
