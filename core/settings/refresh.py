"""Keeping the configuration in memory as new as the database's."""

from __future__ import annotations

from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoitu.core import clock, stamp
from hoitu.core.extensions import Platform
from hoitu.core.kept import LIFE, Kept, State
from hoitu.core.plugin import PluginRow, PluginState

_reading = Lock()


def refresh(platform: Platform, session: Session) -> Kept:
    """Read units, switches, settings and plugin states anew if their stamp moved: one statement.

    A new day counts as a change: names, host names and choices begin and end by the calendar.
    Return what is kept of the state that the session sees.
    """
    configuration, content = stamp.read(session)
    now = platform.clock.now()
    current = configuration, clock.local(now).date()
    if current != platform.stamp:
        with _reading:
            # Another thread may have read it meanwhile.
            if current != platform.stamp:
                platform.units.reload(session)
                platform.settings.reload(session)
                _withdraw_plugins(platform, session)
                platform.switchboard.reload(session)
                platform.stamp = current
    state = State(configuration, content, current[1])
    kept = platform.kept
    if not kept.holds(state, now):
        kept = platform.kept = Kept(state, now + LIFE)
    return kept


def _withdraw_plugins(platform: Platform, session: Session) -> None:
    """Take out of use what another process has quarantined or retired."""
    gone = (PluginState.QUARANTINED, PluginState.RETIRED)
    for row in session.scalars(select(PluginRow).where(PluginRow.state.in_(gone))):
        if platform.plugins.is_active(row.name):
            platform.plugins.withdraw(row.name, PluginState(row.state), row.reason)
