"""``/thong-bao``: notices, replies, and the form to reply."""

from __future__ import annotations

from flask import jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from hoitu.core.access import public, requires
from hoitu.core.extensions import platform, session
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, SectionPages, VisitorForm, newest_panel
from notices.models import Reply

pages = SectionPages("notices", __name__, path="/thong-bao", content_type="notice")
replies = pages.add("notice_reply", path="/y-kien")


@pages.blueprint.route("/tra-loi", methods=["GET", "POST"])
@public
def reply() -> ResponseReturnValue:
    """Show the form; take in a reply."""
    fields = platform.types["notice_reply"].fields
    form = VisitorForm([fields[n] for n in ("title", "said", "sender_email")], ("title", "said"))
    if form.accepts() and form.receive("notice_reply"):
        return redirect(url_for("notices.notice_reply_index"), 303)
    page = render_template(
        "notices/reply.html", form=form, crumbs=pages.crumbs((_("Reply"), url_for("notices.reply")))
    )
    return page, 422 if form.sent else 200


@pages.blueprint.get("/so-lieu")
@requires("notices.edit")
def figures() -> ResponseReturnValue:
    """Tell the editors how many replies there are."""
    replies = session().scalar(select(func.count()).select_from(Reply))
    return jsonify(replies=replies)


def menu() -> list[MenuEntry]:
    """Return the heading "Notices"."""
    return [MenuEntry(_("Notices"), "notices.index", weight=95)]


def newest(unit: Unit) -> list[Panel]:
    """Return the block of the newest notices; none while there are none."""
    return newest_panel(unit, "notice", _("Notices"), endpoint="notices.index", weight=95)
