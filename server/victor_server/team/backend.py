"""What the backend's parts share: made once by `compose`, handed to every handler."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from victor_server.team.audit.log import AuditLog
    from victor_server.team.configuration.resolved import TeamSettings
    from victor_server.team.gateway.gateway import Gateway
    from victor_server.team.identity.identity import Identity
    from victor_server.team.policies import Policies
    from victor_server.team.sealing.vault import Vault
    from victor_server.team.store.database import Database
    from victor_server.telemetry.metrics import Metrics


@dataclass(slots=True)
class Backend:
    """One replica. Nothing that matters lives in it: what must outlast it is in `database`.

    `settings` is replaced when the configuration is read again: ask for it each time. `draining`: it is about to end
    and takes no new calls.
    """

    settings: "TeamSettings"
    database: "Database"
    vault: "Vault"
    audit: "AuditLog"
    identity: "Identity"
    policies: "Policies"
    gateway: "Gateway"
    metrics: "Metrics"
    replica: str
    draining: bool = False
