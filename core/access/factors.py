"""The second factor: codes of a phone, passkeys, and recovery codes for when both are lost.

The secret of the codes is sealed: a copy of the database makes none. A code is taken once, a
recovery code once, and what a passkey signs is asked for once.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from hoitu.core.access.models import Account, Passkey, RecoveryCode
from hoitu.core.access.permissions import Actor
from hoitu.core.sealing import Seal, SealBroken

#: Roles for which a password alone is not enough.
ADMINISTRATORS: Final = frozenset({"unit_admin", "platform_admin"})
#: What a code, a passkey and a recovery code are called in the log.
CODE, PASSKEY, RECOVERY = "code", "passkey", "recovery"
RECOVERY_CODES: Final = 10
#: So few of them are left that new ones are due.
FEW_LEFT: Final = 3
#: For what a challenge was made.
REGISTER, SIGN_IN = "register", "sign in"

_SECRET, _MARK, _SETUP = "second factor", "recovery code", "second factor set-up"
_STEP_SECONDS: Final = 30
#: Letters and digits that nobody takes for one another.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_HALF: Final = 5
_CHALLENGE_LASTS: Final = timedelta(minutes=5)


class FactorError(ValueError):
    """What a device sent is not what was asked of it; the message is for the log of the server."""


def is_obliged(wanted: str, actor: Actor) -> bool:
    """Say whether an account must have a second factor, as the setting ``second_factor`` wants."""
    administers = any(grant.role in ADMINISTRATORS for grant in actor.grants)
    return wanted == "all" or (wanted == "admins" and administers)


# -- codes of a phone ----------------------------------------------------------------------------


def new_secret(seal: Seal, account: Account) -> tuple[str, str]:
    """Return a new secret for the account, in base32 and sealed for the form that confirms it."""
    secret = pyotp.random_base32()
    return secret, seal.lock(secret, f"{_SETUP} {account.id}")


def secret_of_form(seal: Seal, account: Account, sealed: str) -> str:
    """Return the secret that a form carries; '' when it was made for somebody else, or changed."""
    try:
        return seal.open(sealed, f"{_SETUP} {account.id}")
    except SealBroken:
        return ""


def setup_address(secret: str, account: Account, issuer: str) -> str:
    """Return what the square of a set-up page says to a phone (``otpauth://``)."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=issuer)


def keep_secret(seal: Seal, account: Account, secret: str, code: str, now: datetime) -> bool:
    """Take codes of this secret from now on, if ``code`` is one of now; False when it is not."""
    step = _step_of(secret, code, now)
    if step is None:
        return False
    account.totp_secret, account.totp_step = seal.lock(secret, _SECRET), step
    return True


def take_code(seal: Seal, account: Account, code: str, now: datetime) -> bool:
    """Take a code of now, of half a minute ago or ahead; none twice, and none older than the last.

    The caller holds the row of the account, and commits.

    :raises SealBroken: the secret was sealed with another key.
    """
    if not account.totp_secret:
        return False
    step = _step_of(seal.open(account.totp_secret, _SECRET), code, now)
    if step is None or step <= account.totp_step:
        return False
    account.totp_step = step
    return True


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    totp, typed = pyotp.TOTP(secret), "".join(code.split())
    present = int(now.timestamp()) // _STEP_SECONDS
    for step in (present, present - 1, present + 1):
        expected = totp.generate_otp(step)
        if hmac.compare_digest(expected.encode(), typed.encode()):
            return step
    return None


# -- recovery codes ------------------------------------------------------------------------------


def new_recovery_codes(session: Session, seal: Seal, account: Account) -> list[str]:
    """Give an account new recovery codes and return them; earlier ones open nothing any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = [_recovery_code() for _number in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(account_id=account.id, mark=_marked(seal, account, code)) for code in codes
    )
    session.flush()
    return codes


def take_recovery_code(session: Session, seal: Seal, account: Account, code: str) -> bool:
    """Use a recovery code up; False when it is none of the account's. The caller commits."""
    mark = _marked(seal, account, code)
    used = delete(RecoveryCode).where(
        RecoveryCode.account_id == account.id, RecoveryCode.mark == mark
    )
    return bool(session.execute(used).rowcount)  # type: ignore[attr-defined]


def recovery_codes_left(session: Session, account: Account) -> int:
    """Return how many recovery codes an account still has."""
    own = select(func.count(RecoveryCode.id)).where(RecoveryCode.account_id == account.id)
    return session.scalar(own) or 0


def _recovery_code() -> str:
    halves = ("".join(secrets.choice(_LETTERS) for _ in range(_HALF)) for _half in range(2))
    return "-".join(halves)


def _marked(seal: Seal, account: Account, code: str) -> str:
    typed = "".join(filter(str.isalnum, code.lower()))
    return seal.mark(f"{account.id} {typed}", _MARK)


# -- passkeys ------------------------------------------------------------------------------------


def ask_to_register(account: Account, host: str, site: str, now: datetime) -> str:
    """Return what a browser is asked in order to make a passkey (JSON); the caller commits."""
    own = [_descriptor(key) for key in account.passkeys if key.host == host]
    options = generate_registration_options(
        rp_id=host,
        rp_name=site,
        user_name=account.email,
        user_id=f"hoitu:{account.id}".encode(),
        user_display_name=account.name,
        challenge=_challenge(account, REGISTER, host, now),
        exclude_credentials=own,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return options_to_json(options)


def register(
    account: Account, answer: str, host: str, origin: str, name: str, now: datetime
) -> Passkey:
    """Add the passkey that a browser made; the caller commits.

    :raises FactorError: it is not what was asked for, or too late.
    """
    challenge = _taken_challenge(account, REGISTER, host, now)
    try:
        made = verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=host,
            expected_origin=origin,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise FactorError(f"a passkey was not taken: {error}") from error
    key = Passkey(
        host=host, name=name, credential_id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key), sign_count=made.sign_count,
        added_at=now,
    )  # fmt: skip
    account.passkeys.append(key)
    return key


def ask_to_sign(account: Account, host: str, now: datetime) -> str:
    """Return what a browser is asked in order to sign with a passkey (JSON); the caller commits."""
    options = generate_authentication_options(
        rp_id=host,
        challenge=_challenge(account, SIGN_IN, host, now),
        allow_credentials=[_descriptor(key) for key in passkeys_at(account, host)],
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json(options)


def take_signature(account: Account, answer: str, host: str, origin: str, now: datetime) -> None:
    """Check what one of the account's passkeys signed; the caller commits.

    :raises FactorError: it is not what was asked for, or by none of them, or too late.
    """
    challenge = _taken_challenge(account, SIGN_IN, host, now)
    try:
        used = bytes_to_base64url(parse_authentication_credential_json(answer).raw_id)
        key = next((k for k in passkeys_at(account, host) if k.credential_id == used), None)
        if key is None:
            raise FactorError("signed by a passkey that is not the account's")
        found = verify_authentication_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=host,
            expected_origin=origin, credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise FactorError(f"a passkey was not taken: {error}") from error
    key.sign_count, key.used_at = found.new_sign_count, now


def passkeys_at(account: Account, host: str) -> Sequence[Passkey]:
    """Return the passkeys of an account that work on a host."""
    return [key for key in account.passkeys if key.host == host]


def drop_all(session: Session, account: Account) -> bool:
    """Take every second factor of an account away; False when it had none. The caller commits."""
    had = account.has_second_factor
    account.totp_secret = ""
    account.passkeys.clear()
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    return had


def _challenge(account: Account, purpose: str, host: str, now: datetime) -> bytes:
    made = secrets.token_bytes(32)
    # The host is checked with the signature; here it only has to fit.
    account.challenge = f"{purpose} {bytes_to_base64url(made)}"
    account.challenge_until = now + _CHALLENGE_LASTS
    return made


def _taken_challenge(account: Account, purpose: str, host: str, now: datetime) -> bytes:
    kept, until = account.challenge, account.challenge_until
    account.challenge, account.challenge_until = "", None
    wanted, _, made = kept.rpartition(" ")
    if wanted != purpose or until is None or now > until:
        raise FactorError("nothing was asked of a passkey, or too long ago")
    return base64url_to_bytes(made)


def _descriptor(key: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id))
