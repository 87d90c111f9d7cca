"""The audit log: nothing is changed, removed or inserted without the chain saying where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hoitu.core.access import SYSTEM, Actor, audit
from hoitu.core.access.audit import AuditEntry
from hoitu.core.extensions import Platform

pytestmark = pytest.mark.both_databases

ENTRIES = 6


@pytest.fixture
def session(platform: Platform) -> Iterator[Session]:
    with platform.open_session(True) as opened:
        for number in range(ENTRIES):
            audit.record(
                opened,
                Actor(number, f"Nguyễn Văn {number}"),
                "item.edit",
                object_type="legal_document",
                object_id=number,
                unit_id=2,
                now=platform.clock.now(),
                detail={"title": "Kế hoạch “389”", "version": number, "list": [1, 2.5, None]},
            )
        opened.commit()
        yield opened


def ids(session: Session) -> list[int]:
    return list(session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)))


def test_an_untouched_log_is_whole(session: Session) -> None:
    verdict = audit.verify(session)
    last = session.scalars(select(AuditEntry.hash).order_by(AuditEntry.id.desc())).first()
    assert (verdict.entries, verdict.broken_id, verdict.head) == (ENTRIES, None, last)
    session.expire_all()
    assert audit.verify(session) == verdict


CHANGES: dict[str, Any] = {
    "at": datetime.fromisoformat("2020-01-01T00:00:00+00:00"),
    "account_id": 99,
    "actor": "Người khác",
    "unit_id": 3,
    "action": "item.delete",
    "object_type": "news_article",
    "object_id": "77",
    "detail": {"title": "Kế hoạch “390”", "version": 2, "list": [1, 2.5, None]},
    "previous": "0" * 64,
    "hash": "0" * 64,
}


def test_every_column_but_the_key_is_sealed() -> None:
    assert set(CHANGES) == set(AuditEntry.__table__.columns.keys()) - {"id"}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_entry_is_named(session: Session, column: str) -> None:
    third = ids(session)[2]
    session.execute(
        update(AuditEntry).where(AuditEntry.id == third).values({column: CHANGES[column]})
    )
    session.commit()
    session.expire_all()
    verdict = audit.verify(session)
    assert (verdict.broken_id, verdict.entries) == (third, 2)


def test_after_a_removed_entry_the_next_one_is_named(session: Session) -> None:
    every = ids(session)
    session.execute(delete(AuditEntry).where(AuditEntry.id == every[2]))
    session.commit()
    assert audit.verify(session).broken_id == every[3]


def test_who_rewrites_the_end_is_found_by_the_kept_head(session: Session) -> None:
    """A chain cannot see its own last entry go: that is what the printed head is for."""
    head = audit.verify(session).head
    session.execute(delete(AuditEntry).where(AuditEntry.id == ids(session)[-1]))
    session.commit()
    verdict = audit.verify(session)
    assert verdict.broken_id is None
    assert verdict.head != head


def test_an_entry_goes_back_with_the_change_it_records(
    session: Session, platform: Platform
) -> None:
    audit.record(
        session, SYSTEM, "unit.import", object_type="unit", object_id="", unit_id=None,
        now=platform.clock.now(),
    )  # fmt: skip
    session.rollback()
    assert len(ids(session)) == ENTRIES
    assert audit.verify(session).broken_id is None


def test_the_command_names_the_entry(session: Session, hoitu: Callable[..., Any]) -> None:
    whole = hoitu("audit", "verify")
    assert whole.exit_code == 0
    assert f"{ENTRIES} entries, unbroken" in whole.output
    assert audit.verify(session).head in whole.output
    session.execute(
        update(AuditEntry).where(AuditEntry.id == ids(session)[0]).values(actor="Người khác")
    )
    session.commit()
    broken = hoitu("audit", "verify")
    assert broken.exit_code == 1
    assert f"Entry {ids(session)[0]} does not fit" in broken.output
    doctor = hoitu("doctor")
    assert doctor.exit_code == 1
    assert f"audit log: entry {ids(session)[0]} was changed" in doctor.output
