"""The nightly round: every address that public texts lead to is asked whether it still answers.

Addresses are collected by day and asked at night, those not asked for longest first, in slices that
end within seconds, so that other work has its turn. A round that is cut short goes on where it
stopped: what was found is kept slice by slice. No site is asked twice at once, or often in a row.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from threading import Event
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hoitu.core import clock
from hoitu.core.care.checking import Checker, NotAsked, is_sample, public_only
from hoitu.core.care.models import APART, UNKNOWN, LinkCheck
from hoitu.core.content import Item, ItemLink
from hoitu.core.content.item import PUBLISHED
from hoitu.core.content.linked import URL, key_of
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job, JobContext, Postponed, enqueue
from hoitu.core.units import all_units

log = logging.getLogger(__name__)

#: Hours of the day between which addresses are asked.
BEGIN, END = 22, 6
#: Addresses of one slice, sites asked at a time, and the seconds all of them have.
SLICE, AT_A_TIME, BUDGET = 40, 8, 45
#: Addresses of one site in a slice, and the seconds between two of them.
PER_SITE, BREATH = 5, 1.0
#: Full name of the job that asks one address at once.
ASK: Final = "core.ask_link"
#: When the next slice begins; other jobs that are due come first.
NEXT: Final = timedelta(seconds=1)
#: Rows that are written or deleted in one statement.
CHUNK = 500
#: What an installation without a network finds of every address.
UNREACHABLE = frozenset({"name", "connection", "timeout"})


def make_checker() -> Checker:
    """Return the checker of this platform: public addresses, and its own sites."""
    hosts = {host.name.lower() for unit in platform.units.sites() for host in unit.hosts}
    return Checker(public_only(hosts))


def check_links(context: JobContext) -> None:
    """Collect by day, ask one slice by night.

    :raises Postponed: it is day, or there is more to ask.
    """
    now = context.clock.now()
    if not is_night(now):
        collect(now)
        raise Postponed(_until_night(now))
    due = _due(now)
    if not due:
        collect(now)
        due = _due(now)
    if due:
        keep(_trusted(ask(due), now), now)
        raise Postponed(NEXT)


def ask_soon(session: Session, key: str, now: datetime) -> None:
    """Queue that the address with this key is asked now, once however often it is wanted.

    The caller commits.
    """
    enqueue(session, ASK, {"key": key}, run_at=now, dedupe=f"{ASK}#{key}")


def _ask_one(context: JobContext) -> None:
    with platform.open_session(False) as reading:
        of_key = select(LinkCheck.url).where(LinkCheck.key == context.payload["key"])
        url = reading.scalar(of_key)
    # It may have been forgotten meanwhile, when no public text leads there any more.
    if url is not None:
        keep(ask([url]), context.clock.now())


def is_night(now: datetime) -> bool:
    """Say whether it is the time at which addresses are asked."""
    hour = clock.local(now).hour
    return hour >= BEGIN or hour < END


def collect(now: datetime) -> None:
    """Take in the addresses that public texts lead to, and forget those none leads to any more."""
    with platform.open_session(False) as reading, all_units("links of all units"):
        chosen = (
            select(ItemLink.url)
            .join(Item, (Item.id == ItemLink.item_id) & (Item.unit_id == ItemLink.unit_id))
            .where(ItemLink.kind == URL, ItemLink.waiting.is_(False), Item.state == PUBLISHED)
            .distinct()
        )
        wanted = {key_of(url): url for url in reading.scalars(chosen)}
        known = set(reading.scalars(select(LinkCheck.key)))
    for part in _chunks(sorted(wanted.keys() - known)):
        with platform.open_session(True) as session:
            session.add_all(LinkCheck(key=key, url=wanted[key]) for key in part)
            session.commit()
    for part in _chunks(sorted(known - wanted.keys())):
        with platform.open_session(True) as session:
            session.execute(delete(LinkCheck).where(LinkCheck.key.in_(part)))
            session.commit()


def ask(addresses: Iterable[str], checker: Checker | None = None) -> dict[str, str]:
    """Return what is wrong with each address, '' for nothing, ``UNKNOWN`` where nothing is known.

    Sites are asked side by side, the addresses of one site after another.
    """
    asking = checker or make_checker()
    sites: dict[str, list[str]] = defaultdict(list)
    for address in addresses:
        sites[urlsplit(address).hostname or ""].append(address)
    found: dict[str, str] = {address: UNKNOWN for part in sites.values() for address in part}
    stop = Event()
    pool = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="hoitu-links")
    asked = [pool.submit(_ask_site, asking, part, found, stop) for part in sites.values()]
    done, _late = wait(asked, timeout=BUDGET)
    stop.set()
    pool.shutdown(wait=False, cancel_futures=True)
    for future in done:
        if (error := future.exception()) is not None:
            log.error("a site was not checked", exc_info=error)
    # A copy: threads that are late may still write to the other.
    return dict(found)


def _ask_site(checker: Checker, addresses: list[str], found: dict[str, str], stop: Event) -> None:
    for position, address in enumerate(addresses):
        if stop.wait(BREATH if position else 0):
            return
        if is_sample(address):
            continue
        try:
            found[address] = checker.check(address)
        except NotAsked:
            continue


def keep(found: Mapping[str, str], now: datetime) -> None:
    """Write down what was found of addresses, in a transaction of its own."""
    with platform.open_session(True) as session:
        keys = [key_of(url) for url in found]
        for check in session.scalars(select(LinkCheck).where(LinkCheck.key.in_(keys))):
            check.note(found[check.url], now)
        session.commit()


def _due(now: datetime) -> list[str]:
    """Return the addresses of the next slice, those not asked for longest first."""
    chosen = (
        select(LinkCheck.url)
        .where(LinkCheck.checked_at.is_(None) | (LinkCheck.checked_at <= now - APART))
        .order_by(LinkCheck.checked_at.asc().nulls_first(), LinkCheck.key)
        .limit(SLICE * PER_SITE)
    )
    with platform.open_session(False) as reading:
        urls = list(reading.scalars(chosen))
    taken: list[str] = []
    of_site: dict[str, int] = defaultdict(int)
    for url in urls:
        host = urlsplit(url).hostname or ""
        if of_site[host] < PER_SITE and len(taken) < SLICE:
            of_site[host] += 1
            taken.append(url)
    return taken


def _trusted(found: dict[str, str], now: datetime) -> dict[str, str]:
    """Return what was found, unless nothing could be reached: that may be our own fault."""
    asked = {problem for problem in found.values() if problem != UNKNOWN}
    if not asked or not UNREACHABLE.issuperset(asked):
        return found
    with platform.open_session(False) as reading:
        if _answered_lately(reading, now):
            return found
    log.warning("none of the linked sites could be reached from here; no link was marked as broken")
    return dict.fromkeys(found, UNKNOWN)


def _answered_lately(session: Session, now: datetime) -> bool:
    """Say whether any address answered in this or the last round."""
    since = now - timedelta(days=1)
    answers = select(func.count(LinkCheck.key)).where(
        LinkCheck.problem.not_in([UNKNOWN, *UNREACHABLE]), LinkCheck.checked_at >= since
    )
    return bool(session.scalar(answers))


def _until_night(now: datetime) -> timedelta:
    local = clock.local(now)
    return local.replace(hour=BEGIN, minute=0, second=0, microsecond=0) - local


def _chunks(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


JOBS = (
    Job("check_links", check_links, every=timedelta(days=1)),
    Job("ask_link", _ask_one),
)
