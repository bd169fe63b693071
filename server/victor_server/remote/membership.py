"""Which backend this person belongs to: written down at login, with the keys that it is believed by from then on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from victor_server.audit.encoding import from_base64, to_base64
from victor_server.errors import BadResponse, SettingsError
from victor_server.policy.team_policy import MEMBERSHIP_FILE
from victor_server.protocol import Empty, PublicKeys, SignedPolicy, WhoAmI
from victor_server.remote.rpc import BackendClient, backend_url
from victor_server.settings.own_file import read_own, replace_own

FILE_NAME = MEMBERSHIP_FILE
_MAX_BYTES = 100_000
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Membership:
    """A backend, and who one is there. Keys are raw Ed25519 public keys by their id."""

    url: str
    tenant: str
    subject: str
    policy_keys: Mapping[str, bytes]
    audit_keys: Mapping[str, bytes]

    @property
    def id(self) -> str:
        """What is different where anything of it but its keys is."""
        return json.dumps([self.url, self.tenant, self.subject])

    def shown(
        self, state: str = "idle", *, backlog: int = 0, policy: int = 0, trouble: str = ""
    ) -> Mapping[str, Any]:
        """What an editor's status shows of it: `idle` as long as nobody needed it."""
        return {
            "url": self.url,
            "state": state,
            "tenant": self.tenant,
            "user": self.subject,
            "backlog": backlog,
            "policy": policy,
            "trouble": trouble,
        }


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    format: int
    left: bool = False
    url: str = ""
    tenant: str = ""
    subject: str = ""
    policy_keys: dict[str, str] = {}
    audit_keys: dict[str, str] = {}


def read_membership(home: Path) -> Membership | None:
    """The backend that this home belongs to, None for none. Blocks. Raises SettingsError for a file that is none."""
    file = home / FILE_NAME
    try:
        written = _Written.model_validate_json(read_own(file, _MAX_BYTES))
        if written.format != 1:
            raise ValueError("its format is not known")
        if written.left:
            return None
        return Membership(
            backend_url(written.url),
            written.tenant,
            written.subject,
            _keys(written.policy_keys),
            _keys(written.audit_keys),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ValidationError):
        raise SettingsError(
            f"{file} does not say any more which team's backend this is.", "Log in again: victor login URL."
        ) from None


async def join(client: BackendClient) -> tuple[Membership, SignedPolicy]:
    """Ask a backend, as the person whose token `client` has, for all that a membership is; nothing is written yet.

    From here on only signatures by the keys that it names now are believed.
    """
    who: WhoAmI = await client.ask("team/whoami", Empty())
    told: PublicKeys = await client.ask("policy/keys", Empty())
    policy: SignedPolicy = await client.ask("policy/get", Empty())
    try:
        keys, heads = _keys(told.policy), _keys(told.audit)
    except ValueError:
        raise BadResponse("The team's backend names keys that are none.", "Tell whoever runs it.") from None
    return Membership(client.url, who.tenant, who.subject, keys, heads), policy


def write_membership(home: Path, membership: Membership) -> None:
    """Keep it, for this person alone. Blocks. Raises SettingsError."""
    document = {
        "format": 1,
        "url": membership.url,
        "tenant": membership.tenant,
        "subject": membership.subject,
        "policy_keys": _written(membership.policy_keys),
        "audit_keys": _written(membership.audit_keys),
    }
    replace_own(home / FILE_NAME, json.dumps(document, indent=2) + "\n")


def leave(home: Path) -> None:
    """Belong to no backend any more. Blocks. The file stays, and says so: one that is gone might hide a policy."""
    if (home / FILE_NAME).exists():
        replace_own(home / FILE_NAME, json.dumps({"format": 1, "left": True}) + "\n")


def _keys(written: Mapping[str, str]) -> dict[str, bytes]:
    keys = {name: from_base64(key) for name, key in written.items()}
    if not all(len(key) == _KEY_BYTES for key in keys.values()):
        raise ValueError("a key is not of 32 bytes")
    return keys


def _written(keys: Mapping[str, bytes]) -> dict[str, str]:
    return {name: to_base64(key) for name, key in keys.items()}
