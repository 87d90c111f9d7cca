"""Entries of the log as sentences: who did what with which thing, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final, cast

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoitu.core import clock, numbers, text
from hoitu.core.access import Account
from hoitu.core.access.audit import AuditEntry
from hoitu.core.admin import work
from hoitu.core.admin.account import words as account_words
from hoitu.core.admin.colleagues import called
from hoitu.core.admin.people.rights import SHORT
from hoitu.core.admin.people.roles import section_label
from hoitu.core.admin.unit_settings import TITLES
from hoitu.core.content import File, Item
from hoitu.core.extensions import platform
from hoitu.core.web import home_order, look, menus, site_facts
from hoitu.core.web.access import current_actor

#: What the log calls an action; an action of a plugin has its own name.
ACTIONS: Final[Mapping[str, Any]] = {
    "item.create": lazy_gettext("Created"),
    "item.edit": lazy_gettext("Changed"),
    "item.receive": lazy_gettext("Received from a visitor"),
    "item.submit": lazy_gettext("Submitted for approval"),
    "item.forward": lazy_gettext("Checked and handed on"),
    "item.return": lazy_gettext("Returned"),
    "item.take_back": lazy_gettext("Taken back"),
    "item.publish_urgently": lazy_gettext("Published urgently"),
    "item.approve": lazy_gettext("Approved afterwards"),
    "item.entrust": lazy_gettext("Made somebody responsible"),
    "item.confirm": lazy_gettext("Looked at again: still right"),
    "item.publish": lazy_gettext("Published"),
    "item.unpublish": lazy_gettext("Taken off the site"),
    "item.archive": lazy_gettext("Archived"),
    "item.trash": lazy_gettext("Moved to the trash"),
    "item.restore": lazy_gettext("Restored as a draft"),
    "item.purge": lazy_gettext("Removed from the trash for good"),
    "item.schedule": lazy_gettext("Planned for later"),
    "item.unschedule": lazy_gettext("Dropped a plan"),
    "item.lapse": lazy_gettext("Planned publication needs approval anew"),
    "item.scheduled": lazy_gettext("Taken as planned"),
    "item.unscheduled": lazy_gettext("Could not be taken as planned"),
    "item.share": lazy_gettext("Shared the preview by a link"),
    "item.unshare": lazy_gettext("Revoked a link to the preview"),
    "item.forget": lazy_gettext("Forgot who sent it"),
    "item.redact": lazy_gettext("Blacked out words"),
    "item.discard": lazy_gettext("Discarded the waiting version"),
    "items.export": lazy_gettext("Took a list away as a table"),
    "batch.begin": lazy_gettext("Began work on many entries"),
    "batch.stop": lazy_gettext("Stopped work on many entries"),
    "file.upload": lazy_gettext("Uploaded a file"),
    "file.describe": lazy_gettext("Described a file"),
    "file.delete": lazy_gettext("Deleted a file"),
    "file.share": lazy_gettext("Offered a file to all units"),
    "file.unshare": lazy_gettext("Offers a file no longer"),
    "file.take": lazy_gettext("Took over a file of the province"),
    "section.on": lazy_gettext("Switched on"),
    "section.off": lazy_gettext("Switched off"),
    "section.waived": lazy_gettext("Excused from a duty"),
    "section.default": lazy_gettext("Removed the unit's choice"),
    "setting.change": lazy_gettext("Changed a setting"),
    "data_key.replace": lazy_gettext("Replaced the key of what is sealed"),
    "audit.export": lazy_gettext("Downloaded the log"),
    "emergency.publish": lazy_gettext("Put up an emergency banner"),
    "emergency.extend": lazy_gettext("Extended an emergency banner"),
    "emergency.withdraw": lazy_gettext("Took down an emergency banner"),
    "person.erase": lazy_gettext("Erased a person"),
    "person.show": lazy_gettext("Looked at what is kept of a person"),
    "person.export": lazy_gettext("Gave out what is kept of a person"),
    "breach.open": lazy_gettext("Wrote down a breach of personal data"),
    "breach.change": lazy_gettext("Changed what is known of a breach"),
    "breach.step": lazy_gettext("Ticked off a step after a breach"),
    "breach.unstep": lazy_gettext("Took back a step after a breach"),
    **account_words.ACTIONS,
}
#: Actions with many entries at once: what they name is the batch.
_OF_BATCHES: Final = frozenset({"batch.begin", "batch.stop"})
#: What the log calls things that are no content.
THINGS: Final[Mapping[str, Any]] = {
    "account": lazy_gettext("Account"),
    "audit": lazy_gettext("Log"),
    "batch": lazy_gettext("Many at once"),
    "breach": lazy_gettext("Breach of personal data"),
    "person": lazy_gettext("Person who signed in"),
    "emergency_banner": lazy_gettext("Emergency banner"),
    "file": lazy_gettext("File"),
    "section": lazy_gettext("Section"),
    "setting": lazy_gettext("Setting"),
}
#: What may be told of a file, by the key of the detail.
_OF_FILE: Final[Mapping[str, Any]] = {
    "alt": lazy_gettext("Text description"),
    "decorative": lazy_gettext("The picture is decorative"),
    "source": lazy_gettext("Source"),
    "rights": lazy_gettext("Rights"),
}
#: Longest value of a setting that is told.
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry in words, with the entry itself for those who want its codes."""

    at: datetime
    actor: str
    action: str
    type: str
    subject: str
    #: Where the thing is worked on; '' where that is not possible any more.
    path: str
    #: What else is told: notes, days, values before and after.
    told: tuple[str, ...]
    entry: AuditEntry

    @property
    def is_content(self) -> bool:
        """Whether it is about entries of a section, whose type has to be told."""
        return self.entry.object_type not in THINGS and self.entry.action not in _OF_BATCHES

    @property
    def is_title(self) -> bool:
        """Whether the subject is a title somebody wrote, to be set in quotation marks."""
        return self.is_content and bool(self.entry.detail.get("title"))

    @property
    def did(self) -> str:
        """What was done, as it stands after a name."""
        return self.action[:1].lower() + self.action[1:]


