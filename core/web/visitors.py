"""Forms that visitors of a site fill in: a question, a comment, a request.

A visitor needs no account and no cookie wall, and has nothing to prove. Programs are kept off: a
field that nobody sees must stay empty; a form is not sent within seconds, and takes one message;
the browser reckons while somebody writes (``defence.proof``), and whoever has none that does sends
less within an hour. A form that cannot be taken comes back with everything that was entered.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from flask import Response, after_this_request, current_app, request
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.exc import IntegrityError

from hoitu.core import clock, text
from hoitu.core.access import VISITOR
from hoitu.core.content import ActionContext, Field, Item, Problem, Refused, actions
from hoitu.core.extensions import platform, session
from hoitu.core.forms import EntryForm, form_of
from hoitu.core.people import contributions
from hoitu.core.privacy.consents import AGREES, Consent, Consents
from hoitu.core.web import defence
from hoitu.core.web.client import client_network
from hoitu.core.web.defence.limits import Limit
from hoitu.core.web.defence.proof import BITS
from hoitu.core.web.signed_in import signed_in
from hoitu.core.web.site import active_unit, now, today

#: Names of the fields that are not the visitor's; no field name holds a hyphen.
TRAP, STAMP, PROOF = "web-site", "form-opened", "form-proof"
#: Nobody fills in a form faster; a form opened longer ago is opened anew.
SHORTEST, LONGEST = timedelta(seconds=3), timedelta(hours=24)
#: Letters and digits that cannot be taken for one another.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

#: Messages with a proof from one network: an office, a school or a village shares one address, and
#: twenty of its people hardly write within the same hour; a program there stays a nuisance.
FROM_NETWORK: Final = Limit("network", 20)
#: Messages without: programs that run no scripts are the many, people without scripts the few.
UNPROVEN_NETWORK: Final = Limit("unproven-network", 2)
UNPROVEN_UNIT: Final = Limit("unproven-unit", 5)
#: The same text to one unit: a program that changes its network and the sender, not what it says.
SAME_WORDS: Final = Limit("words", 3, timedelta(hours=24))
#: People do say the same in a few words, such as that they agree.
FEW_WORDS: Final = 8
#: A stamp takes one message, which may be sent again.
_SPENT: Final = Limit("used-stamp", 1, LONGEST)
_SENT_BEFORE: Final = Limit("used-for", 1, LONGEST)


class VisitorForm:
    """A form of declared fields on a page of the site; ``required`` must be filled in."""

    #: How often it is taken from one network within an hour; forms with the same one are counted
    #: together.
    from_network: ClassVar[Limit] = FROM_NETWORK
    #: Fields for the name and the mail address of who sends it: filled in for whoever is signed in.
    of_sender: ClassVar[tuple[str, str] | None] = None
    #: Texts of what somebody agrees to; the version is kept with what is taken in.
    consents: ClassVar[Consents | None] = None
    #: Name of the field by which they agree.
    agrees: ClassVar[str] = AGREES.name

    def __init__(self, fields: Iterable[Field], required: Iterable[str] = ()) -> None:
        self.required = frozenset(required)
        self.sent = request.method == "POST"
        fields = list(fields)
        self._personal = [declared.name for declared in fields if declared.personal]
        self.entries: EntryForm = form_of(fields)(request.form if self.sent else None)
        #: Random; what is derived from it is the same for everything sent from one opened form.
        self.nonce = ""
        self._opened = 0.0
        self._open()
        if self.sent:
            self._read_stamp()
        elif self.of_sender:
            self._fill_in_sender(*self.of_sender)

    @property
    def stamp(self) -> str:
        """When the form was opened, and its random word, signed: sent along with it."""
        return str(_signer().dumps([self._opened, self.nonce]))

    @property
    def consent(self) -> Consent | None:
        """The text of consent on this page: that of the day on which the form was opened."""
        if self.consents is None:
            return None
        opened = datetime.fromtimestamp(self._opened, UTC) if self._opened else now()
        return self.consents.on(clock.local(opened).date())

    @property
    def bits(self) -> int:
        """How hard the proof is that a browser finds for ``nonce``."""
        return BITS

    def accepts(self) -> bool:
        """Say whether the form was sent, is complete, and does not come from a program.

        It is counted then, which becomes true with the caller's commit.
        """
        if not self.sent or self._looks_automatic():
            return False
        fits = self.entries.validate()
        complete = self.entries.demand(self.required)
        return fits and complete and self._is_agreed_to() and self._is_admitted()

    def values(self) -> dict[str, Any]:
        """Return what was entered and is kept, by field name."""
        return {n: value for n, value in self.entries.values().items() if n != AGREES.name}

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
        if self.consent and self.entries.values()[self.agrees]:
            stamped["consent_version"] = self.consent.version
        for is_again in (False, True):
            if is_again and not self._is_admitted():
                return None
            try:
                found = actions.receive(
                    visitor_context(), type_name, values, key=key, stamped=stamped
                )
                _note_sender(*found)
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

    def _fill_in_sender(self, name: str, email: str) -> None:
        if who := signed_in():
            address = who.person.email if who.person.email_confirmed_at else ""
            self.entries.entry(name).data = who.person.name
            self.entries.entry(email).data = address

    def _open(self) -> None:
        self._opened, self.nonce = now().timestamp(), secrets.token_urlsafe(32)

    def _read_stamp(self) -> None:
        """Take over when the form was opened; what is no stamp of ours was opened before time."""
        try:
            opened, nonce = _signer().loads(request.form.get(STAMP, ""))
            self._opened, self.nonce = float(opened), str(nonce)
        except (BadData, ValueError, TypeError):
            self._opened = 0.0

    def _looks_automatic(self) -> bool:
        """Say whether trap and stamp tell of a program; no statement unless they do."""
        age = now().timestamp() - self._opened
        if request.form.get(TRAP):
            told = _("This form was filled in by a program. Reload the page, write again.")
            self._refuse("trap", str(told))
        elif not 0 <= age <= LONGEST.total_seconds():
            # Who left the page open for a day is nobody to count.
            reason = "" if self._opened else "stamp"
            self._refuse(
                reason, str(_("The form was open for too long. Please send it once more."))
            )
            self._open()
        elif age < SHORTEST.total_seconds():
            told = _("Please wait a few seconds, then send the form once more.")
            self._refuse("too-fast", str(told))
        else:
            return False
        return True

    def _is_agreed_to(self) -> bool:
        """Say whether personal data come with their owner's consent."""
        entered = self.entries.values()
        if self.consents is None or entered[self.agrees]:
            return True
        if not any(str(entered[name] or "").strip() for name in self._personal):
            return True
        text = _("Tick this, or leave out what tells who you are.")
        self.entries.refuse([Problem(self.agrees, text)])
        return False

    def _is_admitted(self) -> bool:
        """Say whether the message is within all limits, and count it: three statements at most."""
        network, unit_id = client_network(), active_unit().id
        wanted = {_SPENT: self.nonce}
        if words := self._longest_text():
            wanted[SAME_WORDS] = f"{unit_id}|{words}"
        if defence.proves(self.nonce, request.form.get(PROOF, "")):
            wanted[self.from_network] = network
        else:
            wanted |= {UNPROVEN_NETWORK: network, UNPROVEN_UNIT: str(unit_id)}
        full = defence.admit(wanted, {_SENT_BEFORE: self.nonce + self.key()})
        if full is None:
            return True
        if full == _SPENT:
            self._open()
        else:
            _answer_later(full.within)
        self._refuse(full.purpose, _told(full))
        return False

    def _longest_text(self) -> str:
        """Return the words of the longest text that was entered; '' for a few words."""
        texts = (said for said in self.entries.values().values() if isinstance(said, str))
        longest = max(map(text.words, texts), key=len, default=[])
        return " ".join(longest) if len(longest) >= FEW_WORDS else ""

    def _refuse(self, reason: str, told: str) -> None:
        """Put why it is not taken to the form, and count it for the desk, unless it is ''."""
        self.entries.form_errors.append(told)
        if reason:
            defence.note(reason)


