"""Effective rights: what somebody may do in each section of the unit, and where that comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from hoitu.core.access import ROLES, Account, Actor, accounts, staff_of
from hoitu.core.access.accounts import Origin
from hoitu.core.admin import work
from hoitu.core.admin.people.roles import section_label, sections
from hoitu.core.clock import format_date
from hoitu.core.content import ContentType, actions
from hoitu.core.extensions import platform, session
from hoitu.core.web.site import today

#: What can be done with the content of a section, in the order of the workflow.
VERBS: Final[Mapping[str, Any]] = {
    "create": lazy_gettext("Begin"),
    "edit": lazy_gettext("Write"),
    "review": lazy_gettext("Check"),
    "publish": lazy_gettext("Approve and publish"),
    "delete": lazy_gettext("Throw away"),
}
#: The roles in a few words.
SHORT: Final[Mapping[str, Any]] = {
    "editor": lazy_gettext("Editor"),
    "reviewer": lazy_gettext("Reviewer"),
    "approver": lazy_gettext("Approver"),
    "unit_admin": lazy_gettext("Administrator of the unit"),
    "emergency_publisher": lazy_gettext("Publisher of emergency banners"),
    "platform_admin": lazy_gettext("Administrator of the platform"),
}


@dataclass(frozen=True, slots=True)
class SectionRights:
    """What one person may do in one section, and by which roles."""

    name: str
    title: str
    verbs: frozenset[str]
    #: Those of the verbs that hold for drafts of one's own only.
    own: frozenset[str]
    sources: Sequence[str]

    def told(self, verb: str) -> str:
        """Return in words whether the person may do something here."""
        if verb in self.own:
            return str(_("own drafts only"))
        return str(_("yes") if verb in self.verbs else _("no"))


@dataclass(frozen=True, slots=True)
class Gap:
    """A section in which nobody of the unit can write, or nobody can publish."""

    title: str
    lacks: Sequence[str]


def rights_of(account: Account, actor: Actor) -> list[SectionRights]:
    """Return what an account may do today in every section that is on here."""
    held = [
        one for one in accounts.origins(account, today()) if one.grant.unit_id in (None, g.unit.id)
    ]
    context, found = work.context(), []
    for name, title in sections().items():
        kinds = platform.types.of_section(name)
        reach = {v: {actions.reach(context, actor, kind, v) for kind in kinds} for v in VERBS}
        verbs = {verb for verb, texts in reach.items() if texts & {"all", "own"}}
        own = frozenset(verb for verb in verbs if "all" not in reach[verb])
        giving = [
            one for one in held
            if one.grant.section in ("", name) and ROLES[one.grant.role].verbs & verbs
        ]  # fmt: skip
        found.append(
            SectionRights(name, title, frozenset(verbs), own, [_source(one) for one in giving])
        )
    return found


def gaps(staff: Sequence[tuple[Account, Actor]]) -> list[Gap]:
    """Return the sections in which what is needed to publish is nobody's role here."""
    needed = (("edit", _("nobody who writes")), ("publish", _("nobody who approves")))
    found = []
    for name, title in sections().items():
        kinds = platform.types.of_section(name)
        lacks = [str(told) for verb, told in needed if kinds and not _anybody(staff, kinds, verb)]
        if lacks:
            found.append(Gap(title, lacks))
    return found


def _anybody(
    staff: Sequence[tuple[Account, Actor]], kinds: Sequence[ContentType], verb: str
) -> bool:
    return any(
        actor.can(kind.permission(verb), g.unit.id) for _account, actor in staff for kind in kinds
    )


def staff_here() -> list[tuple[Account, Actor]]:
    """Return the people of the unit, as they are today."""
    return staff_of(session(), g.unit.id, today())


def _source(origin: Origin) -> str:
    """Return where a right comes from, in words."""
    parts = [str(SHORT[origin.grant.role])]
    if origin.grant.section:
        parts.append(
            _("only in the section %(section)s", section=section_label(origin.grant.section))
        )
    if origin.instead_of is not None:
        parts.append(_("in the place of %(name)s", name=origin.name))
    if origin.until is not None:
        parts.append(_("until %(day)s", day=format_date(origin.until)))
    return ", ".join(parts)
