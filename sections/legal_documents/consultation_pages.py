"""``/van-ban/lay-y-kien``: drafts by state, a draft with its opinions, how far an opinion is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hoitu.core.access import public
from hoitu.core.content import Cursor, package_data, queries
from hoitu.core.extensions import platform, session
from hoitu.core.web import (
    Receipts,
    SectionPages,
    active_unit,
    cited,
    in_language,
    now,
    receipt_code,
    today,
)
from hoitu.sections.legal_documents.comments import CommentForm, opinions_on
from hoitu.sections.legal_documents.consultations import (
    REQUIREMENT,
    ConsultationComment,
    DraftConsultation,
    state_is,
)
from hoitu.sections.legal_documents.periods import period_of, periods
from hoitu.sections.legal_documents.vocabularies import (
    CONSENTS,
    CONSULTATION_STATES,
    HIDING_REASONS,
    PACKAGE,
)

#: Address parameter of the state.
STATE = "trang-thai"


def standing(_subject: Any = None) -> dict[str, Any]:
    """Return what templates need to say where a consultation stands today."""
    states, days = CONSULTATION_STATES, package_data(PACKAGE, "explanation")["after_close"]["value"]
    return {
        "day": today(),
        "state_label": dict(states.options()).get,
        "state_tones": {key: term.tone for key, term in states.terms.items()},
        "explanation_time": timedelta(days=days),
    }


def takes_opinions(draft: DraftConsultation) -> bool:
    """Say whether this site takes opinions on a draft today: its own, and while the unit lives."""
    unit, day = active_unit(), today()
    is_open = draft.state == "published" and draft.state_on(day) == "open"
    return is_open and draft.unit_id == unit.id and unit.exists_on(day)


def _of_list(listing: Any) -> dict[str, Any]:
    """Return the tabs (label, path, current), and the drafts of the chosen state."""
    here, wanted = request.path, request.args.get(STATE, "")
    addresses = {term.address: key for key, term in CONSULTATION_STATES.terms.items()}
    labels, chosen = dict(CONSULTATION_STATES.options()), addresses.get(wanted, "")
    tabs = [(labels[key], f"{here}?{STATE}={a}", key == chosen) for a, key in addresses.items()]
    page = listing.page
    if chosen:
        of_state = queries.public(DraftConsultation, now(), [REQUIREMENT])
        cursor = Cursor.decode(request.args.get("tu"))
        page = queries.page(session(), of_state.where(state_is(chosen, today())), cursor=cursor)
        page = replace(page, items=in_language(page.items))
    return {
        **standing(),
        "tabs": [(_("All"), here, not chosen), *tabs],
        "chosen": chosen,
        "neighbour": lambda cursor: f"{here}?{STATE}={wanted}&tu={cursor.encode()}",
        "listing": replace(listing, page=page),
    }


def _of_detail(draft: DraftConsultation) -> dict[str, Any]:
    """Return state, period, articles, opinions and the form, if opinions are taken."""
    takes, result = takes_opinions(draft), draft.resulting_number
    return {
        **standing(),
        **opinions_on(draft),
        "period": period_of(draft, periods(platform.catalogues.on(draft.opens_on or today()))),
        "parts": draft.parts(),
        "result_path": cited([result]).get(result, ""),
        "form": (g.get("legal_comment_form") or _form(draft)) if takes else None,
        "late": request.method == "POST" and not takes,
    }


def _form(draft: DraftConsultation) -> CommentForm:
    return CommentForm(platform.types["consultation_comment"], draft)


def consultations_of(number_key: str) -> list[DraftConsultation]:
    """Return the public consultations from which a document came: one statement.

    What the province issues was drafted, and put up for consultation, by one of its departments.
    """
    here, every = active_unit(), platform.units.all()
    owners = {u.id: u for u in (every if here == platform.units.province() else [here])}
    came_of = DraftConsultation.resulting_key == number_key
    found = queries.of_units(session(), DraftConsultation, owners, now(), came_of, limit=5)
    is_on = platform.switchboard.section_on
    return [d for d in found if is_on(owners[d.unit_id], "legal_documents", REQUIREMENT)]


def add_to(pages: SectionPages) -> None:
    """Add the pages of consultations to those of the section."""
    path, status = "/lay-y-kien", "legal_documents.comment_status"
    drafts = pages.add(
        "draft_consultation", path=path, extend_list=_of_list, extend_detail=_of_detail
    )

    @pages.blueprint.post(f"{path}/<int:item_id>-<slug>")
    @public
    def send_comment(item_id: int, slug: str) -> ResponseReturnValue:
        """Take in an opinion; after the last day say so, and keep nothing."""
        draft: Any = drafts.find(item_id)
        if not takes_opinions(draft):
            return drafts.show(draft), 410
        # The page shows this very form, if it is refused.
        g.legal_comment_form = form = _form(draft)
        extra, kind, code = {"consultation": draft.id}, "consultation_comment", receipt_code()
        if form.accepts() and (sent := form.receive(kind, extra=extra, code=code)):
            comment: Any = sent[0]
            return redirect(url_for(status, ma=comment.code), 303)
        return drafts.show(draft), 422

    def trail(*below: tuple[Any, str]) -> Any:
        return drafts.crumbs((_("Look up an opinion"), url_for(status)), *below)

    receipts = Receipts(pages, ConsultationComment, status, REQUIREMENT, CONSENTS, trail)
    receipts.add_withdrawal(f"{path}/gop-y")

    @pages.blueprint.get(f"{path}/gop-y")
    @public
    def comment_status() -> ResponseReturnValue:
        """Show how far an opinion is, to whoever has its code; nothing personal."""
        found = receipts.asked()
        draft = session().get(DraftConsultation, found.consultation) if found else None
        template, reasons = "legal_documents/comment_status.html", dict(HIDING_REASONS.options())
        return receipts.show(template, found, draft=draft, reasons=reasons)
