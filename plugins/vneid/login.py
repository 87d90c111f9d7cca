"""The sign-in over OpenID Connect, and the choice between it and the encrypted kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from flask import current_app
from flask.sansio.blueprints import BlueprintSetupState

from hoitu.core.config import read_table
from hoitu.core.extensions import Platform, platform_of
from hoitu.core.oidc import Away, LoginUntrusted, OidcClient
from hoitu.core.people import Known, LoginProvider, identities
from hoitu.plugins.vneid import claims
from hoitu.plugins.vneid.envelope import EnvelopeLogin
from hoitu.plugins.vneid.settings import Settings
from hoitu.plugins.vneid.wording import words

_KEY = "hoitu_vneid"


class OidcLogin:
    """Kinds `vnconnect` and `vneid`: the code flow, checked by :class:`OidcClient`."""

    def __init__(self, settings: Settings) -> None:
        assert settings.provider is not None
        self._settings = settings
        self._client = OidcClient(settings.provider)
        self.label, self.notice = words(settings)

    def examine(self) -> None:
        """See whether the provider answers as agreed; raises what :meth:`begin` does."""
        self._client.examine()

    @property
    def place(self) -> str:
        """The address that is asked for that."""
        return self._client.provider.place

    def begin(self, redirect_uri: str, level: int) -> Away:
        """Return where to send the browser."""
        if level < identities.PROVED:
            return self._client.begin(redirect_uri)
        # Whoever is signed in there lower would come back as they are.
        wishes = {"prompt": "login"}
        if self._client.provider.acr_values:
            known = self._settings.levels.get("acr", {})
            wishes |= {"acr_values": " ".join(word for word, of in known.items() if of >= level)}
        return self._client.begin(redirect_uri, **wishes)

    def state_of(self, query: bytes) -> str:
        """Return the state in the query of the callback."""
        return _read(query).get("state", "")

    def finish(self, query: bytes, kept: Mapping[str, str]) -> Known:
        """Return who signed in."""
        found = self._client.finish(_read(query), kept)
        told = {**found.userinfo, **{k: v for k, v in found.claims.items() if k == "acr"}}
        return claims.known(
            told, issuer=found.issuer, subject=found.subject, levels=self._settings.levels,
            minimum=self._settings.minimum_level,
            way_out=self._own_way_out(found.userinfo),
        )  # fmt: skip

    def way_out(self, kept: str, back: str, state: str) -> str | None:
        """Return where to sign out there: the standard's address, or the one it told of itself."""
        return self._client.logout_url(back, state) or kept or None

    def _own_way_out(self, userinfo: Mapping[str, Any]) -> str:
        """Return the address it told, if it is on a host that was agreed; it may hold a token."""
        told = userinfo.get("logoutUri")
        if not isinstance(told, str) or len(told) > 4000 or not told.isprintable():
            return ""
        parts = urlsplit(told)
        agreed = parts.scheme == "https" and parts.hostname in self._settings.logout_hosts
        return told if agreed else ""


def open_login(told: Mapping[str, Any], platform: Platform) -> LoginProvider | None:
    """Return the sign-in that the settings describe; None where nothing is set up.

    :raises ConfigError: they cannot be used.
    """
    settings = read_table(Settings, "plugin.vneid", told)
    if settings is None:
        return None
    if settings.flavour == "envelope":
        return EnvelopeLogin(settings, platform)
    return OidcLogin(settings)


def prepare(state: BlueprintSetupState) -> None:
    """Read the settings while the application starts: one that cannot be used stops the plugin."""
    if platform := platform_of(state.app):
        told = platform.config.plugin.get("vneid", {})
        state.app.extensions[_KEY] = open_login(told, platform)


def current() -> LoginProvider | None:
    """Return the sign-in of the running application; it keeps the provider's metadata and keys."""
    return cast("LoginProvider | None", current_app.extensions.get(_KEY))


def _read(query: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(query.decode("ascii"), max_num_fields=20)
    except (UnicodeDecodeError, ValueError) as error:
        raise LoginUntrusted("an answer that cannot be read") from error
    return dict(pairs)
