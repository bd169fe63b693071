"""Makes a person of the tenant out of what an identity provider says of them: name, role, teams."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from victor_server.errors import Forbidden, Unauthenticated
from victor_server.protocol import User
from victor_server.team.configuration.resolved import OidcSettings
from victor_server.team.identity.oidc.token import TokenKind

MAX_GROUPS = 2_000


def person_of(claims: Mapping[str, Any], kind: TokenKind, settings: OidcSettings) -> User:
    """Who it is. Raises `Forbidden` where no group gives a role, and there is none for everybody else."""
    groups = _groups(claims.get(settings.groups_claim))
    role = next((role for group, role in settings.roles.items() if group in groups), settings.default_role)
    if not role:
        raise Forbidden(
            "Nobody of your groups has a role in this backend.", "Ask an administrator of your team for one."
        )
    teams = tuple(dict.fromkeys(team for group, team in settings.teams.items() if group in groups))
    try:
        return User(subject=_subject(claims, kind, settings), role=role, teams=teams[:50])
    except ValidationError:
        raise Unauthenticated(
            "The identity provider gives a name that cannot be one.", "Correct `oidc.subject_claim`."
        ) from None


def _subject(claims: Mapping[str, Any], kind: TokenKind, settings: OidcSettings) -> str:
    """A service's name begins with `service:`, so that no program is ever taken for a person."""
    if kind == "access_token":
        client = claims.get("client_id") or claims.get("azp") or claims["sub"]
        return f"service:{client}"
    subject = claims.get(settings.subject_claim)
    if settings.subject_claim == "email" and claims.get("email_verified") is not True:
        raise Unauthenticated("The identity provider has not verified your address.", "Verify it there.")
    if isinstance(subject, str) and not subject.startswith(("service:", "token:")):
        return subject
    raise Unauthenticated("The identity provider does not say your name.", "Correct `oidc.subject_claim`.")


def _groups(value: Any) -> frozenset[str]:
    told = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset(each for each in told[:MAX_GROUPS] if isinstance(each, str))