def _told(full: Limit) -> str:
    """Return what to do where a limit is reached."""
    if full == _SPENT:
        return str(
            _("This form has sent a message already. Look through this one and send it once more.")
        )
    if full == SAME_WORDS:
        return str(
            _(
                "The same text came several times today; the agency has it. If you have something "
                "else to say, say it in words of your own."
            )
        )
    if full in (UNPROVEN_NETWORK, UNPROVEN_UNIT):
        return str(
            _(
                "Without JavaScript few messages are taken within an hour, because programs send "
                "many. Please try again in an hour, switch JavaScript on and reload the page, or "
                "call or write to us: telephone and address are at the end of this page."
            )
        )
    return str(
        _(
            "Many messages came from your network within an hour. Please try again in an hour, or "
            "call or write to us: telephone and address are at the end of this page."
        )
    )


def _answer_later(within: timedelta) -> None:
    """Let the answer to this request say 429, whatever the page of the form says."""

    @after_this_request
    def say(response: Response) -> Response:
        response.status_code = 429
        response.headers["Retry-After"] = str(int(within.total_seconds()))
        return response


def _note_sender(item: Item, is_new: bool) -> None:
    """Note who sent an item, if somebody is signed in: they find it among what is theirs."""
    who = signed_in()
    if who is not None and is_new:
        contributions.note(session(), who.person, item, who.level, now())


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
