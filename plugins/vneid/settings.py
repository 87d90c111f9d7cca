"""``[plugin.vneid]`` of ``settings.toml``: what was agreed with those who run the service.

Three kinds are in use, and one of them is chosen by ``flavour``:

``vnconnect``
    The sign-on of the National Public Service Portal (WSO2), or a province's own in front of it.
``vneid``
    The front of the national population database (``sso.dancuquocgia.gov.vn``).
``envelope``
    "VNeID Connect": the code, the tokens and the user information come encrypted, without id token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hoitu.core.oidc import Provider, check_address

#: Level by what a provider tells. No mapping is published: correct it to what was agreed.
LEVELS: Final[Mapping[str, Mapping[str, int]]] = {
    "acr": {"LoA1": 1, "LoA2": 2, "1": 1, "2": 2},
    "loAs": {"LoA1": 1, "LoA2": 2, "1": 1, "2": 2},
    "IAL": {"0": 1, "1": 1, "2": 2},
    "accountLevel": {"0": 1, "1": 1, "2": 2},
}


class Envelope(BaseModel):
    """The addresses and keys of the encrypted kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(description="Name by which its identities are told from others'")
    client_id: str
    client_secret: str = Field(repr=False)
    authorize_url: str
    token_url: str
    userinfo_url: str
    private_key: str = Field(description="File with our RSA key (PEM), in the instance folder")
    scope: str = "openid"
    hosts: tuple[str, ...] = ()
    ca_bundle: str = ""

    @model_validator(mode="after")
    def _check(self) -> Envelope:
        for url in (self.authorize_url, self.token_url, self.userinfo_url):
            check_address(url, self.issuer, self.hosts)
        return self


class Settings(BaseModel):
    """Everything the plugin can be told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    flavour: Literal["vnconnect", "vneid", "envelope"] = "vnconnect"
    provider: Provider | None = None
    envelope: Envelope | None = None
    #: Levels below are refused.
    minimum_level: Literal[1, 2] = 1
    levels: Mapping[str, Mapping[str, int]] = LEVELS
    #: Hosts of `logoutUri`, where the provider has no address to sign out.
    logout_hosts: tuple[str, ...] = ()
    #: Says on every page that nobody is really signed in; `hoitu demo` sets it.
    simulation: bool = False

    @model_validator(mode="after")
    def _check(self) -> Settings:
        wanted = "envelope" if self.flavour == "envelope" else "provider"
        if getattr(self, wanted) is None:
            raise ValueError(f"`flavour` {self.flavour} needs a table [plugin.vneid.{wanted}]")
        return self
