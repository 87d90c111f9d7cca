"""The form of a mail: plain text in UTF-8, headers nobody can smuggle anything into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import (
    Address,
    BaseHeader,
    HeaderRegistry,
    UniqueAddressHeader,
    UniqueUnstructuredHeader,
)
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from typing import Any, Final

from flask_babel import lazy_gettext as _

from hoitu.core import clock, text

#: A subject longer than this says nothing more.
LONGEST_SUBJECT: Final = 150
#: Most characters of a mail: it points to the desk, it does not replace it.
LONGEST_TEXT: Final = 20_000
#: Most characters of the same in HTML.
LONGEST_HTML: Final = 100_000

#: Why somebody gets a mail. The work of the desk can be silenced, the others cannot.
WORK, ACCOUNT, OPERATOR = "work", "account", "operator"
REASONS: Final[dict[str, Any]] = {
    WORK: _("You get this mail because you work at this desk. Choose what you are told here:"),
    ACCOUNT: _(
        "You get this mail because it concerns your account; it is sent whatever you chose. If you "
        "do not know why, tell the administrator of your unit."
    ),
    OPERATOR: _("An operator of the platform sent this mail to try out its sending."),
}


# The library's own folding puts the space between two encoded words where readers drop it. These
# headers are written as encoded words that carry their spaces with them. The registry itself mixes
# its kinds of headers with ``BaseHeader`` in this way; the stubs type the two differently.
class _Subject(UniqueUnstructuredHeader, BaseHeader):  # type: ignore[misc]
    def fold(self, *, policy: Policy) -> str:
        """Return the header as it goes over the wire."""
        return _folded(self.name, str(self), "", policy)


class _Person(UniqueAddressHeader, BaseHeader):  # type: ignore[misc]
    def fold(self, *, policy: Policy) -> str:
        """Return the header as it goes over the wire."""
        (address,) = self.addresses
        if address.display_name.isascii() or not address.addr_spec.isascii():
            return str(super().fold(policy=policy))
        return _folded(self.name, address.display_name, f"<{address.addr_spec}>", policy)


class _AsIs(UniqueUnstructuredHeader, BaseHeader):  # type: ignore[misc]
    """An address in angle brackets: no reader puts it together again once it is folded."""

    def fold(self, *, policy: Policy) -> str:
        """Return the header as it goes over the wire."""
        return f"{self.name}: {self}{policy.linesep}"


def _folded(name: str, words: str, rest: str, policy: Policy) -> str:
    plain = words.isascii() and "=?" not in words
    charset, width = "us-ascii" if plain else "utf-8", policy.max_line_length
    header = Header(words, charset, maxlinelen=width, header_name=name)
    written = header.encode(linesep=policy.linesep)
    lines = [f"{name}: {written}", rest] if rest else [f"{name}: {written}"]
    return f"{policy.linesep} ".join(lines) + policy.linesep


_HEADERS: Final = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)
_HEADERS.map_to_type("from", _Person)
_HEADERS.map_to_type("to", _Person)
_HEADERS.map_to_type("list-unsubscribe", _AsIs)
_HEADERS.map_to_type("list-unsubscribe-post", _AsIs)
_POLICY: Final = SMTP.clone(header_factory=_HEADERS)


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail as its writer composed it, with what is told below the text.

    ``html`` says the same once more. ``sender`` is the name it comes from, in place of that of the
    settings. ``stop`` is the address at which one click ends such mails: :rfc:`8058`. ``mark`` is
    told in :class:`~hoitu.core.mail.posting.MailRefused` when a server says that the address is
    wrong. Of a ``fleeting`` mail nothing is kept once it was sent or refused, not even to whom.
    """

    subject: str
    text: str
    html: str = ""
    sender: str = ""
    stop: str = ""
    mark: str = ""
    fleeting: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person. ``uid`` names it for ever: sent twice, it is the same mail."""

    address: str
    subject: str
    text: str
    uid: str
    posted_at: datetime
    name: str = ""
    html: str = ""
    sender: str = ""
    stop: str = ""

    def message(self, sender: str) -> EmailMessage:
        """Return the mail as it goes over the wire, from ``sender`` (``Name <address>``).

        :raises ValueError: an address is none.
        """
        made = EmailMessage(policy=_POLICY)
        name, address = parseaddr(sender)
        made["From"] = _address(self.sender or name, address)
        made["To"] = _address(self.name, self.address)
        made["Subject"] = text.excerpt(text.one_line(self.subject) or "-", LONGEST_SUBJECT)
        made["Date"] = format_datetime(clock.local(self.posted_at))
        made["Message-ID"] = f"<{text.one_line(self.uid)}@{domain_of(sender)}>"
        # Vacation notes and the like must not answer.
        made["Auto-Submitted"] = "auto-generated"
        made["X-Auto-Response-Suppress"] = "All"
        if self.stop:
            made["List-Unsubscribe"] = f"<{_stop_address(self.stop)}>"
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        made.set_content(
            text.nfc(self.text)[:LONGEST_TEXT] + "\n", charset="utf-8", cte="quoted-printable"
        )
        if self.html:
            html = text.nfc(self.html)[:LONGEST_HTML] + "\n"
            made.add_alternative(html, "html", charset="utf-8", cte="quoted-printable")
        return made


def domain_of(sender: str) -> str:
    """Return the domain a sender's address is at."""
    return parseaddr(sender)[1].rpartition("@")[2]


def _stop_address(address: str) -> str:
    # A line of a mail holds 998 signs; what is longer, or no plain address, is none of ours.
    plain = address.isascii() and address.isprintable() and not set(" <>") & set(address)
    if not plain or len(address) > 900:
        raise ValueError("not an address of a page")
    return address


def _address(name: str, address: str) -> Address:
    # The parts apart: a name with a comma or a bracket is quoted, never read as an address.
    if address.count("@") != 1 or any(map(str.isspace, address)) or not address.isprintable():
        raise ValueError("not a mail address")
    user, _at, domain = address.partition("@")
    return Address(display_name=text.one_line(name), username=user, domain=domain)
