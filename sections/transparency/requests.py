"""Requests for information: the form in which people ask, and the way to the answer."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType
from hoitu.core.privacy import AGREES
from hoitu.core.web import VisitorForm, receipt_code
from hoitu.sections.transparency.models import InformationRequest
from hoitu.sections.transparency.rules import unreachable
from hoitu.sections.transparency.vocabularies import CONSENTS

ASKED = ("information", "purpose", "delivery", "requester", "address", "phone", "email")
_HELP = {
    "information": _("Say which document or figures, of which time and place."),
    "purpose": _("You need not say it."),
}


class RequestForm(VisitorForm):
    """The form of a request with the declaration."""

    of_sender = ("requester", "email")
    consents = CONSENTS

    def __init__(self, kind: ContentType) -> None:
        asked = [replace(kind.fields[name], help=_HELP.get(name, "")) for name in ASKED]
        super().__init__((*asked, AGREES), ("information", "delivery", "requester", "agrees"))

    def accepts(self) -> bool:
        """Say whether the form was sent, is complete, and the answer can be handed over."""
        accepted = super().accepts()
        found = unreachable(self.values()) if self.sent else []
        self.entries.refuse(found)
        return accepted and not found

    def take_in(self) -> InformationRequest | None:
        """Take in the request and commit; the same one sent twice is the first. None: refused."""
        found = self.receive("information_request", code=receipt_code())
        if found is None:
            return None
        request, _is_new = found
        assert isinstance(request, InformationRequest)
        return request
