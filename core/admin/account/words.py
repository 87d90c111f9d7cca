"""What the log calls that which was done to accounts, and signing in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext

ACTIONS: Final[Mapping[str, Any]] = {
    "account.create": lazy_gettext("Created an account"),
    "account.grant": lazy_gettext("Gave a role"),
    "account.revoke": lazy_gettext("Took a role away"),
    "account.password": lazy_gettext("Changed a password"),
    "account.deputy": lazy_gettext("Changed who stands in for somebody"),
    "account.lock": lazy_gettext("Locked an account"),
    "account.locked_out": lazy_gettext("Locked an account for a while after wrong passwords"),
    "account.unlock": lazy_gettext("Opened a locked account"),
    "sign_in": lazy_gettext("Signed in"),
    "sign_in.failed": lazy_gettext("Entered a wrong password"),
    "account.sessions_end": lazy_gettext("Ended sessions"),
    "account.factor_add": lazy_gettext("Added a second factor"),
    "account.factor_remove": lazy_gettext("Took a second factor away"),
    "account.factor_drop": lazy_gettext("Took away all second factors of somebody"),
    "account.identity": lazy_gettext("Linked an account with the single sign-on"),
    "account.identity_drop": lazy_gettext("Parted an account from the single sign-on"),
    "account.recovery_codes": lazy_gettext("Made new recovery codes"),
    "account.invite": lazy_gettext("Sent an invitation"),
    "account.uninvite": lazy_gettext("Withdrew an invitation"),
    "account.link_asked": lazy_gettext("Asked for a link for a forgotten password"),
    "account.idle": lazy_gettext("Locked an account that nobody used"),
}