def lines(
    entries: Sequence[AuditEntry], opened: Session, *, live: bool = True
) -> Iterable[LogLine]:
    """Return entries of the unit in words.

    Without ``live`` they hold only what the log itself keeps and names of accounts: no titles of
    what visitors sent, and no paths.
    """
    known = _Known(entries, opened, live=live)
    for entry in entries:
        yield LogLine(
            at=entry.at,
            actor=called(entry.actor),
            action=str(ACTIONS.get(entry.action, entry.action)),
            type=type_label(entry.object_type),
            subject=known.subject(entry),
            path=known.path(entry) if live else "",
            told=tuple(known.told(entry)),
            entry=entry,
        )


def type_label(name: str) -> str:
    """Return what a type of thing is called."""
    kind = platform.types.get(name)
    return str(kind.label if kind else THINGS.get(name, name))


class _Known:
    """What the words of some entries need from the database, asked for once."""

    def __init__(self, entries: Sequence[AuditEntry], opened: Session, *, live: bool) -> None:
        self._names = _names(entries, opened)
        kinds = {kind.name for kind in work.kinds()}
        self._titles = _titles(entries, opened, kinds) if live else {}
        self._files = _files(entries, opened)
        self._headings: dict[str, str] | None = None

    def subject(self, entry: AuditEntry) -> str:
        """Return the name of the thing."""
        detail = entry.detail
        if entry.object_type == "account":
            email = str(detail.get("email", ""))
            name = self._names.get(email) or self._names.get(entry.object_id, "")
            if name or email:
                return f"{name} ({email})" if name and email else name or email
            return "" if entry.object_id else str(_("an address nobody has"))
        find = _NAMED.get(entry.action) or _NAMED.get(entry.object_type)
        if find is not None:
            return find(entry.object_id)
        named = (
            detail.get("name")
            or detail.get("title")
            or self._titles.get((entry.object_type, entry.object_id))
        )
        return str(named or _("number %(n)s", n=entry.object_id))

    def path(self, entry: AuditEntry) -> str:
        """Return where the thing is worked on, where it is still there and the account may."""
        find = _PATHS.get(entry.action) or _PATHS.get(entry.object_type) or _path_of_content
        return find(self, entry.object_type, entry.object_id)

    def path_of_item(self, type_name: str, key: str) -> str:
        """Return the page of an item that is there and of a type the account works with."""
        if (type_name, key) not in self._titles:
            return ""
        return url_for("desk.edit", type_name=type_name, item_id=int(key))

    def path_of_file(self, key: str) -> str:
        """Return the page of a file that is there."""
        found = key.isdigit() and int(key) in self._files
        return url_for("desk.media_file", file_id=int(key)) if found else ""

    def told(self, entry: AuditEntry) -> list[str]:
        """Return what else the entry tells."""
        say = _SAID.get(entry.action) or _SAID.get(entry.object_type) or _said_of_content
        return [part for part in say(self, entry.detail, entry.object_id) if part]

    def name(self, email: object) -> str:
        """Return the name behind an address, or the address where nobody has it any more."""
        return self._names.get(str(email), str(email))

    def value(self, key: str, value: Any) -> str:
        """Return a value of a setting in words."""
        owner = key.rpartition(".")[0]
        declared = _declared(key)
        if value is None or declared is None:
            return str(_("as usual"))
        if owner == menus.NAME:
            value = ", ".join(self._heading(part) for part in str(value).split())
        elif declared.metadata.get("file"):
            value = self._files.get(value, _("a picture")) if value else ""
        elif owner == look.NAME:
            value = look.accents().get(value, value)
        elif isinstance(value, bool):
            value = _("Yes") if value else _("No")
        elif value in declared.metadata["options"]:
            value = declared.metadata["options"][value]
        elif isinstance(value, int):
            value = numbers.write(value)
        return text.excerpt(str(value), _LONGEST) or _("nothing")

    def _heading(self, key: str) -> str:
        if self._headings is None:
            self._headings = {one.key: one.link.label for one in menus.headings()}
        return self._headings.get(key, key)


