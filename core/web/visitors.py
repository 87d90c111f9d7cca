"""Forms that visitors of a site fill in: a question, a comment, a request.

A visitor needs no account and no cookie wall. Robots are kept off without asking people to prove
anything: a field that nobody sees must stay empty, and a form is not sent within seconds. A form
that cannot be taken comes back with everything that was entered.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from flask import current_app, request
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.exc import IntegrityError

from hoitu.core.access import VISITOR
from hoitu.core.content import ActionContext, Field, Item, Refused, actions
from hoitu.core.extensions import platform, session
from hoitu.core.forms import EntryForm, form_of
from hoitu.core.web.site import active_unit, now, today

#: Names of the two fields that are not the visitor's; no field name holds a hyphen.
TRAP, STAMP = "web-site", "form-opened"
#: Nobody fills in a form faster; a form opened longer ago is opened anew.
SHORTEST, LONGEST = timedelta(seconds=3), timedelta(hours=24)
#: Letters and digits that cannot be taken for one another.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class VisitorForm:
    """A form of declared fields on a page of the site; ``required`` must be filled in."""

    def __init__(self, fields: Iterable[Field], required: Iterable[str] = ()) -> None:
        self.required = frozenset(required)
        self.sent = request.method == "POST"
        self.entries: EntryForm = form_of(fields)(request.form if self.sent else None)
        self._opened, self.nonce = self._read_stamp() if self.sent else (None, "")

    @property
    def stamp(self) -> str:
        """When the form was opened, and a random word of its own, signed: sent along with it.

        What is derived from the word (``nonce``) is the same for everything sent from one form.
        """
        opened = self._opened or now().timestamp()
        return str(_signer().dumps([opened, self.nonce or secrets.token_urlsafe(32)]))

    def accepts(self) -> bool:
        """Say whether the form was sent, is complete and comes from a person."""
        if not self.sent:
            return False
        fits = self.entries.validate()
        complete = self.entries.demand(self.required)
        if trouble := self._robot():
            self.entries.form_errors.append(trouble)
        return fits and complete and not trouble

    def values(self) -> dict[str, Any]:
        """Return what was entered, by field name."""
        return self.entries.values()

    def key(self, *more: str) -> str:
        """Return the key of this message: the same words on the same day are the same message.

        Nobody without the installation's secret can tell the words from it.
        """
        place = [active_unit().id, request.path, str(today())]
        said = json.dumps([*place, self.values(), more], default=str)
        secret = str(current_app.secret_key).encode()
        return hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()[:32]

    def receive(
        self, type_name: str, extra: Mapping[str, Any] | None = None, **stamped: Any
    ) -> tuple[Item, bool] | None:
        """Take in the message and commit; return the item and whether it is new.

        ``extra`` are fields the visitor did not fill in, ``stamped`` columns that are no fields.
        None when it was refused: the form then says why.
        """
        values = {**self.values(), **(extra or {})}
        more = json.dumps(extra or {}, default=str, sort_keys=True)
        key = self.key(more)
        for _attempt in range(2):
            try:
                found = actions.receive(
                    visitor_context(), type_name, values, key=key, stamped=stamped
                )
                session().commit()
            except IntegrityError:
                # Sent twice at the same instant: the other one was faster, and is found now.
                session().rollback()
            except Refused as refused:
                session().rollback()
                self.entries.refuse(refused.problems)
                return None
            else:
                return found
        self.entries.form_errors.append(str(_("It could not be kept. Please send it once more.")))
        return None

    def _read_stamp(self) -> tuple[float | None, str]:
        try:
            opened, nonce = _signer().loads(request.form.get(STAMP, ""))
            return float(opened), str(nonce)
        except (BadData, ValueError, TypeError):
            return None, ""

    def _robot(self) -> str:
        """Return what keeps the form from being taken; '' for nothing."""
        if request.form.get(TRAP):
            return str(_("This form was filled in by a program. Reload the page, write again."))
        age = now().timestamp() - (self._opened or 0)
        if not 0 <= age <= LONGEST.total_seconds():
            self._opened = None
            return str(_("The form was open for too long. Please send it once more."))
        if age < SHORTEST.total_seconds():
            return str(_("Please wait a few seconds, then send the form once more."))
        return ""


def visitor_context() -> ActionContext:
    """Return the context in which a visitor of the addressed site acts."""
    return ActionContext.of(platform, session(), VISITOR, active_unit())


def receipt_code() -> str:
    """Return a new code by which a visitor finds an answer, e.g. ``K7M2-9QXP``: 40 random bits."""
    code = "".join(secrets.choice(ALPHABET) for _position in range(8))
    return f"{code[:4]}-{code[4:]}"


def clean_code(typed: str) -> str:
    """Return a receipt code as it was given out, however it was typed."""
    code = "".join(sign for sign in typed.upper() if sign in ALPHABET)[:8]
    return f"{code[:4]}-{code[4:]}"


def _signer() -> URLSafeSerializer:
    secret = current_app.secret_key
    assert secret is not None
    return URLSafeSerializer(secret, salt=f"visitor-form-{active_unit().id}")
