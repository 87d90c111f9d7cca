"""The content type: channels, form layout and list columns."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType, FieldGroup
from hoitu.sections.news.metadata import describe
from hoitu.sections.news.models import NewsArticle

news_article = ContentType(
    name="news_article",
    label=_("News article"),
    label_plural=_("News"),
    model=NewsArticle,
    requirements={
        "unit_activities": _("Activities of the unit"),
        "leader_activities": _("Activities of the leaders"),
        "digital_transformation": _("Digital transformation"),
    },
    labels={"requirement": _("Channel"), "summary": _("Lead paragraph")},
    columns=("title", "requirement", "origin"),
    layout=(
        FieldGroup(_("Article"), ("requirement", "genre", "title", "summary", "body")),
        FieldGroup(_("Pictures and files"), ("attachments", "cover_alt")),
        FieldGroup(
            _("Author and source"),
            ("author_name", "origin", "source_name", "source_url", "source_published_at"),
        ),
        FieldGroup(_("Fields of work"), ("field_codes",), collapsed=True),
    ),
    describe=describe,
)
