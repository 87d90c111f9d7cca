"""A provider as it was agreed with those who run it: its addresses, keys and ways."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: Signatures that are taken at all; what needs a shared secret, or none, is not among them.
Algorithm = Literal["RS256", "PS256", "ES256"]


class Provider(BaseModel):
    """Settings of one provider. What is not agreed in writing is not guessed from its answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(description="`iss` of its id tokens, to the letter")
    client_id: str = Field(description="Name under which this installation is registered")
    client_secret: str = Field("", repr=False, description="The secret that goes with it")
    discovery_url: str = Field("", description="Address of its discovery document, if it has one")
    authorize_url: str = Field("", description="Where people sign in; needed without discovery")
    token_url: str = Field("", description="Where codes are exchanged; needed without discovery")
    jwks_url: str = Field("", description="Where its keys are; needed without discovery")
    userinfo_url: str = Field("", description="Where it tells who it is; needed without discovery")
    end_session_url: str = Field("", description="Where people sign out; empty: nowhere")
    scope: str = Field("openid", description="What is asked for; `openid` is part of it")
    acr_values: str = Field("", description="Level of sign-in that is wished for; see `levels`")
    token_auth: Literal["client_secret_post", "client_secret_basic"] = Field(
        "client_secret_post", description="How the secret is sent"
    )
    algorithms: tuple[Algorithm, ...] = Field(
        ("RS256", "PS256", "ES256"), description="Signatures that are taken"
    )
    hosts: tuple[str, ...] = Field(
        (), description="Further hosts of its addresses; that of `issuer` is one"
    )
    leeway: int = Field(30, ge=0, le=300, description="Seconds its clock may be off")
    ca_bundle: str = Field("", description="File with the authorities of its certificate")

    @model_validator(mode="after")
    def _check(self) -> Provider:
        self.check(self.issuer)
        if not self.discovery_url:
            needed = ("authorize_url", "token_url", "jwks_url", "userinfo_url")
            missing = [name for name in needed if not getattr(self, name)]
            if missing:
                raise ValueError(f"without `discovery_url`, {', '.join(missing)} are needed")
        for url in self.addresses():
            self.check(url)
        if "openid" not in self.scope.split():
            raise ValueError("`scope` must have openid in it")
        return self

    @property
    def place(self) -> str:
        """Where it is asked first: what operators are told when it does not answer."""
        return self.discovery_url or self.authorize_url

    def addresses(self) -> list[str]:
        """Return the addresses that are set."""
        names = (
            "discovery_url", "authorize_url", "token_url", "jwks_url", "userinfo_url",
            "end_session_url",
        )  # fmt: skip
        return [url for name in names if (url := getattr(self, name))]

    def check(self, url: str) -> None:
        """Refuse an address that is none of this provider's.

        :raises ValueError: see :func:`check_address`.
        """
        check_address(url, self.issuer, self.hosts)


def check_address(url: str, issuer: str, hosts: Collection[str] = ()) -> None:
    """Refuse an address of a provider that nobody agreed to.

    :raises ValueError: it is on none of its hosts (that of the issuer, and ``hosts``), or is not
        encrypted, which only one on this very machine may be.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_machine(host)):
        raise ValueError(f"{url} is not encrypted: it must begin with https://")
    if host not in {urlsplit(issuer).hostname, *hosts}:
        raise ValueError(f"{url} is on none of the provider's hosts; name it in `hosts`")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
