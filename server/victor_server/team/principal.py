"""Who asks: what the backend knows of the holder of a token, for as long as it holds."""

from dataclasses import dataclass
from typing import Literal

from victor_server.errors import Forbidden
from victor_server.policy.scopes import allows

PrincipalKind = Literal["user", "token", "service"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody of one tenant.

    `permissions` are patterns (`chat:*`), those of the role narrowed to the token's own. `operator`: runs the backend,
    so tenants are theirs to make. `credential` names the token or the family of tokens that it comes from, `revision`
    what the tenant's `revision` was when it was looked up: once that has risen, it must be looked up again.
    """

    tenant: str
    subject: str
    kind: PrincipalKind
    role: str
    permissions: tuple[str, ...]
    credential: str
    revision: int
    expires_us: int
    teams: tuple[str, ...] = ()
    operator: bool = False

    def may(self, permission: str) -> bool:
        """Whether it is allowed; "" is to everybody."""
        return not permission or allows(self.permissions, permission)

    def require(self, permission: str) -> None:
        """Raise `Forbidden` unless it is allowed."""
        if not self.may(permission):
            raise Forbidden(
                f"The role {self.role} does not have the permission {permission}.",
                "Ask an administrator of your team for it.",
            )
