"""The jobs: who is due, one mail for each of them and site, and what is no longer needed.

A mail is queued in the transaction that notes up to which instant its reader has been told. Both
are kept or neither: a worker that dies leaves everything as it was, and nothing is told twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select

from hoitu.core.clock import ZONE, local
from hoitu.core.content import Item
from hoitu.core.events import Event
from hoitu.core.extensions import platform, session
from hoitu.core.jobs import Job, JobContext, enqueue
from hoitu.core.mail import MailRefused, post_composed, withdraw
from hoitu.core.units import Unit
from hoitu.plugins.subscriptions import letters, news
from hoitu.plugins.subscriptions.models import (
    AT_ONCE,
    FREQUENCIES,
    WEEKLY,
    Announcement,
    Reader,
    Subscription,
)
from hoitu.plugins.subscriptions.settings import SubscriptionSettings
from hoitu.plugins.subscriptions.targets import Target

#: How often it is looked who is due; what is new within that time comes in one mail.
EVERY: Final = timedelta(minutes=10)
#: After refusals on so many days an address is written to no more.
REFUSALS: Final = 3
#: How long a dissolved unit, and an address that takes no mail, may still come back.
DISSOLVED, PAUSED = timedelta(days=30), timedelta(days=90)
#: Whoever asked just now is not forgotten: what they follow may not be committed yet.
_JUST_NOW: Final = timedelta(hours=1)
#: Most addresses that are forgotten in one round.
_ROUND: Final = 1000
_WRITE: Final = "subscriptions.write"
_MONDAY: Final = 0


def until(frequency: str, hour: int, now: datetime) -> datetime:
    """Return up to which instant readers with this frequency are to have been told by now."""
    settled = now - news.SETTLED
    if frequency == AT_ONCE:
        return settled
    there = local(settled)
    last = datetime.combine(there.date(), time(hour), ZONE)
    if last > there:
        last -= timedelta(days=1)
    if frequency == WEEKLY:
        last -= timedelta(days=(last.weekday() - _MONDAY) % 7)
    return last


def _collect(context: JobContext) -> None:
    """Queue a mail for everybody for whom something may be new."""
    now, confirmed = context.clock.now(), Subscription.confirmed_at.is_not(None)
    followed = select(Subscription.unit_id).where(confirmed).distinct()
    for unit_id in context.session.scalars(followed).all():
        for reader_id in sorted(_due_at(context, unit_id, now)):
            payload = {"unit_id": unit_id, "reader_id": reader_id}
            key = f"{_WRITE}#{unit_id}#{reader_id}"
            enqueue(context.session, _WRITE, payload, run_at=now, dedupe=key)


def _due_at(context: JobContext, unit_id: int, now: datetime) -> set[int]:
    unit = platform.units.by_id(unit_id)
    if unit is None or not writes(unit):
        return set()
    hour = platform.settings.of(SubscriptionSettings, unit).hour
    due: set[int] = set()
    for frequency in FREQUENCIES:
        due.update(context.session.scalars(_due(unit_id, frequency, until(frequency, hour, now))))
    return due


def writes(unit: Unit) -> bool:
    """Say whether a unit writes to readers: it exists, has a site, and has not switched it off."""
    exists_now = unit.has_site and unit.exists_on(platform.clock.today())
    return exists_now and platform.settings.of(SubscriptionSettings, unit).on


def _due(unit_id: int, frequency: str, moment: datetime) -> Select[int]:
    """Return who has not been told up to a moment, if anything was announced since."""
    is_of = (
        news.between(Subscription.told_until, moment),
        or_(Subscription.wide.is_(True), Announcement.unit_id == Subscription.unit_id),
        Subscription.section.in_(("", Announcement.section)),
        Subscription.type.in_(("", Announcement.type)),
    )
    return (
        select(Subscription.reader_id)
        .join(Reader)
        .where(
            Subscription.unit_id == unit_id,
            Subscription.frequency == frequency,
            Subscription.confirmed_at.is_not(None),
            Subscription.told_until < moment,
            Reader.paused_at.is_(None),
            exists(select(Announcement.item_id).where(*is_of)),
        )
        .distinct()
    )


def _write(context: JobContext) -> None:
    """Queue the mail of one reader of one site, if anything is new of what they follow there."""
    payload, opened = context.payload, context.session
    unit = platform.units.by_id(payload["unit_id"])
    reader = opened.get(Reader, payload["reader_id"])
    if unit is None or reader is None or reader.paused_at is not None or not writes(unit):
        return
    chapters: list[tuple[Subscription, list[Item]]] = []
    told: set[int] = set()
    for followed, moment in list(_to_tell(reader, unit, context.clock.now())):
        items = [item for item in _new(context, followed, unit, moment) if item.id not in told]
        told.update(item.id for item in items)
        followed.told_until = moment
        if items:
            chapters.append((followed, items))
    if chapters:
        composed = letters.news(reader, unit, chapters)
        post_composed(opened, reader.address, composed, context.clock.now())


def _to_tell(reader: Reader, unit: Unit, now: datetime) -> Iterator[tuple[Subscription, datetime]]:
    """Yield what somebody follows on a site that is due, and up to when it is to be told."""
    hour = platform.settings.of(SubscriptionSettings, unit).hour
    for followed in reader.subscriptions:
        if followed.unit_id == unit.id and followed.confirmed_at is not None:
            moment = until(followed.frequency, hour, now)
            if followed.told_until < moment:
                yield followed, moment


def _new(context: JobContext, followed: Subscription, unit: Unit, moment: datetime) -> list[Item]:
    """Return the items of one subscription to tell, newest first.

    What is older than the subscription is not: old texts may be brought in at any time.
    """
    since, begun = followed.told_until, followed.confirmed_at
    sites = [u.id for u in platform.units.sites()] if followed.wide else [unit.id]
    target = Target.of(followed)
    return [
        item
        for item, _due_at in news.announced(
            context.session, sites, since, moment, with_text=bool(target.words)
        )
        if begun
        and item.published_from
        and item.published_from >= begun
        and target.fits(item, unit)
    ]


def note_refusal(event: Event) -> None:
    """Count the days on which mails to an address were refused for good; stop after several."""
    if not isinstance(event, MailRefused) or not event.mark.startswith("subscriptions:"):
        return
    reader = session().get(Reader, int(event.mark.partition(":")[2]))
    today = platform.clock.today()
    if reader is None or reader.refused_on == today:
        return
    # A refusal long ago says nothing of today.
    recent = reader.refused_on is not None and today - reader.refused_on <= timedelta(days=30)
    reader.refusals = reader.refusals + 1 if recent else 1
    reader.refused_on = today
    if reader.refusals >= REFUSALS:
        reader.paused_at = platform.clock.now()
    session().flush()


def _tidy(context: JobContext) -> None:
    """Forget who never confirmed or cannot be told any more."""
    now, opened = context.clock.now(), context.session
    opened.execute(delete(Subscription).where(_is_over(now)))
    alone = ~exists(select(Subscription.id).where(Subscription.reader_id == Reader.id))
    chosen = select(Reader).where(alone, Reader.created_at < now - _JUST_NOW).limit(_ROUND)
    # Whoever is asking at this instant holds the row, or waits for it and begins anew.
    readers = opened.scalars(chosen.with_for_update(skip_locked=True)).all()
    for reader in readers:
        withdraw(opened, reader.address)
    forgotten = Reader.id.in_([reader.id for reader in readers])
    opened.execute(delete(Reader).where(forgotten, alone))


def _is_over(now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody is told by a subscription any more."""
    long_ago = local(now).date() - DISSOLVED
    dissolved = [u.id for u in platform.units.all() if u.valid_until and u.valid_until < long_ago]
    paused = select(Reader.id).where(Reader.paused_at < now - PAUSED)
    confirmed = Subscription.confirmed_at.is_not(None)
    return or_(
        and_(~confirmed, Subscription.confirm_until < now),
        and_(confirmed, Subscription.reader_id.in_(paused)),
        Subscription.unit_id.in_(dissolved),
    )


JOBS: Final = (
    Job("collect", _collect, every=EVERY),
    Job("write", _write),
    Job("tidy", _tidy, every=timedelta(hours=1)),
)
