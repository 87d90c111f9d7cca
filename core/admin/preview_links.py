"""Links by which others see a text before it is public: making one, the list, revoking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.content import ContentType, Item, PreviewLink, Refused, actions
from hoitu.core.content import preview_links as links
from hoitu.core.content.preview_links import DAYS
from hoitu.core.content.workflow import RESTING
from hoitu.core.extensions import session
from hoitu.core.forms.builder import Complaint
from hoitu.core.web import pages_of
from hoitu.core.web.site import now

#: Names in the form.
DURATION, LABEL = "days", "label"
#: Links on the page; older ones are over.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Shared:
    """A link as the desk shows it."""

    link: PreviewLink
    is_open: bool


@blueprint.app_context_processor
def values() -> dict[str, Any]:
    """Give the page of an item its part about links to the preview."""
    if request.blueprint != blueprint.name:
        return {}
    return {"open_links": open_links, "may_share": may_share}


def may_share(kind: ContentType, item: Item) -> bool:
    """Say whether the account may share a preview: of a type with pages, of what does not rest."""
    has_page = pages_of(kind.name) is not None
    return has_page and item.state not in RESTING and work.may(kind, "edit")


def open_links(item: Item) -> int:
    """Return how many links show an item at present."""
    return sum(shared.is_open for shared in _links(item))


@blueprint.route(f"/<type_name>/<{work.ID}:item_id>/chia-se", methods=["GET", "POST"])
@requires("core.desk")
def preview_links(type_name: str, item_id: int) -> ResponseReturnValue:
    """List the links to the preview of an item; make one and show its address this once."""
    kind, item = _shareable(type_name, item_id)
    if request.method == "GET":
        return _page(kind, item)
    try:
        days, label = request.form.get(DURATION, ""), request.form.get(LABEL, "")
        number = int(days) if days in map(str, DAYS) else 0
        _link, token = actions.share(work.context(), item, number, label)
        session().commit()
    except Refused as refused:
        session().rollback()
        complaints = [Complaint(p.field, _named(p.field), str(p.message)) for p in refused.problems]
        return _page(kind, item, complaints, code=422)
    return _page(kind, item, made=url_for("shared_previews.shared", token=token, _external=True))


@blueprint.post(f"/<type_name>/<{work.ID}:item_id>/chia-se/<{work.ID}:link_id>/thu-hoi")
@requires("core.desk")
def revoke_link(type_name: str, item_id: int, link_id: int) -> ResponseReturnValue:
    """Let a link show nothing any more."""
    kind, item = _shareable(type_name, item_id)
    found = session().get(PreviewLink, link_id)
    if found is None or found.item_id != item.id:
        abort(404)
    actions.unshare(work.context(), found)
    session().commit()
    flash(_("The link is revoked. It shows nothing any more."))
    return redirect(url_for("desk.preview_links", type_name=kind.name, item_id=item.id), 303)


def _shareable(type_name: str, item_id: int) -> tuple[ContentType, Item]:
    """Return type and item; 404 without pages to preview, 403 without the right to edit."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    if pages_of(kind.name) is None:
        abort(404)
    if not work.may(kind, "edit"):
        abort(403)
    return kind, item


def _links(item: Item) -> Sequence[Shared]:
    chosen = select(PreviewLink).where(PreviewLink.item_id == item.id)
    newest = session().scalars(chosen.order_by(PreviewLink.id.desc()).limit(SHOWN))
    return [Shared(link, links.is_open(link, item, now())) for link in newest]


def _named(field: str) -> str:
    labels: dict[str, str] = {DURATION: _("How long it works"), LABEL: _("For whom the link is")}
    return labels.get(field, "")


def _page(
    kind: ContentType,
    item: Item,
    complaints: Sequence[Complaint] = (),
    *,
    made: str = "",
    code: int = 200,
) -> ResponseReturnValue:
    body = render_template(
        "desk/preview_links.html",
        kind=kind,
        item=item,
        complaints=complaints,
        made=made,
        links=_links(item),
        days=DAYS,
    )
    return body, code
