"""What the section contributes to menu and home page."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.extensions import platform
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, covers, in_language
from hoitu.sections.topics.channels import running

#: Running topics on the home page.
SHOWN = 4


def menu() -> list[MenuEntry]:
    """Return the entry "Topics"."""
    title, requirement = _("Topics"), "topic_channels"
    return [MenuEntry(title, "topics.index", 70, requirement=requirement, under="outreach")]


def of_today(unit: Unit) -> list[Panel]:
    """Return the block of the topics that run today; none while none does."""
    if not platform.switchboard.section_on(unit, "topics", "topic_channels"):
        return []
    found = in_language(running(SHOWN))
    if not found:
        return []
    values = {"topics": found, "covers": covers({topic.id: topic.banner_alt for topic in found})}
    more = url_for("topics.index")
    return [Panel("topics", _("Topics"), "topics/panel.html", values, 70, more=more, place="side")]
