"""The content types: form layout and list columns."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from hoitu.core.content import INTAKE, ContentType, FieldGroup, path_below
from notices.models import Notice, Reply

notice = ContentType(
    name="notice",
    label=_("Notice"),
    label_plural=_("Notices"),
    model=Notice,
    requirements={"topic_channels": _("Notices on a topic")},
    columns=("number", "title"),
    layout=(
        FieldGroup(_("Notice"), ("number", "title", "summary", "audience", "valid_until", "body")),
        FieldGroup(_("Recipients"), ("recipients", "attachments"), collapsed=True),
    ),
)

notice_reply = ContentType(
    name="notice_reply",
    label=_("Reply"),
    label_plural=_("Replies"),
    model=Reply,
    requirements={"topic_channels": _("Replies to notices")},
    workflow=INTAKE,
    receivable=True,
    path=path_below("notices.notice_reply_index"),
    layout=(FieldGroup(_("Reply"), ("title", "notice", "said", "sender_email", "body")),),
)
