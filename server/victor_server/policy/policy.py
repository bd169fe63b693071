"""What is allowed to leave this machine: one value, made of what the person and the machine's owner say."""

from dataclasses import dataclass
from typing import Literal, Protocol, Self

Cloud = Literal["direct", "backend", "none"]
"""How models outside of the organisation may be asked: by the edge itself, through its backend only, not at all."""

PERSON = "profiles.yaml"
"""How the person's own file is called in `origin`."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds now.

    `offline`: only loopback and `allowed_hosts` may be reached. `allowed_hosts`: host names, domains (`.corp.example`),
    addresses and networks (`10.0.0.0/8`) inside the organisation. `only_hosts` None: all; else nothing but these and
    loopback may be reached, offline or not. `allowed_providers` None: all. `private_paths`: patterns in the syntax of
    `.gitignore`, of files that never leave this machine; they count besides `policy.private_files.ALWAYS_PRIVATE`.
    `children_network`: whether processes that Victor starts may reach the network. `origin` says for each of these
    names who decided ("profiles.yaml", "/etc/victor/policy.yaml"), for explanations. `closed` says what could not be
    read where that is why nothing but this machine may be reached, "" otherwise.

    With a team's backend: `cloud` is how models outside may be asked, `role_permissions` what the person's role has
    (None: there is no backend, and no tool is kept back), `denied_tools` are kept back besides. After `expires_us`
    (microseconds since 1970, 0 for never) no model outside is asked until the backend has been heard of.
    """

    offline: bool = False
    allowed_hosts: tuple[str, ...] = ()
    allowed_providers: frozenset[str] | None = None
    private_paths: tuple[str, ...] = ()
    children_network: bool = False
    origin: tuple[tuple[str, str], ...] = ()
    only_hosts: tuple[str, ...] | None = None
    closed: str = ""
    cloud: Cloud = "direct"
    role_permissions: tuple[str, ...] | None = None
    denied_tools: tuple[str, ...] = ()
    expires_us: int = 0

    def decided_by(self, name: str) -> str:
        """Who decided the field `name`; "" if nobody did and its default holds."""
        return dict(self.origin).get(name, "")

    def now(self) -> Self:
        """Itself: a value does not change. See `HoldsPolicy`."""
        return self


class HoldsPolicy(Protocol):
    """Who decides by a policy asks for it anew each time: it may be changed while the program runs."""

    def now(self) -> Policy:
        """The policy that holds now."""
        ...
