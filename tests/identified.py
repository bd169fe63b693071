"""Identity on a real store, with an identity provider of the test's own: its keys are real, only the network is not."""

import contextlib
import json
import warnings
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from audited_database import master, opened_on
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from victor_server.errors import Unavailable
from victor_server.team.audit.log import AuditLog
from victor_server.team.configuration.resolved import (
    DatabaseSettings,
    MasterKey,
    OidcSettings,
    TeamSettings,
)
from victor_server.team.identity.identity import Identity
from victor_server.team.principal import Principal
from victor_server.team.sealing.vault import Vault, open_vault
from victor_server.team.store.database import Database

ISSUER = "https://id.example.test"
OIDC = OidcSettings(
    tenant="default",
    issuer=ISSUER,
    client_id="victor-cli",
    audience=("victor-api",),
    roles={"admins": "admin", "staff": "developer"},
    teams={"red": "Red", "blue": "Blue"},
)


class Clock:
    """A time that the test sets."""

    def __init__(self) -> None:
        self.us = 1_800_000_000_000_000

    def __call__(self) -> int:
        return self.us

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.us += int(seconds * 1_000_000)


@dataclass
class Issuer:
    """An identity provider: `keys` by their id, `asked` all the addresses that were read of it."""

    clock: Clock
    keys: dict[str, RSAKey | ECKey | OKPKey] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    issuer: str = ISSUER
    jwks: str = f"{ISSUER}/keys"
    is_away: bool = False

    async def __call__(self, url: str) -> Any:
        """Implements `Fetch`."""
        self.asked.append(url)
        if self.is_away:
            raise Unavailable("The identity provider is away.")
        if url == f"{ISSUER}/.well-known/openid-configuration":
            return {"issuer": self.issuer, "jwks_uri": self.jwks}
        return {
            "keys": [
                {**key.as_dict(private=False), "kid": name, "use": "sig"} for name, key in self.keys.items()
            ]
        }

    def claims(self, **other: Any) -> dict[str, Any]:
        """Those of an ID token of `ann`; None leaves one out."""
        now_s = self.clock.us // 1_000_000
        claims = {
            "iss": ISSUER,
            "aud": "victor-cli",
            "sub": "ann",
            "iat": now_s,
            "exp": now_s + 300,
            "groups": ["staff", "red"],
            **other,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(
        self,
        *,
        key: str = "k1",
        algorithm: str = "ES256",
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A signed one."""
        return signed(
            {"alg": algorithm, "kid": key, **(header or {})}, self.claims(**claims), self.keys[key], algorithm
        )


def signed(
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    key: RSAKey | ECKey | OKPKey | OctKey,
    algorithm: str,
) -> str:
    """A token as anybody may make one: nothing of it is looked at."""

    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return jws.serialize_compact(dict(header), json.dumps(dict(claims)), key, registry=registry)


@dataclass
class Known:
    """All of it."""

    identity: Identity
    database: Database
    vault: Vault
    audit: AuditLog
    clock: Clock
    issuer: Issuer
    settings: TeamSettings
    operator: str

    async def who(self, token: str = "") -> Principal:
        """The principal of a token; the operator's, if none is named."""
        return await self.identity.authenticate(token or self.operator)

    async def login(self, **claims: Any) -> Any:
        """Log in as whom the claims say."""
        begun = await self.identity.login.begin("default")
        return await self.identity.login.exchange(
            "default", self.issuer.token(nonce=begun.nonce, **claims), "id_token"
        )

    async def actions(self) -> list[str]:
        """What the audit log says, in order."""
        async with self.database.reading("default") as tx:
            rows = await tx.rows("select leaf from audit_leaves where tenant = 'default' order by seq")

        return [json.loads(row["leaf"])["action"] for row in rows]


@contextlib.asynccontextmanager
async def known(folder: Path, store: DatabaseSettings | None = None, **changes: Any) -> AsyncIterator[Known]:
    """Everything, on `store` or on SQLite in `folder`, after the first run."""
    clock = Clock()
    issuer = Issuer(clock, {"k1": ECKey.generate_key("P-256")})
    store = store or DatabaseSettings(url=f"sqlite:///{folder / 'team.db'}")
    settings = replace(
        TeamSettings(folder, store, MasterKey("environment", variable="KEY"), oidc=(OIDC,)),
        **changes,
    )
    async with opened_on(store, folder) as database:
        vault = await open_vault(database, master())
        audit = AuditLog(database, vault, None)
        made: list[Known] = []
        identity = Identity(
            lambda: made[0].settings if made else settings, database, vault, audit, issuer, clock
        )
        operator = await identity.bootstrap()
        made.append(Known(identity, database, vault, audit, clock, issuer, settings, operator or ""))
        yield made[0]