Words = Callable[[_Known, Mapping[str, Any], str], list[str]]
Place = Callable[[_Known, str, str], str]


def _path_of_content(known: _Known, type_name: str, key: str) -> str:
    return known.path_of_item(type_name, key)


def _path_of_account(_known: _Known, _type: str, key: str) -> str:
    may = key.isdigit() and _may("core.accounts")
    return url_for("desk.person", account_id=int(key)) if may else ""


def _path_of_batch(_known: _Known, _type: str, key: str) -> str:
    return url_for("desk.batch", batch_id=int(key)) if key.isdigit() else ""


def _path_of_section(_known: _Known, _type: str, key: str) -> str:
    return url_for("desk.module", key=key) if _may("core.modules") else ""


def _path_of_setting(_known: _Known, _type: str, key: str) -> str:
    if not _may("core.modules"):
        return ""
    return url_for(_SETTING_PAGES.get(key.rpartition(".")[0], "desk.unit_settings"))


#: Pages of settings that have one of their own, by owner.
_SETTING_PAGES: Final[Mapping[str, str]] = {
    look.NAME: "desk.appearance",
    menus.NAME: "desk.appearance",
    home_order.NAME: "desk.home_page",
    site_facts.NAME: "desk.home_page",
}
#: Where a thing is worked on: by the action or, where it has no place of its own, by its type.
_PATHS: Final[Mapping[str, Place]] = {
    "batch.begin": _path_of_batch,
    "batch.stop": _path_of_batch,
    "account": _path_of_account,
    "file": lambda known, _type, key: known.path_of_file(key),
    "section": _path_of_section,
    "setting": _path_of_setting,
}


