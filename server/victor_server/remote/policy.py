"""The policy that the team's backend signed for this person: believed by the pinned key, kept in VICTOR_HOME."""

import json
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from victor_server.audit.encoding import from_base64
from victor_server.errors import Forbidden, SettingsError, VictorError
from victor_server.policy.team_policy import POLICY_FILE, POLICY_SEEN_FILE, TeamPolicy
from victor_server.protocol import POLICY_SIGNED_AS, PolicyDocument, SignedPolicy
from victor_server.remote.membership import Membership, read_membership
from victor_server.settings.own_file import locked, read_own, replace_own

FILE_NAME = POLICY_FILE
SEEN_FILE = POLICY_SEEN_FILE
_MAX_BYTES = 2_000_000
_FIX = "Log in again (victor login URL), or ask whoever runs the backend."


def verify(signed: SignedPolicy, member: Membership) -> PolicyDocument:
    """What was signed. Raises Forbidden for what nobody signed whose key was pinned, or for somebody else."""
    key = member.policy_keys.get(signed.key_id)
    if key is None:
        raise Forbidden("The team's policy is signed with a key that was not there at login.", _FIX)
    try:
        data = POLICY_SIGNED_AS + signed.document.encode()
        Ed25519PublicKey.from_public_bytes(key).verify(from_base64(signed.signature), data)
        document = PolicyDocument.model_validate_json(signed.document)
    except (InvalidSignature, ValueError):
        raise Forbidden("The team's policy is not as it was signed.", _FIX) from None
    if (document.tenant, document.subject) != (member.tenant, member.subject):
        raise Forbidden("The team's policy is for somebody else.", _FIX)
    return document


def take(home: Path, signed: SignedPolicy, member: Membership, now_us: int) -> PolicyDocument:
    """Hold this person to `signed` from now on. Blocks. Raises Forbidden for one that is older than the newest that was
    ever taken, has run out, or is not believed: then nothing changes.
    """
    document = _current(signed, member, now_us)
    with locked(home / FILE_NAME):
        seen = _seen(home, member)
        if seen is not None and _age(document) < seen:
            before = _kept(home, member)
            if document.version < seen[0] or before is None:
                raise Forbidden("The backend told a policy that is older than what holds.", _FIX)
            return before  # another replica's, whose clock is a little behind
        _keep(home, signed, document, member)
    return document


def adopt(home: Path, signed: SignedPolicy, member: Membership, now_us: int) -> PolicyDocument:
    """The same for a login: whatever was taken before, the backend is believed anew. It may have been restored from a
    backup, and sign lower versions than it did.
    """
    document = _current(signed, member, now_us)
    with locked(home / FILE_NAME):
        _keep(home, signed, document, member)
    return document


def read_team_policy(home: Path) -> TeamPolicy | None:
    """What this person is held to, None where there is no backend. Blocks; never raises: what cannot be read closes."""
    try:
        member = read_membership(home)
        if member is None:
            return None
        document = _read(home, member)
    except VictorError as error:
        return TeamPolicy(closed=error.message)
    return TeamPolicy(
        permissions=document.permissions,
        providers=None if document.providers is None else frozenset(document.providers),
        cloud=document.cloud,
        denied_tools=document.denied_tools,
        private_paths=document.private_paths,
        expires_us=document.expires_us,
    )


def read_policy_document(home: Path, member: Membership) -> PolicyDocument | None:
    """The policy that is kept, None where none is that is believed. Blocks."""
    return _kept(home, member)


def _current(signed: SignedPolicy, member: Membership, now_us: int) -> PolicyDocument:
    document = verify(signed, member)
    if document.expires_us <= now_us:
        raise Forbidden("The team's policy has run out.", "Check the clock of this machine.")
    return document


def _age(document: PolicyDocument) -> tuple[int, int]:
    return document.version, document.issued_us


def _keep(home: Path, signed: SignedPolicy, document: PolicyDocument, member: Membership) -> None:
    """The policy first: between both writes it is newer than what was seen, which is believed."""
    replace_own(home / FILE_NAME, signed.model_dump_json())
    seen = {"member": member.id, "version": document.version, "issued_us": document.issued_us}
    replace_own(home / SEEN_FILE, json.dumps(seen))


def _seen(home: Path, member: Membership) -> tuple[int, int] | None:
    """Version and time of the newest policy that was taken from this backend, None where nothing is known of it."""
    try:
        seen = json.loads(read_own(home / SEEN_FILE, _MAX_BYTES))
        return (int(seen["version"]), int(seen["issued_us"])) if seen["member"] == member.id else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _kept(home: Path, member: Membership) -> PolicyDocument | None:
    """What holds now; None where nothing does that is believed."""
    try:
        return _read(home, member)
    except VictorError:
        return None


def _read(home: Path, member: Membership) -> PolicyDocument:
    file = home / FILE_NAME
    try:
        signed = SignedPolicy.model_validate_json(read_own(file, _MAX_BYTES))
    except FileNotFoundError:
        raise SettingsError(f"{file} is gone: what the team's policy says is not known.", _FIX) from None
    except (OSError, ValueError, ValidationError):
        raise SettingsError(
            f"{file} cannot be read: what the team's policy says is not known.", _FIX
        ) from None
    document = verify(signed, member)
    seen = _seen(home, member)
    if seen is None or _age(document) < seen:
        raise SettingsError(f"{file} is older than what the team's backend said last.", _FIX)
    return document
