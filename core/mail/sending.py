"""Handing a mail to the server of the settings; in a demonstration, to a folder."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from hoitu.core import clock, config
from hoitu.core.config import Config
from hoitu.core.mail.message import Letter, domain_of

#: Seconds a server may take to answer.
TIMEOUT: Final = 30
#: Folder below the instance for mails that no server is there for.
OUTBOX: Final = "outbox"
#: How long a written mail is kept there.
KEPT: Final = timedelta(days=30)
#: What a server answers when the same mail may be taken later.
_LATER = range(400, 500)
#: What a server answers that is about to go away.
_CLOSING: Final = 421
#: What a server answers that has no such mailbox, and one whose mailbox takes nothing so large.
_NO_MAILBOX, _NO_ROOM = (550, 551, 553), 552
#: More precise figures after the code (:rfc:`3463`): of the address, except that of the sender,
#: and of this mail alone: its mailbox is full or shut, it is too large, its form is not understood.
_PRECISELY: Final = re.compile(r"5\.\d{1,3}\.\d{1,3}\b")
_OF_ADDRESS: Final = re.compile(r"5\.1\.(?![78]$)")
_OF_MAIL: Final = re.compile(r"5\.(2\.|3\.4$|6\.)")


class MailError(Exception):
    """A mail was not taken; ``later`` says whether trying again may help.

    With ``server`` it is not about this mail: every other may fare the same. With ``address`` the
    server says that there is no such address; all else may be about us. The message names
    server and answer, never a password or the text of the mail; ``code`` is that of the answer, 0
    where there was none.
    """

    def __init__(
        self,
        message: str,
        *,
        later: bool,
        server: bool = False,
        address: bool = False,
        code: int = 0,
    ) -> None:
        super().__init__(message)
        self.later = later
        self.server = server
        self.address = address
        self.code = code


def send(settings: Config, instance: Path, letter: Letter) -> str:
    """Send a mail, or write it to the outbox of the instance; return where it went.

    :raises MailError: it was not taken.
    """
    try:
        message = letter.message(settings.mail_from)
    except ValueError as error:
        raise MailError(f"the mail cannot be written: {error}", later=False) from error
    if not settings.mail_url:
        return str(_write(instance / OUTBOX, letter, message))
    with _connection(settings) as server:
        server.send_message(message)
    return urlsplit(settings.mail_url).hostname or ""


def examine(settings: Config) -> None:
    """Greet the server and sign in, as for sending.

    :raises MailError: it cannot be reached, or refuses encryption or the password.
    """
    with _connection(settings) as server:
        server.noop()


@contextmanager
def _connection(settings: Config) -> Iterator[smtplib.SMTP]:
    """Open a connection as `mail_url` says: encrypted, the server's certificate checked."""
    url = urlsplit(settings.mail_url)
    place = f"mail server {url.hostname or ''}:{url.port or 'standard port'}"
    try:
        with _greeted(settings) as server:
            try:
                yield server
            except (smtplib.SMTPException, OSError) as error:
                raise _of_mail(place, error) from None
    except (smtplib.SMTPException, OSError) as error:
        # Not `from error`: what the library says of a refused sign-in may repeat it.
        raise _of_server(place, error) from None


@contextmanager
def _greeted(settings: Config) -> Iterator[smtplib.SMTP]:
    url = urlsplit(settings.mail_url)
    host, name = url.hostname or "", domain_of(settings.mail_from) or None
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, url.port or 465, name, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, url.port or 587, name, timeout=TIMEOUT)
    try:
        if url.scheme == "smtp" and "tls=none" not in url.query:
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        yield server
    finally:
        _leave(server)


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye; a mail that was taken is taken, whatever the server answers to that."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _of_mail(place: str, error: Exception) -> MailError:
    """Return what it means that a server which took us in did not take this mail."""
    code: int
    answer: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        return MailError(f"{place}: {error}", later=False)
    elif isinstance(error, smtplib.SMTPResponseException) and not isinstance(
        error, smtplib.SMTPSenderRefused
    ):
        code, answer = error.smtp_code, error.smtp_error
    else:
        return _of_server(place, error)
    told = _answer(code, answer)
    at_receiver = isinstance(error, smtplib.SMTPRecipientsRefused)
    ours = code == _CLOSING or (code not in _LATER and not _is_of_this_mail(told, at_receiver))
    return MailError(
        f"{place}: {told}",
        # A refusal of ours, such as a relay that does not know us any more, can be mended.
        later=code in _LATER or ours,
        server=ours,
        address=at_receiver and _means_address(told),
        code=code,
    )


def _of_server(place: str, error: Exception) -> MailError:
    """Return what it means that a server is away or takes no mail of ours at all.

    No mail is lost by that: a wrong password or a certificate that ran out can be mended.
    """
    if isinstance(error, smtplib.SMTPResponseException):
        reason = f": {_answer(error.smtp_code, error.smtp_error)}"
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        reason = f": {error}"
    elif isinstance(error, ssl.SSLError):
        reason = f": {error.reason or error}"
    else:
        reason = f" cannot be reached: {type(error).__name__}: {error}"
    return MailError(f"{place}{reason}", later=True, server=True)


def _is_of_this_mail(told: str, at_receiver: bool) -> bool:
    """Say whether a refusal is about one mail or its receiver, not about who we are."""
    code, precise = _figures(told)
    if precise:
        return bool(_OF_ADDRESS.match(precise) or _OF_MAIL.match(precise))
    return code == _NO_ROOM or (at_receiver and code in _NO_MAILBOX)


def _means_address(told: str) -> bool:
    """Say whether an answer means that there is no such address, not that we are unwanted."""
    code, precise = _figures(told)
    return code in _NO_MAILBOX and (not precise or bool(_OF_ADDRESS.match(precise)))


def _figures(told: str) -> tuple[int, str]:
    """Return the code of an answer, and the more precise figures after it, if it has any."""
    code, _space, reason = told.partition(" ")
    precise = _PRECISELY.match(reason)
    return int(code), precise[0] if precise else ""


def _answer(code: int, answer: bytes | str) -> str:
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(said.split())[:300]}"


def _write(folder: Path, letter: Letter, message: EmailMessage) -> Path:
    """Write a mail as a file that only the operator may read; written twice, it is one file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = clock.local(letter.posted_at).strftime("%Y%m%d-%H%M%S")
    path = folder / f"{stamp}-{letter.uid}.eml"
    config.write_private(path, message.as_bytes().decode("ascii"), replace=True)
    return path


def tidy(instance: Path, now: float) -> None:
    """Remove mails from the outbox that were written long before the instant ``now``."""
    for path in (instance / OUTBOX).glob("*.eml"):
        if path.stat().st_mtime < now - KEPT.total_seconds():
            path.unlink(missing_ok=True)
