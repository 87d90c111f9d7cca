"""Deputies: who checks and approves in the place of somebody else, from one day to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hoitu.core import clock
from hoitu.core.access import Account, Deputy, accounts, audit, requires
from hoitu.core.access.staff import staff_of
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.work import ID
from hoitu.core.content import Day, Field
from hoitu.core.extensions import session
from hoitu.core.forms import EntryForm, form_of
from hoitu.core.units.directory import holds
from hoitu.core.web import now
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import today

#: Longest time for which somebody can be a deputy.
MONTHS = 12
#: Names of the selects: for whom, and who.
ACCOUNT, DEPUTY = "account", "deputy"
DaysForm = form_of(
    [
        Field(Day(), lazy_gettext("From"), name="valid_from"),
        Field(Day(), lazy_gettext("Until, that day included"), name="valid_until"),
    ]
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks for, once it can be read."""

    account: Account
    deputy: Account
    first: date
    last: date


@dataclass(slots=True)
class DeputyPage:
    """The page and its form."""

    form: EntryForm
    #: Active people of the unit, and those of them who have approvals to hand over.
    people: list[Account] = field(default_factory=list)
    lenders: list[Account] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read who works here."""
        day = today()
        self.people = [account for account, _actor in staff_of(session(), g.unit.id, day)]
        self.lenders = [account for account in self.people if _has_approvals(account, day)]

    @property
    def may_name(self) -> bool:
        """Whether the account may name a deputy: its own, or as an administrator anybody's."""
        return administers() or any(a.id == current_actor().account_id for a in self.lenders)

    def answer(self, code: int = 200) -> ResponseReturnValue:
        """Return the page."""
        rows = list(_present_and_future())
        body = render_template(
            "desk/deputies.html",
            page=self,
            form=self.form,
            complaints=self.form.complaints(),
            rows=[(row, may_end(row)) for row in rows],
            administers=administers(),
            me=current_actor().account_id,
            today=today(),
            ACCOUNT=ACCOUNT,
            DEPUTY=DEPUTY,
        )
        return body, code


@blueprint.get("/uy-quyen")
@requires("core.desk")
def deputies() -> ResponseReturnValue:
    """Show who stands in for whom, now and later."""
    return DeputyPage(DaysForm(values={"valid_from": today()})).answer()


@blueprint.post("/uy-quyen")
@requires("core.desk")
def name_deputy() -> ResponseReturnValue:
    """Let somebody stand in for the account, or as an administrator for somebody else."""
    page = DeputyPage(DaysForm(request.form))
    if not page.may_name:
        abort(403)
    asked = _read(page)
    if asked is None:
        return page.answer(422)
    # Whoever else names a deputy of this person now, waits until we have committed.
    session().refresh(asked.account, with_for_update=True)
    if (other := _overlapping(asked)) is not None:
        page.form.form_errors.append(_taken(other))
        session().rollback()
        return DeputyPage(page.form).answer(422)
    session().add(
        Deputy(
            unit_id=g.unit.id,
            account_id=asked.account.id,
            deputy_id=asked.deputy.id,
            valid_from=asked.first,
            valid_until=asked.last,
            created_at=now(),
        )
    )
    _record(asked.account, asked.deputy, asked.first, asked.last)
    session().commit()
    flash(
        _(
            "%(deputy)s stands in for %(name)s from %(first)s until %(last)s.",
            deputy=asked.deputy.name,
            name=asked.account.name,
            first=clock.format_date(asked.first),
            last=clock.format_date(asked.last),
        )
    )
    return redirect(url_for("desk.deputies"), 303)


