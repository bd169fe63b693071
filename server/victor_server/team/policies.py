"""What the edges of a tenant are held to: kept in the store, told to each person signed, for a time."""

import json
from collections.abc import Callable

from pydantic import ValidationError

from victor_server.audit.encoding import to_base64
from victor_server.errors import NotFound, StoreFailed
from victor_server.protocol import (
    POLICY_SIGNED_AS,
    PolicyDocument,
    PolicySet,
    PolicyState,
    PublicKeys,
    SignedPolicy,
)
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.log import AuditLog
from victor_server.team.principal import Principal
from victor_server.team.sealing.vault import Vault
from victor_server.team.store.database import Database, Row


class Policies:
    """The policies of all tenants. `now_us`: microseconds since 1970. `holds_s`, asked each time: how long an edge goes by
    a policy without hearing of the backend; after that it asks no model outside itself.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        audit: AuditLog,
        now_us: Callable[[], int],
        holds_s: Callable[[], float],
    ) -> None:
        self._database = database
        self._vault = vault
        self._audit = audit
        self._now_us = now_us
        self._holds_s = holds_s

    async def signed(self, principal: Principal) -> SignedPolicy:
        """What `principal` is held to, good for some time from now."""
        held = await self.state(principal.tenant)
        now_us = self._now_us()
        document = PolicyDocument(
            tenant=principal.tenant,
            subject=principal.subject,
            version=held.version,
            issued_us=now_us,
            expires_us=now_us + int(self._holds_s() * 1_000_000),
            permissions=principal.permissions,
            providers=held.policy.providers,
            cloud=held.policy.cloud,
            denied_tools=held.policy.denied_tools,
            private_paths=held.policy.private_paths,
        )
        text = document.model_dump_json()
        signer = await self._vault.signer("policy")
        return SignedPolicy(
            document=text,
            key_id=signer.key_id,
            signature=to_base64(signer.sign(POLICY_SIGNED_AS + text.encode())),
        )

    async def set(self, principal: Principal, policy: PolicySet) -> PolicyState:
        """Hold all edges of the tenant to `policy` from now on; on record in the same transaction."""
        principal.require("policy:write")
        async with self._database.transaction(principal.tenant) as tx:
            row = await tx.row(
                "update tenants set policy = $1, policy_version = policy_version + 1, revision = revision + 1"
                " where name = $2 returning policy_version, policy",
                policy.model_dump_json(),
                principal.tenant,
            )
            state = _state(row)
            await self._audit.append(tx, principal.tenant, [_set_by(principal, state)])
        return state

    async def state(self, tenant: str) -> PolicyState:
        """What the tenant's edges are held to, and its version."""
        async with self._database.reading(None) as tx:
            row = await tx.row("select policy_version, policy from tenants where name = $1", tenant)
        return _state(row)

    async def keys(self) -> PublicKeys:
        """The keys that signatures of this backend are checked with."""
        for purpose in ("policy", "audit"):
            # Made here where nothing was signed yet: who logs in first pins it.
            await self._vault.signer(purpose)
        policy = await self._vault.verifying_keys("policy")
        audit = await self._vault.verifying_keys("audit")
        return PublicKeys(
            policy={name: to_base64(key) for name, key in policy.items()},
            audit={name: to_base64(key) for name, key in audit.items()},
        )


def _set_by(principal: Principal, state: PolicyState) -> AuditEvent:
    told = {"version": state.version, "policy": json.loads(state.policy.model_dump_json())}
    return AuditEvent("policy.set", principal.subject, personal={"user": principal.subject, "details": told})


def _state(row: Row | None) -> PolicyState:
    if row is None:
        raise NotFound("There is no such tenant any more.")
    try:
        policy = PolicySet.model_validate_json(row["policy"])
    except ValidationError:
        # What cannot be read may have been a restriction: nobody is told that there is none.
        raise StoreFailed("The tenant's policy in the database cannot be read.", "Set it anew.") from None
    return PolicyState(version=row["policy_version"], policy=policy)
