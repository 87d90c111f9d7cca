"""The way to follow what one reads."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core.content import Item
from hoitu.core.extensions import platform, session
from hoitu.core.people import Person
from hoitu.core.units import Unit
from hoitu.core.web import Panel, pages_of
from hoitu.plugins.subscriptions import tokens
from hoitu.plugins.subscriptions.delivery import writes
from hoitu.plugins.subscriptions.models import Reader
from hoitu.plugins.subscriptions.targets import TYPE, Target, address_of_list

#: What the search page calls the type of what is looked for.
_TYPE_OF_SEARCH = "loai"


def link_to_follow(unit: Unit, item: Item | None) -> list[Panel]:
    """Return the tool that leads to the form, for what the page is of."""
    if not writes(unit):
        return []
    target, label = _of_page(unit, item)
    values = {"path": address_of_list(target, url_for("subscriptions.index")), "label": label}
    return [Panel("subscriptions", label, "subscriptions/tool.html", values, weight=60)]


def followed_by(person: Person) -> list[Panel]:
    """Return the way to all that a person's confirmed address follows, with how much that is."""
    if not person.email_confirmed_at:
        return []
    reader = session().scalar(select(Reader).where(Reader.address == person.email))
    if reader is None:
        return []
    values = {
        "count": sum(1 for one in reader.subscriptions if one.confirmed_at),
        "path": url_for("subscriptions.manage", token=tokens.manage_token(reader)),
    }
    return [Panel("subscriptions", _("What you follow"), "subscriptions/followed.html", values)]


def _of_page(unit: Unit, item: Item | None) -> tuple[Target, str]:
    if item is not None:
        return Target.asked(unit, {TYPE: item.type}), _("Follow by mail")
    if request.endpoint == "search.results":
        named = {**request.args.to_dict(), TYPE: request.args.get(_TYPE_OF_SEARCH, "")}
        return Target.asked(unit, named), _("Follow this search by mail")
    kind = next((k for k in platform.types if _is_list_of(k.name)), None)
    arguments = {**request.args.to_dict(), TYPE: kind.name} if kind else {}
    return Target.asked(unit, arguments), _("Follow by mail")


def _is_list_of(type_name: str) -> bool:
    pages = pages_of(type_name)
    if pages is None or request.blueprint != pages.section:
        return False
    return pages.path_to("index") == request.script_root + request.path