@blueprint.post(f"/uy-quyen/<{ID}:deputy_id>/ket-thuc")
@requires("core.desk")
def end_deputy(deputy_id: int) -> ResponseReturnValue:
    """End a deputation: from now on it holds no more."""
    found = session().get(Deputy, deputy_id)
    if found is None or found.unit_id != g.unit.id:
        abort(404)
    if not may_end(found):
        abort(403)
    if found.valid_until >= today():
        if found.valid_from < today():
            found.valid_until = today() - timedelta(days=1)
        else:
            session().delete(found)
        _record(found.account, found.deputy, found.valid_from, None)
        session().commit()
    flash(_("It ended. What was approved meanwhile stays as it is."))
    return redirect(url_for("desk.deputies"), 303)


def administers() -> bool:
    """Say whether the account keeps the people of the unit."""
    return current_actor().can("core.accounts", g.unit.id)


def may_end(row: Deputy) -> bool:
    """Say whether the account may end a deputation: its own, or as an administrator anybody's."""
    return row.account_id == current_actor().account_id or administers()


def _read(page: DeputyPage) -> Asked | None:
    """Return what was asked for; None when something is wrong, which the form then tells."""
    form = page.form
    me = str(current_actor().account_id)
    wanted = request.form.get(ACCOUNT, me) if administers() else me
    account = _picked(page.lenders, wanted)
    deputy = _picked(page.people, request.form.get(DEPUTY, ""))
    fits = form.validate() and form.demand(("valid_from", "valid_until"))
    if account is None:
        form.form_errors.append(_("Choose whose approvals are handed over."))
    elif deputy is None or deputy.id == account.id:
        form.form_errors.append(_("Choose somebody else of your unit as the deputy."))
    elif fits:
        first, last = (Day().clean(form.entry(n).data) for n in ("valid_from", "valid_until"))
        assert first is not None and last is not None
        if _days_fit(form, first, last):
            return Asked(account, deputy, first, last)
    return None


def _days_fit(form: EntryForm, first: date, last: date) -> bool:
    if first < today():
        form.entry("valid_from").refuse(_("Choose today or a day that is yet to come."))
    elif last < first:
        form.entry("valid_until").refuse(_("The last day lies before the first."))
    elif last > clock.add_months(first, MONTHS):
        form.entry("valid_until").refuse(_("Choose at most one year."))
    else:
        return True
    return False


def _picked(among: Sequence[Account], sent: str) -> Account | None:
    return next((account for account in among if str(account.id) == sent), None)


def _has_approvals(account: Account, day: date) -> bool:
    """Say whether an account checks or approves in the unit by a role of its own."""
    return any(
        role.unit_id == g.unit.id and role.role in accounts.LENT and holds(role, day)
        for role in account.grants
    )


def _overlapping(asked: Asked) -> Deputy | None:
    return session().scalar(
        select(Deputy)
        .where(
            Deputy.unit_id == g.unit.id,
            Deputy.account_id == asked.account.id,
            Deputy.valid_from <= asked.last,
            Deputy.valid_until >= asked.first,
        )
        .order_by(Deputy.valid_from)
        .limit(1)
    )


def _taken(other: Deputy) -> Any:
    return _(
        "%(deputy)s already stands in for %(name)s from %(first)s until %(last)s. End that first, "
        "or choose other days.",
        deputy=other.deputy.name,
        name=other.account.name,
        first=clock.format_date(other.valid_from),
        last=clock.format_date(other.valid_until),
    )


def _present_and_future() -> Sequence[Deputy]:
    chosen = (
        select(Deputy)
        .where(Deputy.unit_id == g.unit.id, Deputy.valid_until >= today())
        .options(joinedload(Deputy.account), joinedload(Deputy.deputy))
        .order_by(Deputy.valid_from, Deputy.id)
    )
    return session().scalars(chosen).all()


def _record(account: Account, deputy: Account, first: date, last: date | None) -> None:
    """Write it into the log; without a last day it was ended."""
    detail = {"email": account.email, "deputy": deputy.email, "from": first.isoformat()}
    audit.record(
        session(), current_actor(), "account.deputy", object_type="account", object_id=account.id,
        unit_id=g.unit.id, now=now(),
        detail={**detail, **({"until": last.isoformat()} if last else {"ended": True})},
    )  # fmt: skip
