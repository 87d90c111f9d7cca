"""The content types: form layout and list columns."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType, FieldGroup, path_below
from hoitu.sections.guidance.models import GuidanceArticle, Policy

guidance_article = ContentType(
    name="guidance_article",
    label=_("Guidance on the law"),
    label_plural=_("Guidance on the law"),
    model=GuidanceArticle,
    requirements={"legal_guidance": _("Guidance on the law")},
    columns=("title", "audience"),
    path=path_below("guidance.guidance_article_index"),
    layout=(
        FieldGroup(_("Article"), ("title", "summary", "audience", "topic", "body", "attachments")),
        FieldGroup(_("Documents"), ("documents",)),
    ),
)

policy = ContentType(
    name="policy",
    label=_("Policy"),
    label_plural=_("Regimes and policies"),
    model=Policy,
    requirements={"policies_regimes": _("Regimes and policies")},
    columns=("title", "audience", "valid_from"),
    path=path_below("guidance.policy_index"),
    layout=(
        FieldGroup(
            _("Policy"),
            ("title", "summary", "audience", "beneficiaries", "benefit", "conditions"),
        ),
        FieldGroup(_("Applying"), ("how_to_apply", "valid_from", "valid_until")),
        FieldGroup(_("Documents"), ("documents", "body", "attachments")),
    ),
)

TYPES = (guidance_article, policy)
