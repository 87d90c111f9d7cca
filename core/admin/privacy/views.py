"""Who of the staff looked at whose message: noted with every page that shows one, and told here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from flask import Response, current_app, g, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_login import current_user
from sqlalchemy import func, select

from hoitu.core.access import Account, requires
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.content import ContentType, Item, actions
from hoitu.core.extensions import Platform, platform, session
from hoitu.core.privacy.viewing import KEPT, Notebook, PersonalView, View
from hoitu.core.web import now
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import today

_KEY: Final = "hoitu_personal_views"
#: Lines of a page, and days it tells of unless asked for more.
SIZE: Final = 50
#: Parameters: one item, one account, and the first line.
ITEM, ACCOUNT, PLACE = "muc", "tai-khoan", "tu"
#: Answers that show the page of an item.
_SHOWN: Final = (200, 409, 422)


@dataclass(frozen=True, slots=True)
class Line:
    """An account that looked at an item on a day."""

    view: PersonalView
    who: str
    what: str
    kind: ContentType | None


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions[_KEY] = Notebook()


def shown(kind: ContentType, ids: Iterable[int]) -> None:
    """Note that personal data of these items are part of the answer, if their type has any."""
    if kind.receivable and actions.personal_fields(kind):
        shown_of_units((item_id, g.unit.id) for item_id in ids)


def shown_of_units(ids: Iterable[tuple[int, int]]) -> None:
    """Note so of (item, unit): each unit is told who looked at what it keeps."""
    g.setdefault("hoitu_shown", set()).update(ids)


@blueprint.after_request
def note(answer: Response) -> Response:
    """Have it written, once the answer has left, whose data it showed."""
    named: dict[str, Any] = request.view_args or {}
    kind = platform.types.get(str(named.get("type_name", "")))
    item_id = named.get("item_id")
    if kind is not None and isinstance(item_id, int) and answer.status_code in _SHOWN:
        shown(kind, [item_id])
    ids: set[tuple[int, int]] = g.pop("hoitu_shown", set())
    account = getattr(current_user, "account", None) if current_user.is_authenticated else None
    if ids and account is not None and answer.status_code in _SHOWN:
        views = [View(account.id, unit_id, item_id, now()) for item_id, unit_id in sorted(ids)]
        notebook: Notebook = current_app.extensions[_KEY]
        # The platform itself: nothing of the request is left when the answer has been sent.
        parts: Platform = platform._get_current_object()  # type: ignore[attr-defined]
        if answer.direct_passthrough:
            # A file calls nobody back. It only reads: nobody waits for this request's own session.
            notebook.note(parts, views)
        else:
            answer.call_on_close(partial(notebook.note, parts, views))
    return answer


@blueprint.app_context_processor
def values() -> dict[str, Any]:
    """Tell the page of an item whether it leads to who looked at it."""
    if request.blueprint != blueprint.name:
        return {}
    return {"may_see_views": lambda: current_actor().can("core.audit", g.unit.id)}


@blueprint.get("/du-lieu-ca-nhan/ai-da-xem")
@requires("core.audit")
def personal_views() -> str:
    """Show who looked at whose message, the last day first; of one item or account if asked."""
    chosen = select(PersonalView).where(
        PersonalView.unit_id == g.unit.id, PersonalView.day >= today() - KEPT
    )
    item_id, account_id = _number(ITEM), _number(ACCOUNT)
    if item_id is not None:
        chosen = chosen.where(PersonalView.item_id == item_id)
    if account_id is not None:
        chosen = chosen.where(PersonalView.account_id == account_id)
    first = min(_number(PLACE) or 0, 1_000_000)
    order = (PersonalView.day.desc(), PersonalView.first_at.desc(), PersonalView.item_id)
    found = list(session().scalars(chosen.order_by(*order).offset(first).limit(SIZE + 1)))
    return render_template(
        "desk/privacy/views.html",
        lines=_lines(found[:SIZE]),
        accounts=_accounts(),
        item_id=item_id,
        account_id=account_id,
        following=first + SIZE if len(found) > SIZE else None,
        previous=max(0, first - SIZE) if first else None,
        days=KEPT.days,
        ITEM=ITEM,
        ACCOUNT=ACCOUNT,
        PLACE=PLACE,
    )


def _lines(found: Sequence[PersonalView]) -> list[Line]:
    accounts = select(Account.id, Account.name).where(
        Account.id.in_({view.account_id for view in found})
    )
    names = {row.id: row.name for row in session().execute(accounts)}
    items = select(Item.id, Item.type).where(Item.id.in_({view.item_id for view in found}))
    types = {row.id: row.type for row in session().execute(items)}
    lines = []
    for view in found:
        kind = platform.types.get(types.get(view.item_id, ""))
        what = f"{kind.label} {view.item_id}" if kind else str(view.item_id)
        lines.append(Line(view, names.get(view.account_id, str(view.account_id)), what, kind))
    return lines


def _accounts() -> list[tuple[int, str, int]]:
    """Return (account, name, items it looked at) of the last year, by name."""
    counted = (
        select(Account.id, Account.name, func.count(PersonalView.item_id.distinct()))
        .join(PersonalView, PersonalView.account_id == Account.id)
        .where(PersonalView.unit_id == g.unit.id, PersonalView.day >= _since())
        .group_by(Account.id, Account.name)
        .order_by(Account.name)
    )
    return [(row[0], row[1], row[2]) for row in session().execute(counted)]


def _since() -> date:
    return today() - timedelta(days=KEPT.days)


def _number(name: str) -> int | None:
    typed = request.args.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
