"""Opinions on drafts: the form, those that are published, and how many are not, and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from hoitu.core.content import Choice, ContentType, queries
from hoitu.core.extensions import session
from hoitu.core.people import contributions
from hoitu.core.privacy import AGREES
from hoitu.core.web import VisitorForm, now
from hoitu.sections.legal_documents.consultations import ConsultationComment, DraftConsultation
from hoitu.sections.legal_documents.vocabularies import CONSENTS, HIDING_REASONS, OUTCOMES

#: Opinions that a page shows; all of them are in the API.
SHOWN = 200
#: Labels and help where the person who writes is told something else than the desk.
_TOLD: dict[str, dict[str, Any]] = {
    "article": {"help": _("Leave it open to speak of the draft as a whole.")},
    "text": {"label": _("Your opinion"), "help": _("Say what should change, and why.")},
    "sender": {"label": _("Your name"), "help": _("May stay empty.")},
    "phone": {"help": _("Only if the drafting unit may ask you something.")},
    "email": {},
    "consent": {"label": AGREES.label, "help": _("Needed only if you gave any of them.")},
}


class CommentForm(VisitorForm):
    """The form of an opinion; an address with ``?dieu=`` chooses the article."""

    consents = CONSENTS
    agrees = "consent"

    def __init__(self, kind: ContentType, draft: DraftConsultation) -> None:
        options = [(key, heading) for key, heading, _text in draft.parts()]
        asked = {name: replace(kind.fields[name], **told) for name, told in _TOLD.items()}
        asked["article"] = replace(asked["article"], kind=Choice(lambda: options))
        super().__init__(asked.values(), required=("text",))
        if not self.sent and (chosen := request.args.get("dieu")) in dict(options):
            self.entries.entry("article").data = chosen


def opinions_on(draft: DraftConsultation) -> dict[str, Any]:
    """Return what a page shows of the opinions on a draft: three statements.

    ``opinions`` are by article, '' is the draft as a whole; ``hidden`` are (reason, how many).
    """
    comment, known = ConsultationComment, {key for key, _heading, _text in draft.parts()}
    of_draft = comment.consultation == draft.id
    chosen = select(comment).where(of_draft, queries.is_public(now()))
    opinions: dict[str, list[ConsultationComment]] = defaultdict(list)
    for found in session().scalars(chosen.order_by(comment.id.desc()).limit(SHOWN)):
        opinions[found.article if found.article in known else ""].append(found)
    kept = select(comment.id).where(of_draft, comment.state != "trashed")
    counts = select(comment.state, comment.hidden_reason, func.count()).where(of_draft)
    rows = session().execute(counts.group_by(comment.state, comment.hidden_reason)).all()
    reasons = dict(HIDING_REASONS.options())
    hidden = [(reasons.get(reason), n) for state, reason, n in rows if state == "archived"]
    return {
        "opinions": opinions,
        "opinions_shown": SHOWN,
        "published": sum(n for state, _reason, n in rows if state == "published"),
        "hidden": sorted(hidden, key=lambda entry: -entry[1]),
        "verified": contributions.verified(session(), kept),
        "outcomes": dict(OUTCOMES.options()),
    }
