"""Roles of the unit: who has which, in all sections or in one, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core import clock, text
from hoitu.core.access import Account, RoleGrant, accounts, requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.people.telling import inform, is_platform, record
from hoitu.core.admin.work import ID
from hoitu.core.content import Choice, Day, Email, Field
from hoitu.core.extensions import platform, session
from hoitu.core.forms import EntryForm, form_of
from hoitu.core.i18n import DEFAULT
from hoitu.core.units.directory import holds
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import language, today

EMAIL = Field(Email(254), lazy_gettext("E-mail address"), name="email")
#: Roles that are given in a unit; that of the platform's administrators is given by command.
ROLES = {
    "editor": lazy_gettext("Editor: writes and submits"),
    "reviewer": lazy_gettext("Reviewer: checks what editors submit, where three steps are taken"),
    "approver": lazy_gettext("Approver: publishes and returns"),
    "unit_admin": lazy_gettext("Administrator of the unit: modules, people, log"),
    "emergency_publisher": lazy_gettext(
        "Publisher of emergency banners: at this unit; at the province, on every site"
    ),
}
#: Roles that hold in no single section, and why.
_WHOLE_UNIT = {
    "unit_admin": lazy_gettext("An administrator is one for the whole unit: choose no section."),
    "emergency_publisher": lazy_gettext("Emergency banners belong to no section: choose none."),
}
#: Roles that only the platform's administrators give.
OF_PLATFORM = frozenset({"emergency_publisher"})


@dataclass(frozen=True, slots=True)
class Held:
    """A role as the page shows it."""

    grant: RoleGrant
    label: str
    section: str
    #: Whether it holds today; one may be past or yet to come.
    holds: bool


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with roles in the unit."""

    account: Account
    roles: Sequence[Held]


def address(typed: object) -> str:
    """Return an address of mail as accounts have it."""
    return str(EMAIL.kind.clean(typed)).lower()


def sections() -> dict[str, str]:
    """Return the sections that are on for the unit, by name."""
    found = platform.switchboard.sections_on(g.unit)
    return {manifest.name: manifest.label(language()) for manifest in found}


def roles() -> dict[str, Any]:
    """Return the roles that the signed-in account may give here, by name."""
    return {name: told for name, told in ROLES.items() if may_give(name)}


def may_give(role: str) -> bool:
    """Say whether the signed-in account may give a role here, and take it away."""
    return role not in OF_PLATFORM or is_platform()


def section_label(name: str) -> str:
    """Return the title of a section, also of one that is off here; '' for all of them."""
    plugin = platform.plugins.get(name) if name else None
    if plugin is None or plugin.manifest is None:
        return name
    return plugin.manifest.label(language())


GrantForm = form_of(
    [
        EMAIL,
        Field(Choice(lambda: tuple(roles().items())), lazy_gettext("Role"), name="role"),
        Field(
            Choice(lambda: tuple(sections().items())),
            lazy_gettext("In which section"),
            name="section",
            help=lazy_gettext("Choose none for all sections."),
        ),
        Field(Day(), lazy_gettext("From"), name="valid_from", help=lazy_gettext("Empty: at once.")),
        Field(
            Day(),
            lazy_gettext("Until"),
            name="valid_until",
            help=lazy_gettext("The last day. Empty: without end."),
        ),
    ]
)


@blueprint.get("/nguoi-dung")
@requires("core.accounts")
def people() -> ResponseReturnValue:
    """List the people with a role in this unit."""
    return _page(GrantForm(None, {"email": request.args.get("email", "")}))


@blueprint.post("/nguoi-dung")
@requires("core.accounts")
def grant() -> ResponseReturnValue:
    """Give an existing account a role in this unit."""
    form = GrantForm(request.form)
    if not form.validate() or not form.demand(("email", "role")):
        return _page(form, 422)
    account = session().scalar(
        select(Account).where(Account.email == address(form.entry("email").data))
    )
    if account is None:
        form.entry("email").refuse(
            _("Nobody has an account with this address. Ask the platform's administrators for one.")
        )
        return _page(form, 422)
    role, section = form.entry("role").data, form.entry("section").data or ""
    days = {name: Day().clean(form.entry(name).data) for name in ("valid_from", "valid_until")}
    if problem := _objection(account, role, section, days["valid_from"], days["valid_until"]):
        form.entry(problem[0]).refuse(problem[1])
        return _page(form, 422)
    earlier = _days_held(account, role, section)
    if accounts.grant(session(), account, role, g.unit.id, section, **days):
        detail: dict[str, Any] = {"role": role, "section": section, **_kept(days)}
        if earlier is not None:
            detail["before"] = earlier
        record("account.grant", account, {k: v for k, v in detail.items() if v or k == "before"})
        with force_locale(DEFAULT):
            inform(account, _("You have this role now: %(role)s", role=_told(role, section, days)))
    session().commit()
    flash(_("%(name)s has the role now.", name=account.name))
    return redirect(url_for("desk.people"), 303)


