"""The job that asks the addresses editors keep whether they still answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from hoitu.core.care import Checker, NotAsked, is_sample, public_only
from hoitu.core.clock import local
from hoitu.core.content import queries
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job, JobContext
from hoitu.core.units import holds
from hoitu.sections.links.models import LinkHealth, PortalLink

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
#: No link is asked more often.
PAUSE = timedelta(hours=6)
#: Links of one run, how many are asked at a time, and the seconds all of them have.
BATCH, AT_A_TIME, BUDGET = 40, 8, 90
#: What an installation without a network finds of every address.
UNREACHABLE = frozenset({"name", "connection", "timeout"})


def make_checker() -> Checker:
    """Return the checker of this platform."""
    hosts = {host.name.lower() for unit in platform.units.sites() for host in unit.hosts}
    return Checker(public_only(hosts))


def check_links(context: JobContext) -> None:
    """Ask the links that were not asked for longest, and note what was found.

    The addresses are read in a session of their own that is closed before anybody is asked: slow
    sites must not keep others from writing.
    """
    now = context.clock.now()
    with platform.open_session(False) as reading:
        links = {link.id: (link.unit_id, link.url) for link in _due(reading, now)}
    found = _asked({link_id: url for link_id, (_unit_id, url) in links.items()})
    if len(found) > 1 and UNREACHABLE.issuperset(found.values()):
        log.warning("no link answered; that is not held against them, it may be our own fault")
        found = {}
    for link_id, (unit_id, url) in links.items():
        health = context.session.get(LinkHealth, link_id)
        if health is None:
            health = LinkHealth(link_id=link_id, unit_id=unit_id)
            context.session.add(health)
        if link_id in found:
            health.note(url, found[link_id], now)
        # Also where nothing is known: whoever was taken stands at the end of the queue.
        health.checked_at = now


def _due(session: Any, now: datetime) -> list[PortalLink]:
    sections = platform.switchboard.section_on
    on = [unit.id for unit in platform.units.sites() if sections(unit, "links")]
    chosen = (
        select(PortalLink)
        .outerjoin(LinkHealth, LinkHealth.link_id == PortalLink.id)
        .where(
            queries.is_public(now),
            PortalLink.unit_id.in_(on),
            or_(LinkHealth.checked_at.is_(None), LinkHealth.checked_at <= now - PAUSE),
        )
        .order_by(LinkHealth.checked_at.asc().nulls_first(), PortalLink.id)
    )
    shown = (link for link in session.scalars(chosen) if holds(link, local(now).date()))
    return [link for link in shown if not is_sample(link.url)][:BATCH]


def _asked(addresses: Mapping[int, str]) -> dict[int, str]:
    """Return the problem of each address, '' for none; those that may not be asked are left out."""
    checker, found = make_checker(), dict[int, str]()
    pool = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="hoitu-links")
    asked = {pool.submit(checker.check, url): link_id for link_id, url in addresses.items()}
    done, late = wait(asked, timeout=BUDGET)
    pool.shutdown(wait=False, cancel_futures=True)
    found |= {asked[future]: "timeout" for future in late if not future.cancelled()}
    for future in done:
        error = future.exception()
        if error is None:
            found[asked[future]] = future.result()
        elif not isinstance(error, NotAsked):
            log.error("%s was not checked", addresses[asked[future]], exc_info=error)
    return found


JOBS = [Job("check_links", check_links, every=EVERY)]
