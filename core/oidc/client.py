"""The client: authlib does the protocol, this module what authlib leaves to its user.

Left to the user (measured with authlib 1.9): that there is an id token at all, the issuer when the
addresses are written by hand, the audience, the issuer of the answer (:rfc:`9207`), that the id
token and the user information speak of the same subject, which signatures are taken, how old the
metadata and keys may get, PKCE, time limits, and where the state of a sign-in is kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.base import OAuth2Error
from joserfc.errors import BadSignatureError, JoseError

from hoitu.core.oidc.errors import LoginCancelled, LoginError, LoginUntrusted, ProviderAway
from hoitu.core.oidc.http import Limits, bind
from hoitu.core.oidc.provider import Provider

#: Metadata and keys are asked for anew after so many seconds.
FRESH: Final = 6 * 3600
#: A signature that does not fit makes us look for a new key, once in so many seconds.
KEYS_AGAIN: Final = 60
#: A provider that did not answer is left alone for so many seconds: those who wait for it would
#: soon be all that this process can serve at once.
LEFT_ALONE: Final = 10


@dataclass(frozen=True, slots=True)
class Away:
    """Where to send a browser, the state it brings back, and what to keep meanwhile."""

    url: str
    state: str
    kept: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a provider proved: issuer and subject, and the claims."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]
    userinfo: Mapping[str, Any]


class OidcClient:
    """Signs people in at one provider, with the code flow, PKCE (S256), state and nonce.

    It keeps nothing of a sign-in: the caller keeps what :meth:`begin` gives, bound to the browser,
    and hands it to :meth:`finish` once. May be used by many threads.
    """

    def __init__(self, provider: Provider, limits: Limits | None = None) -> None:
        self.provider = provider
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._app: FlaskOAuth2App | None = None
        self._made = self._looked = self._away = float("-inf")

    def examine(self) -> None:
        """Ask the provider for its metadata and hold them against what was agreed.

        :raises ProviderAway: they cannot be had.
        :raises LoginUntrusted: they are not as agreed.
        """
        self._ready()

    def begin(self, redirect_uri: str, **wishes: str) -> Away:
        """Return where to send the browser; wishes are parameters of the standard (``prompt``).

        :raises ProviderAway: the provider's metadata cannot be had.
        :raises LoginUntrusted: they are not as agreed.
        """
        if self.provider.acr_values:
            wishes = {"acr_values": self.provider.acr_values, **wishes}
        try:
            made = self._ready().create_authorization_url(redirect_uri, **wishes)
        except (requests.RequestException, ValueError) as error:
            raise ProviderAway(type(error).__name__) from error
        kept = {name: made[name] for name in ("nonce", "code_verifier")}
        return Away(made["url"], made["state"], {**kept, "redirect_uri": redirect_uri})

    def finish(self, answer: Mapping[str, str], kept: Mapping[str, str]) -> Verified:
        """Return what the answer in the address of the callback proves.

        :raises LoginCancelled: the person did not sign in.
        :raises ProviderAway: the provider does not answer, or not with what it should.
        :raises LoginUntrusted: it proves nothing.
        """
        try:
            return self._finish(answer, kept)
        except LoginError:
            raise
        except (OAuthError, OAuth2Error, JoseError) as error:
            raise LoginUntrusted(getattr(error, "error", "") or type(error).__name__) from error
        except requests.RequestException as error:
            raise ProviderAway(type(error).__name__) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            # What is no JSON, or JSON of another shape than the standard's.
            raise LoginUntrusted(
                f"an answer that cannot be read: {type(error).__name__}"
            ) from error

    def logout_url(self, back: str, state: str) -> str | None:
        """Return where to send the browser to sign out there too; None when there is no such way.

        The address names us and nobody else: the standard's ``id_token_hint`` would tell every log
        on the way, and the history of a shared computer, what the token says of the person.

        :raises ProviderAway: the provider's metadata cannot be had.
        """
        try:
            app = self._ready()
            if not app.server_metadata.get("end_session_endpoint"):
                return None
            made = app.create_logout_url(back, state=state, client_id=self.provider.client_id)
        except (requests.RequestException, ValueError) as error:
            raise ProviderAway(type(error).__name__) from error
        return str(made["url"])

    def _finish(self, answer: Mapping[str, str], kept: Mapping[str, str]) -> Verified:
        app = self._ready()
        issuer = self.provider.issuer
        promised = app.server_metadata.get("authorization_response_iss_parameter_supported")
        if (answer.get("iss") or promised) and answer.get("iss") != issuer:
            raise LoginUntrusted("the answer names another issuer")
        if refusal := answer.get("error"):
            known = refusal in ("access_denied", "login_required", "consent_required")
            raise LoginCancelled(refusal) if known else ProviderAway("it answered with an error")
        if not answer.get("code"):
            raise LoginUntrusted("the answer has no code")
        token = app.fetch_access_token(
            redirect_uri=kept["redirect_uri"],
            code=answer["code"],
            code_verifier=kept["code_verifier"],
        )
        if not token.get("id_token") or not token.get("access_token"):
            raise LoginUntrusted("the provider sent no id token")
        claims = self._claims(app, token, kept["nonce"])
        userinfo = app.userinfo(token=token)
        if userinfo["sub"] != claims["sub"]:
            raise LoginUntrusted("id token and user information speak of two people")
        subject = str(claims["sub"])
        if not 0 < len(subject) <= 255:
            raise LoginUntrusted("a subject that names nobody")
        return Verified(issuer, subject, dict(claims), dict(userinfo))

    def _claims(self, app: FlaskOAuth2App, token: Mapping[str, Any], nonce: str) -> Any:
        try:
            return self._parsed(app, token, nonce)
        except BadSignatureError:
            # A new key under the old name; that is looked for now and then, not at every forgery.
            with self._lock:
                if time.monotonic() - self._looked < KEYS_AGAIN:
                    raise
                self._looked = time.monotonic()
            app.fetch_jwk_set(force=True)
            return self._parsed(app, token, nonce)

    def _parsed(self, app: FlaskOAuth2App, token: Mapping[str, Any], nonce: str) -> Any:
        # Made anew for each sign-in: authlib changes what it is given.
        demanded = {
            "iss": {"essential": True, "value": self.provider.issuer},
            "aud": {"essential": True, "value": self.provider.client_id},
            "sub": {"essential": True},
        }
        return app.parse_id_token(
            token, nonce=nonce, claims_options=demanded, leeway=self.provider.leeway
        )

    def _ready(self) -> FlaskOAuth2App:
        """Return the client of authlib, with metadata that are not too old and are as agreed."""
        with self._lock:
            if self._app is None or time.monotonic() - self._made > FRESH:
                if time.monotonic() - self._away < LEFT_ALONE:
                    raise ProviderAway("it did not answer a moment ago")
                app = self._new()
                try:
                    app.load_server_metadata()
                except (requests.RequestException, ValueError) as error:
                    self._away = time.monotonic()
                    raise ProviderAway(type(error).__name__) from error
                self._agree(app.server_metadata)
                self._app, self._made = app, time.monotonic()
            return self._app

    def _agree(self, metadata: dict[str, Any]) -> None:
        """Hold what the provider says of itself against what was agreed."""
        agreed = self.provider
        if metadata.get("issuer") != agreed.issuer:
            raise LoginUntrusted("its metadata name another issuer; see `issuer` in settings.toml")
        pinned = {
            "authorization_endpoint": agreed.authorize_url,
            "token_endpoint": agreed.token_url,
            "jwks_uri": agreed.jwks_url,
            "userinfo_endpoint": agreed.userinfo_url,
            "end_session_endpoint": agreed.end_session_url,
        }
        for name, url in pinned.items():
            if url:
                metadata[name] = url
            if metadata.get(name):
                try:
                    agreed.check(metadata[name])
                except ValueError as error:
                    raise LoginUntrusted(str(error)) from error
            elif name != "end_session_endpoint":
                raise LoginUntrusted(f"its metadata have no {name}")
        offered = metadata.get("id_token_signing_alg_values_supported") or agreed.algorithms
        taken = [one for one in agreed.algorithms if one in offered]
        if not taken:
            raise LoginUntrusted("it signs with none of the `algorithms` that are taken")
        metadata["id_token_signing_alg_values_supported"] = taken

    def _new(self) -> FlaskOAuth2App:
        agreed, limits = self.provider, self._limits

        class Http(OAuth2Session):  # type: ignore[misc]
            """A session that keeps to the limits."""

            def __init__(self, *arguments: Any, **options: Any) -> None:
                super().__init__(*arguments, **options)
                bind(self, limits, agreed.ca_bundle)

            def request(self, method: str, url: str, **options: Any) -> requests.Response:
                options["allow_redirects"] = False
                found: requests.Response = super().request(method, url, **options)
                if found.is_redirect:
                    raise requests.TooManyRedirects("a provider leads nowhere else")
                return found

        class App(FlaskOAuth2App):  # type: ignore[misc]
            """authlib's client over such sessions."""

            client_cls = Http

        given = {"issuer": agreed.issuer} if not agreed.discovery_url else {}
        return App(
            FlaskIntegration("oidc"),
            "oidc",
            client_id=agreed.client_id,
            client_secret=agreed.client_secret,
            server_metadata_url=agreed.discovery_url or None,
            client_kwargs={
                "scope": agreed.scope,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": agreed.token_auth,
            },
            **given,
        )
