"""`victor team users|tokens|tenants`: who there is, and what they get in with."""

import json as jsonlib
from collections.abc import Iterable, Sequence

from victor_server.cli.chat.neutral import neutral
from victor_server.cli.team.asking import Where, answer, ask, made, table
from victor_server.cli.team.shown import day
from victor_server.errors import NotFound
from victor_server.protocol import (
    Empty,
    NamedTenant,
    NamedToken,
    NamedUser,
    NewToken,
    Tenant,
    Tenants,
    TokenAsked,
    Tokens,
    User,
    Users,
)


def list_users(where: Where, *, json: bool) -> int:
    """Everybody of the tenant."""
    return answer(where, "users/list", Empty(), _users, json=json)


def set_user(
    where: Where,
    subject: str,
    *,
    role: str | None,
    teams: Sequence[str] | None,
    disabled: bool | None,
    json: bool,
) -> int:
    """Add somebody; of somebody who is there, change what is named and leave the rest."""
    known: Users = ask(where, "users/list", Empty())
    old = next((each for each in known.users if each.subject == subject), None)
    if old is None and role is None:
        raise NotFound(f"There is no user {subject}.", "Name a role to add them: --role developer.")
    user = made(
        User,
        subject=subject,
        role=role or (old.role if old else None),
        teams=tuple(teams) if teams is not None else (old.teams if old else ()),
        disabled=disabled if disabled is not None else (old.disabled if old else False),
    )
    return answer(where, "users/set", user, lambda one: _users(Users(users=(one,))), json=json)


def remove_user(where: Where, subject: str, *, json: bool) -> int:
    """Take somebody out."""
    params = made(NamedUser, subject=subject)
    return answer(where, "users/remove", params, lambda _: [f"{subject} is removed."], json=json)


def revoke_user(where: Where, subject: str, *, json: bool) -> int:
    """End all their sessions."""
    params = made(NamedUser, subject=subject)
    said = f"All sessions of {subject} have ended; they may log in anew."
    return answer(where, "users/revoke", params, lambda _: [said], json=json)


def list_tokens(where: Where, *, json: bool) -> int:
    """All API tokens; never themselves."""
    return answer(where, "tokens/list", Empty(), _tokens, json=json)


def create_token(
    where: Where,
    label: str,
    *,
    subject: str | None,
    role: str | None,
    scopes: Sequence[str],
    days: int | None,
    json: bool,
) -> int:
    """A new one; it is printed this once."""
    params = made(TokenAsked, label=label, subject=subject, role=role, scopes=tuple(scopes), days=days)
    return answer(where, "tokens/create", params, _new_token, json=json)


def revoke_token(where: Where, token: str, *, json: bool) -> int:
    """End one."""
    params = made(NamedToken, id=token)
    return answer(where, "tokens/revoke", params, lambda _: [f"{token} is revoked."], json=json)


def list_tenants(where: Where, *, json: bool) -> int:
    """All tenants."""
    return answer(where, "tenants/list", Empty(), _tenants, json=json)


def create_tenant(where: Where, name: str, *, region: str | None, json: bool) -> int:
    """Add one, and say what its administrator begins with; of one that is there, change the region."""
    old = _known_tenant(where, name)
    params = made(Tenant, name=name, region=region if region is not None else (old.region if old else ""))
    params = params.model_copy(update={"disabled": old.disabled if old else False})
    tenant: Tenant = ask(where, "tenants/set", params)
    token: NewToken | None = None if old else ask(where, "tenants/token", NamedTenant(name=name))
    if json:
        told = token.model_dump(mode="json") if token else None
        print(jsonlib.dumps({"tenant": tenant.model_dump(mode="json"), "token": told}))
        return 0
    lines = [*_tenants(Tenants(tenants=(tenant,))), *(_first_token(token) if token else ())]
    print(neutral("\n".join(lines)))
    return 0


def tenant_token(where: Where, name: str, *, json: bool) -> int:
    """A token of an administrator of it, where there is nobody who could make one; it is printed this once."""
    return answer(where, "tenants/token", made(NamedTenant, name=name), _first_token, json=json)


def disable_tenant(where: Where, name: str, *, disabled: bool, json: bool) -> int:
    """Let nobody of it in, or let them in again."""
    old = _known_tenant(where, name)
    if old is None:
        raise NotFound(
            f"There is no tenant {name}.", "`victor team tenants list` names those that there are."
        )
    tenant = old.model_copy(update={"disabled": disabled})
    return answer(where, "tenants/set", tenant, lambda one: _tenants(Tenants(tenants=(one,))), json=json)


def remove_tenant(where: Where, name: str, *, json: bool) -> int:
    """Take one out, with all that is its own."""
    params = made(NamedTenant, name=name)
    return answer(where, "tenants/remove", params, lambda _: [f"The tenant {name} is removed."], json=json)


def _users(found: Users) -> Iterable[str]:
    rows = ((each.subject, each.role, ", ".join(each.teams), each.disabled) for each in found.users)
    return table(("user", "role", "teams", "disabled"), rows, "There are no users.")


def _tokens(found: Tokens) -> Iterable[str]:
    rows = (
        (
            each.id,
            each.label,
            each.subject,
            each.role,
            day(each.expires_us),
            day(each.last_used_us),
            each.revoked,
        )
        for each in found.tokens
    )
    head = ("id", "label", "user", "role", "expires", "last used", "revoked")
    return table(head, rows, "There are no tokens.")


def _new_token(found: NewToken) -> Iterable[str]:
    about = found.about
    kept = f"Keep it now: it is shown this once. It is of {about.subject} as {about.role}, until {day(about.expires_us)}."
    return [found.token, kept, f"`victor team tokens revoke {about.id}` ends it."]


def _known_tenant(where: Where, name: str) -> Tenant | None:
    known: Tenants = ask(where, "tenants/list", Empty())
    return next((each for each in known.tenants if each.name == name), None)


def _first_token(found: NewToken) -> Iterable[str]:
    return [
        found.token,
        f"Hand it to who administers the tenant: it is shown this once, and holds until {day(found.about.expires_us)}.",
        "They begin with `victor login URL --token -`, and revoke it once there are others.",
    ]


def _tenants(found: Tenants) -> Iterable[str]:
    rows = ((each.name, each.region, each.disabled) for each in found.tenants)
    return table(("tenant", "region", "disabled"), rows, "There are no tenants.")