def _may(permission: str) -> bool:
    return current_actor().can(permission, g.unit.id)


def _said_of_content(_known: _Known, detail: Mapping[str, Any], _key: str) -> list[str]:
    note = str(detail.get("note") or "")
    return [f"“{note}”" if note else ""]


def _said_of_heir(_known: _Known, detail: Mapping[str, Any], _key: str) -> list[str]:
    return [_("to %(name)s", name=detail.get("note", ""))]


def _said_of_review(_known: _Known, detail: Mapping[str, Any], _key: str) -> list[str]:
    if "next" not in detail:
        return []
    before, after = (_day(detail.get(name)) or _("no day") for name in ("before", "next"))
    return [_("to be looked at again: %(change)s", change=_change(before, after))]


def _said_of_role(_known: _Known, detail: Mapping[str, Any], _key: str) -> list[str]:
    role, section = str(detail.get("role", "")), str(detail.get("section", ""))
    told = [str(SHORT.get(role, role))]
    if section:
        told.append(_("only in the section %(section)s", section=section_label(section)))
    days = _days(detail)
    if "before" in detail:
        told.append(_change(_days(detail["before"]), days))
    elif detail.get("valid_from") or detail.get("valid_until"):
        told.append(days)
    return told


def _said_of_deputy(known: _Known, detail: Mapping[str, Any], _key: str) -> list[str]:
    deputy, days = known.name(detail.get("deputy", "")), _days(_ranged(detail))
    if detail.get("ended"):
        return [_("%(name)s no longer stands in", name=deputy), _("it had begun: %(d)s", d=days)]
    return [_("%(name)s stands in", name=deputy), days]


def _said_of_setting(known: _Known, detail: Mapping[str, Any], key: str) -> list[str]:
    if "before" not in detail:
        return [known.value(key, detail.get("value"))]
    return [_change(known.value(key, detail["before"]), known.value(key, detail.get("value")))]


def _said_of_section(_known: _Known, detail: Mapping[str, Any], _key: str) -> list[str]:
    reason = str(detail.get("reason") or "")
    return [_("reason: %(reason)s", reason=reason) if reason else ""]


def _said_of_file(_known: _Known, detail: Mapping[str, Any], _key: str) -> list[str]:
    told = {name: detail[name] for name in _OF_FILE if name in detail}
    words = {True: _("Yes"), False: _("No"), "": _("nothing")}
    return [f"{_OF_FILE[name]}: {words.get(value, value)}" for name, value in told.items()]


def _said_of_batch(_known: _Known, detail: Mapping[str, Any], _key: str) -> list[str]:
    return [_entries(detail.get("rows"))]


def _said_of_lock(_known: _Known, detail: Mapping[str, Any], _key: str) -> list[str]:
    return [_("for %(n)s minutes", n=detail.get("minutes", ""))]


def _said_of_failure(_known: _Known, detail: Mapping[str, Any], _key: str) -> list[str]:
    network = detail.get("network")
    # Whoever is there has given the right password.
    step = _("at the second step") if detail.get("step") == "factor" else ""
    return [_("from the network %(network)s", network=network) if network else "", step]


def _said_of_table(_known: _Known, detail: Mapping[str, Any], _key: str) -> list[str]:
    return [_entries(detail.get("entries")), str(detail.get("form", "")).upper()]


#: The words of an action or, where it has none of its own, of a type of thing.
_SAID: Final[Mapping[str, Words]] = {
    "item.entrust": _said_of_heir,
    "item.confirm": _said_of_review,
    "account.deputy": _said_of_deputy,
    "batch.begin": _said_of_batch,
    "batch.stop": _said_of_batch,
    "account.locked_out": _said_of_lock,
    "sign_in.failed": _said_of_failure,
    "items.export": _said_of_table,
    "audit.export": _said_of_table,
    "account.grant": _said_of_role,
    "account.revoke": _said_of_role,
    "setting": _said_of_setting,
    "section": _said_of_section,
    "file": _said_of_file,
}


