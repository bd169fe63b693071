"""What a role may do, by the configuration; a role that it does not name may do nothing."""

from collections.abc import Iterable, Mapping

from victor_server.errors import Forbidden, UsageError
from victor_server.policy.scopes import both
from victor_server.team.principal import Principal

Roles = Mapping[str, tuple[str, ...]]


def permissions_of(roles: Roles, role: str) -> tuple[str, ...]:
    """The patterns of a role."""
    return tuple(roles.get(role, ()))


def permissions_of_token(
    roles: Roles, role: str, scopes: tuple[str, ...], user_role: str | None
) -> tuple[str, ...]:
    """Those of an API token: of its role, no more than its person's own role has by now, no more than its scopes."""
    permissions = permissions_of(roles, role)
    if user_role is not None:
        permissions = both(permissions, permissions_of(roles, user_role))
    return both(permissions, scopes) if scopes else permissions


def require_known(roles: Roles, role: str) -> None:
    """Raise `UsageError` unless the configuration has the role."""
    if role not in roles:
        raise UsageError(
            f"There is no role {role!r}; there are {', '.join(sorted(roles))}.", "Name one of these."
        )


def require_covered(principal: Principal, permissions: Iterable[str]) -> None:
    """Raise `Forbidden` unless `principal` has all of `permissions`: nobody gives, takes or ends what they do not have."""
    needed = tuple(permissions)
    if not set(needed) <= set(both(principal.permissions, needed)):
        raise Forbidden(
            f"That role may do more than the role {principal.role}.", "Ask somebody who has that role."
        )
