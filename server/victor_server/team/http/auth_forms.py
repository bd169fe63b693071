"""What is asked of `/v1/auth/…`, as forms: RFC 8693 (exchange), RFC 6749 (refresh)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from victor_server.protocol import Slug
from victor_server.team.configuration.resolved import DEFAULT_TENANT

Token = Annotated[str, StringConstraints(max_length=65_536)]


class _Form(BaseModel):
    """A form; fields that are not known are passed over, as RFC 6749 wants it."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class OfTenant(_Form):
    """Whose login it is."""

    tenant: Slug = DEFAULT_TENANT


class Refresh(_Form):
    """The next tokens of a login. `retry`: a secret word, the same when it is asked again for the lost answer."""

    grant_type: Literal["refresh_token"]
    refresh_token: Token = Field(repr=False)
    retry: Token = Field(default="", repr=False)


class Exchange(OfTenant):
    """Our tokens for one of the identity provider."""

    grant_type: Literal["urn:ietf:params:oauth:grant-type:token-exchange"]
    subject_token: Token = Field(repr=False)
    subject_token_type: Literal[
        "urn:ietf:params:oauth:token-type:id_token", "urn:ietf:params:oauth:token-type:access_token"
    ]


TokenAsked = Annotated[Refresh | Exchange, Field(discriminator="grant_type")]


class Logout(_Form):
    """The login that is to end: by its refresh token, else by the token that says who asks."""

    refresh_token: Token | None = Field(default=None, repr=False)