@blueprint.post(f"/nguoi-dung/<{ID}:grant_id>/thu-hoi")
@requires("core.accounts")
def revoke(grant_id: int) -> ResponseReturnValue:
    """Take a role in this unit away."""
    found = session().get(RoleGrant, grant_id)
    if found is None or found.unit_id != g.unit.id:
        abort(404)
    account, role, section = found.account, found.role, found.section
    if not may_give(role):
        abort(403)
    if account.id == current_actor().account_id and role == "unit_admin" and not is_platform():
        flash(
            _("You cannot take your own administration away. Ask another administrator."), PROBLEM
        )
        return redirect(url_for("desk.people"), 303)
    if accounts.revoke(session(), found):
        detail = {"role": role, "section": section}
        record("account.revoke", account, {k: v for k, v in detail.items() if v})
        with force_locale(DEFAULT):
            inform(
                account, _("You no longer have this role: %(role)s", role=_told(role, section, {}))
            )
    session().commit()
    flash(_("%(name)s no longer has the role.", name=account.name))
    return redirect(url_for("desk.people"), 303)


def held_by(account: Account) -> list[Held]:
    """Return the roles of an account in this unit, those that hold today first."""
    found = [
        Held(
            grant,
            str(ROLES.get(grant.role, grant.role)),
            section_label(grant.section),
            holds(grant, today()),
        )
        for grant in account.grants
        if grant.unit_id == g.unit.id
    ]
    return sorted(found, key=lambda one: (not one.holds, list(ROLES).index(one.grant.role)))


def _days_held(account: Account, role: str, section: str) -> dict[str, str] | None:
    """Return the days for which an account has a role here already; None when it has not."""
    wanted = (role, g.unit.id, section)
    for held in account.grants:
        if (held.role, held.unit_id, held.section) == wanted:
            return _kept({"valid_from": held.valid_from, "valid_until": held.valid_until})
    return None


def _kept(days: dict[str, date | None]) -> dict[str, str]:
    """Return days as the log keeps them."""
    return {name: day.isoformat() for name, day in days.items() if day}


def _objection(
    account: Account, role: str, section: str, first: date | None, last: date | None
) -> tuple[str, str] | None:
    """Return which entry of the form is wrong, and why."""
    if not account.active:
        return "email", _("This account is locked; the platform's administrators can open it.")
    if section and role in _WHOLE_UNIT:
        return "section", str(_WHOLE_UNIT[role])
    if first is not None and last is not None and last < first:
        return "valid_until", _("The last day comes before the first one.")
    if last is not None and last < today():
        return "valid_until", _("This day has passed.")
    own = account.id == current_actor().account_id and role == "unit_admin"
    if own and not is_platform():
        # Neither less than was given, nor more: a role that ends would be made to last.
        return "role", _("You cannot change your own administration. Ask another administrator.")
    return None


def _told(role: str, section: str, days: dict[str, date | None]) -> str:
    """Return a role in the words of a mail."""
    parts = [str(ROLES.get(role, role))]
    if section:
        parts.append(_("only in the section %(section)s", section=section_label(section)))
    if first := days.get("valid_from"):
        parts.append(_("from %(day)s", day=clock.format_date(first)))
    if last := days.get("valid_until"):
        parts.append(_("until %(day)s", day=clock.format_date(last)))
    return ", ".join(parts)


def _page(form: EntryForm, code: int = 200) -> ResponseReturnValue:
    granted = select(RoleGrant.account_id).where(RoleGrant.unit_id == g.unit.id)
    found = session().scalars(select(Account).where(Account.id.in_(granted)))
    ordered = sorted(found, key=lambda one: text.person_sort_key(one.name))
    body = render_template(
        "desk/people.html",
        members=[Member(account, held_by(account)) for account in ordered],
        form=form,
        complaints=form.complaints(),
        is_platform=is_platform(),
        may_give=may_give,
    )
    return body, code
