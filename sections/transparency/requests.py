"""Requests for information: the form in which people ask, and the way to the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import undefer

from hoitu.core.content import ContentType, Field, Flag
from hoitu.core.extensions import session
from hoitu.core.web import VisitorForm, clean_code, receipt_code, today
from hoitu.sections.transparency.models import InformationRequest
from hoitu.sections.transparency.rules import unreachable
from hoitu.sections.transparency.vocabularies import consent_on

ASKED = ("information", "purpose", "delivery", "requester", "address", "phone", "email")
#: What a person declares; the version of the consent text is kept, the tick is not.
AGREES = Field(Flag(), _("I agree to this use of my data"), name="agrees")
_HELP = {
    "information": _("Say which document or figures, of which time and place."),
    "purpose": _("You need not say it."),
}


class RequestForm(VisitorForm):
    """The form of a request with the declaration."""

    def __init__(self, kind: ContentType) -> None:
        asked = [replace(kind.fields[name], help=_HELP.get(name, "")) for name in ASKED]
        super().__init__((*asked, AGREES), ("information", "delivery", "requester", "agrees"))

    def values(self) -> dict[str, Any]:
        """Return what is stored: not the tick, without which nothing is taken in."""
        return {n: value for n, value in super().values().items() if n != AGREES.name}

    def accepts(self) -> bool:
        """Say whether the form was sent, is complete, and the answer can be handed over."""
        accepted = super().accepts()
        found = unreachable(self.values()) if self.sent else []
        self.entries.refuse(found)
        return accepted and not found

    def take_in(self) -> InformationRequest | None:
        """Take in the request and commit; the same one sent twice is the first. None: refused."""
        code = receipt_code()
        found = self.receive(
            "information_request", code=code, consent_version=consent_on(today()).version
        )
        if found is None:
            return None
        request, _is_new = found
        assert isinstance(request, InformationRequest)
        return request


def by_code(typed: str) -> InformationRequest | None:
    """Return the request with a code, with its answer, in whatever state but the trash."""
    code = clean_code(typed)
    if len(code) < 9:
        return None
    chosen = select(InformationRequest).where(
        InformationRequest.code == code, InformationRequest.state != "trashed"
    )
    return session().scalars(chosen.options(undefer(InformationRequest.body))).first()