def _entries(number: Any) -> str:
    if not isinstance(number, int):
        return ""
    told = ngettext("%(n)s entry", "%(n)s entries", number, n=numbers.write(number))
    return str(told)


def _change(before: str, after: str) -> str:
    return f"{before} → {after}"


def _ranged(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {"valid_from": detail.get("from"), "valid_until": detail.get("until")}


def _days(detail: Mapping[str, Any]) -> str:
    """Return the days a role or a deputy holds, in words."""
    first, last = _day(detail.get("valid_from")), _day(detail.get("valid_until"))
    parts = [
        _("from %(day)s", day=first) if first else "",
        _("until %(day)s", day=last) if last else "",
    ]
    return " ".join(filter(None, parts)) or _("without end")


def _day(kept: Any) -> str:
    return clock.format_date(date.fromisoformat(kept)) if kept else ""


def _declared(key: str) -> Any:
    """Return the declaration of a setting; None where its plugin is gone."""
    owner, _dot, name = key.rpartition(".")
    schema = platform.settings.schemas().get(owner)
    found = fields(cast("Any", schema)) if schema else ()
    return next((one for one in found if one.name == name), None)


def _setting_label(key: str) -> str:
    declared, owner = _declared(key), key.rpartition(".")[0]
    if declared is None:
        return key
    of = str(TITLES.get(owner, "")) or section_label(owner)
    label = str(declared.metadata["label"])
    return label if of == owner else f"{of}: {label}"


def _module_label(key: str) -> str:
    section, _dot, requirement = key.partition(".")
    duty = platform.switchboard.requirement(requirement) if requirement else None
    return duty.label_vi if duty else section_label(section)


#: Names that the key of a thing tells; what a table was made of has none of its own.
_NAMED: Final[Mapping[str, Callable[[str], str]]] = {
    "setting": _setting_label,
    "section": _module_label,
    "audit": lambda _key: "",
    "items.export": lambda _key: "",
}


def _names(entries: Iterable[AuditEntry], opened: Session) -> dict[str, str]:
    """Return names by address and by number of the accounts that the entries are about."""
    about = [entry for entry in entries if entry.object_type == "account"]
    told = (entry.detail.get(part) for entry in about for part in ("email", "deputy"))
    emails = {str(email) for email in told if email}
    numbers_ = {int(e.object_id) for e in about if e.object_id.isdigit()}
    if not about:
        return {}
    chosen = select(Account.id, Account.email, Account.name).where(
        Account.email.in_(emails) | Account.id.in_(numbers_)
    )
    found: dict[str, str] = {}
    for row in opened.execute(chosen):
        found[row.email] = found[str(row.id)] = row.name
    return found


def _titles(
    entries: Iterable[AuditEntry], opened: Session, kinds: set[str]
) -> dict[tuple[str, str], str]:
    """Return the present titles of the entries that are there and that the account works with.

    They are found by type and id: ids of other things are numbers, too.
    """
    of_items = [e for e in entries if e.object_type in kinds and e.action not in _OF_BATCHES]
    ids = {int(e.object_id) for e in of_items if e.object_id.isdigit()}
    chosen = select(Item.type, Item.id, Item.title).where(Item.id.in_(ids), Item.type.in_(kinds))
    rows = opened.execute(chosen) if ids else ()
    return {(row.type, str(row.id)): row.title for row in rows}


def _files(entries: Iterable[AuditEntry], opened: Session) -> dict[int, str]:
    """Return the names of the files that are still there."""
    ids = {int(e.object_id) for e in entries if e.object_type == "file"}
    naming = {".".join(key) for key in platform.settings.naming_files()}
    for entry in entries:
        if entry.object_type == "setting" and entry.object_id in naming:
            told = (entry.detail.get("before"), entry.detail.get("value"))
            ids |= {part for part in told if type(part) is int and part}
    chosen = select(File.id, File.name).where(File.id.in_(ids))
    return {row.id: row.name for row in opened.execute(chosen)} if ids else {}
