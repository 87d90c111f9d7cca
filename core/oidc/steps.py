"""Steps of a sign-in that lie in the database while a browser is elsewhere.

Both a token in the address and one in a cookie are needed to go on; of either only the hash is
kept, and what the next step needs is sealed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ForeignKey, String, Text, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core.db import Base
from hoitu.core.sealing import Seal, SealBroken
from hoitu.core.tokens import hash_of, new_token

#: How long somebody may take at the provider, and how long the way back to their site may take.
AT_PROVIDER, HANDOVER = "provider", "handover"
HOLDS: Final[Mapping[str, timedelta]] = {
    AT_PROVIDER: timedelta(minutes=15),
    HANDOVER: timedelta(minutes=1),
}
_PURPOSE: Final = "login_step"


class LoginStep(Base):
    """A sign-in under way: at the provider, or on the way back to the site it began on."""

    __tablename__ = "login_step"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_hash: Mapped[str] = mapped_column(String(64))
    #: Who signs in, and how far they are: ``person provider``, ``staff handover``.
    stage: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kept_sealed: Mapped[str] = mapped_column(Text, info={"sealed": _PURPOSE})
    expires_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Stage:
    """Who signs in (``person``, ``staff``), and how far they are."""

    who: str
    place: str

    def __str__(self) -> str:
        """Return how it is kept."""
        return f"{self.who} {self.place}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: for which unit's site it is, and what is kept for the next one."""

    unit_id: int
    kept: Mapping[str, Any]


def leave(
    session: Session, seal: Seal, now: datetime, stage: Stage, step: Step, *, browser: str,
    token: str = "",
) -> str:  # fmt: skip
    """Keep what the next step needs; return the token that takes it up. The caller commits.

    ``browser`` is the hash of the token in the browser's cookie.
    """
    token = token or new_token()
    session.add(
        LoginStep(
            token_hash=hash_of(token), browser_hash=browser, stage=str(stage),
            unit_id=step.unit_id, kept_sealed=seal.lock(json.dumps(dict(step.kept)), _PURPOSE),
            expires_at=now + HOLDS[stage.place],
        )
    )  # fmt: skip
    return token


def take_up(
    session: Session, seal: Seal, now: datetime, stage: Stage, *, token: str, browser: str
) -> Step | None:
    """Return a step that was left, once; None when there is none for this token and browser.

    Somebody else's browser uses nothing up. The caller commits.
    """
    found = session.execute(
        delete(LoginStep)
        .where(
            LoginStep.token_hash == hash_of(token),
            LoginStep.browser_hash == browser,
            LoginStep.stage == str(stage),
            LoginStep.expires_at > now,
        )
        .returning(LoginStep.unit_id, LoginStep.kept_sealed)
    ).one_or_none()
    if found is None:
        return None
    try:
        return Step(found.unit_id, json.loads(seal.open(found.kept_sealed, _PURPOSE)))
    except SealBroken:
        return None


def forget_old(session: Session, now: datetime) -> None:
    """Delete steps nobody took up in time. The caller commits."""
    session.execute(delete(LoginStep).where(LoginStep.expires_at < now))
