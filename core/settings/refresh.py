"""Keeping the configuration in memory as new as the database's."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoitu.core import stamp
from hoitu.core.extensions import Platform
from hoitu.core.plugin import PluginRow, PluginState


def refresh(platform: Platform, session: Session) -> None:
    """Read units, switches, settings and plugin states anew if the stamp moved: one statement."""
    current = stamp.read(session)
    if current == platform.stamp:
        return
    platform.units.reload(session)
    platform.settings.reload(session)
    _withdraw_plugins(platform, session)
    platform.switchboard.reload(session)
    platform.stamp = current


def _withdraw_plugins(platform: Platform, session: Session) -> None:
    """Take out of use what another process has quarantined or retired."""
    gone = (PluginState.QUARANTINED, PluginState.RETIRED)
    for row in session.scalars(select(PluginRow).where(PluginRow.state.in_(gone))):
        if platform.plugins.is_active(row.name):
            platform.plugins.withdraw(row.name, PluginState(row.state), row.reason)
