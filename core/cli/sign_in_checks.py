"""What ``hoitu doctor`` examines of signing in: data key, cookies, second factors, providers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoitu.core import data_key
from hoitu.core.access import Account, RoleGrant
from hoitu.core.access.factors import ADMINISTRATORS
from hoitu.core.admin.account import single_sign_on
from hoitu.core.cli.findings import Finding
from hoitu.core.extensions import Platform
from hoitu.core.oidc import LoginError

#: Addresses that are named at most; the rest is counted.
NAMED = 5


@runtime_checkable
class Examined(Protocol):
    """A way for citizens to sign in whose provider can be asked whether it answers."""

    @property
    def place(self) -> str:
        """The address that is asked."""

    def examine(self) -> None:
        """See whether it answers as agreed; a :class:`LoginError` tells that it does not."""


def key(parts: Platform) -> Finding:
    """Examine the data key: who may read it, and whether it opens what is sealed.

    That it is there, is long enough and is the database's was seen when the application started.
    """
    path = parts.instance / data_key.FILE
    if path.stat().st_mode & 0o077:
        return Finding("data key", False, f"others may read {path}", f"chmod 600 {path}")
    if closed := list(data_key.unopened(parts.engine, parts.seal)):
        remedy = f"put {path} back from its backup; without one: hoitu data-key replace"
        return Finding("data key", False, f"does not open {', '.join(closed)}", remedy)
    if not data_key.is_marked(parts.engine):
        return _warning("data key", "the database has no mark of it yet", "hoitu upgrade")
    return Finding("data key", True, "fits the database; keep a copy apart from the database's")


def cookies(parts: Platform) -> Iterator[Finding]:
    """Warn of cookies that anybody on the way can read."""
    if not parts.config.secure_cookies and not parts.config.demo_hosts:
        remedy = "remove `secure_cookies = false` from the settings, and serve over HTTPS"
        yield _warning("cookies", "are sent without HTTPS too: sessions can be stolen", remedy)


def second_factors(session: Session, parts: Platform) -> Finding:
    """Tell who must give a second factor, and warn of administrators without one."""
    wanted = parts.config.second_factor
    if wanted == "none":
        remedy = 'set second_factor = "admins" or "all"'
        return _warning("second factor", "nobody needs one", remedy)
    granted = select(RoleGrant.account_id).where(RoleGrant.role.in_(ADMINISTRATORS))
    chosen = select(Account).where(Account.active.is_(True), Account.id.in_(granted))
    found = session.scalars(chosen.order_by(Account.email)).all()
    without = [one.email for one in found if not one.has_second_factor]
    if not without:
        return Finding("second factor", True, f"wanted of {wanted}; {len(found)} administrators")
    more = f" and {len(without) - NAMED} more" if len(without) > NAMED else ""
    detail = f"administrators without one: {', '.join(without[:NAMED])}{more}"
    return _warning("second factor", detail, "they set one up when they sign in next")


def providers(parts: Platform) -> Iterator[Finding]:
    """Ask the providers of staff and citizens for their metadata, for some seconds at most."""
    if client := single_sign_on.client():
        yield _answers("sign-in of staff", client.examine, client.provider.place)
    login: object = parts.hooks.resolve_login()
    if isinstance(login, Examined):
        yield _answers("sign-in of citizens", login.examine, login.place)


def _answers(subject: str, examine: Callable[[], None], place: str) -> Finding:
    try:
        examine()
    except LoginError as error:
        remedy = "open the address from this server; compare it with what was agreed"
        return _warning(subject, f"{place}: {error.__class__.__name__}: {error}", remedy)
    return Finding(subject, True, f"{place} answers as agreed")


def _warning(subject: str, detail: str, remedy: str) -> Finding:
    return Finding(subject, True, detail, remedy, warning=True)
