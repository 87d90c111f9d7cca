"""Sharing: a link by which others see a text before it is public, for some days."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _

from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.recording import flush, record
from hoitu.core.content.item import Item
from hoitu.core.content.kinds import Invalid, Line
from hoitu.core.content.preview_links import DAYS, PreviewLink
from hoitu.core.content.problems import Problem, Refused
from hoitu.core.content.workflow import RESTING
from hoitu.core.events import ItemChanged
from hoitu.core.tokens import hash_of, new_token


def share(
    context: ActionContext, item: Item, days: int, label: str = ""
) -> tuple[PreviewLink, str]:
    """Make a link that shows the text at work for so many days; return it and its secret.

    The secret is not kept and cannot be told again.

    :raises PermissionDenied: the actor may not edit here.
    :raises Refused: not one of the durations offered, the label is too long, or the item rests.
    """
    context.actor.demand(context.type_of(item).permission("edit"), item.unit_id)
    problems = []
    if item.state in RESTING:
        message = _("This entry is archived or in the trash. Restore it before you share it.")
        problems.append(Problem("", message))
    if days not in DAYS:
        problems.append(Problem("days", _("Choose how long the link is to work.")))
    try:
        label = Line(120).clean(label)
    except Invalid as error:
        problems.append(Problem("label", error.message))
    if problems:
        raise Refused(problems)
    token = new_token()
    link = PreviewLink(
        item_id=item.id,
        unit_id=item.unit_id,
        token_hash=hash_of(token),
        label=label,
        created_by=context.actor.name,
        created_at=context.now(),
        expires_at=context.now() + timedelta(days=days),
    )
    context.session.add(link)
    flush(context)
    _record(context, item, "share", link)
    return link, token


def unshare(context: ActionContext, link: PreviewLink) -> None:
    """Let a link show nothing any more; one revoked before stays as it is.

    :raises PermissionDenied: the actor may not edit here.
    """
    item = context.session.get_one(Item, link.item_id)
    context.actor.demand(context.type_of(item).permission("edit"), item.unit_id)
    if link.revoked_at is None:
        link.revoked_at = context.now()
        flush(context)
        _record(context, item, "unshare", link)


def _record(context: ActionContext, item: Item, action: str, link: PreviewLink) -> None:
    record(context, item, action, ItemChanged(item.unit_id, item.id, item.type), link.label)
