"""The content type: form layout and list columns."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType, FieldGroup
from hoitu.sections.topics.models import Topic

topic = ContentType(
    name="topic",
    label=_("Topic"),
    label_plural=_("Topics"),
    model=Topic,
    requirements={"topic_channels": _("By topic")},
    sort_field="starts_on",
    derive=Topic.open,
    columns=("title", "starts_on", "ends_on"),
    layout=(
        FieldGroup(_("Topic"), ("title", "summary", "starts_on", "ends_on", "mandate")),
        FieldGroup(_("Entries"), ("entries", "keywords")),
        FieldGroup(_("Text and banner"), ("body", "attachments", "banner_alt")),
    ),
)
