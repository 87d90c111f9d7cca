"""Writing the mails: one for each notice, or one with all of a day."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from hoitu.core.events import Event
from hoitu.core.extensions import platform, session
from hoitu.core.mail import WORK, link, post
from hoitu.plugins.work_notices.notices import Notice, notices_of


def tell_at_once(event: Event) -> None:
    """Write to those who want each notice; told of the same step again, nobody gets it again."""
    # A worker has no request, and so the language of the platform: that of all mails.
    for notice in notices_of(event):
        if notice.account.notices == "each":
            write([notice], notice.line, notice.key)


def write(notices: Sequence[Notice], subject: str, key: str) -> None:
    """Queue one mail about these notices to whom the first of them is for."""
    account, unit = notices[0].account, notices[0].unit
    now, today = platform.clock.now(), platform.clock.today()
    parts = [_("Hello %(name)s,", name=account.name)]
    several = len({notice.unit.id for notice in notices}) > 1
    for notice in notices:
        place = f"[{notice.unit.short_name(today)}] " if several else ""
        lines = [f"{place}{notice.line}", *notice.told]
        lines.append(link(notice.unit, "desk.edit", type_name=notice.type, item_id=notice.item_id))
        parts.append("\n".join(lines))
    named = subject if several else f"[{unit.short_name(today)}] {subject}"
    post(session(), account, named, "\n\n".join(parts), now, why=WORK, unit=unit, key=key)
