"""Records as the Open Cybersecurity Schema Framework has them: API Activity (class 6003), version 1.3.0."""

from collections.abc import Mapping
from typing import Any

from victor_server import __version__
from victor_server.audit.export import RecordLine

SCHEMA = "1.3.0"
CLASS, CATEGORY = 6003, 6
CREATE, READ, UPDATE, DELETE, OTHER = 1, 2, 3, 4, 99
_ACTIVITIES = {CREATE: "Create", READ: "Read", UPDATE: "Update", DELETE: "Delete", OTHER: "Other"}
_WORDS = {
    "created": CREATE,
    "added": CREATE,
    "begin": CREATE,
    "read": READ,
    "searched": READ,
    "decrypted": READ,
    "exported": READ,
    "verified": READ,
    "set": UPDATE,
    "changed": UPDATE,
    "configuration_changed": UPDATE,
    "removed": DELETE,
    "revoked": DELETE,
    "erase": DELETE,
    "erased": DELETE,
    "retained": DELETE,
}
"""What the last word of an action does; any other is `Other`, with the action as its name."""


def to_ocsf(record: RecordLine, names: Mapping[str, str] = {}) -> dict[str, Any] | None:  # only read
    """The event; None for a record whose contents retention dropped. Names and files only where it was decrypted.

    `names`: who stands behind the pseudonyms of those to whom something was done.
    """
    leaf = record.leaf
    if leaf is None:
        return None
    activity = _WORDS.get(leaf.action.rpartition(".")[2], OTHER)
    status = 1 if leaf.success else 2
    event: dict[str, Any] = {
        "activity_id": activity,
        "activity_name": leaf.action if activity == OTHER else _ACTIVITIES[activity],
        "category_name": "Application Activity",
        "category_uid": CATEGORY,
        "class_name": "API Activity",
        "class_uid": CLASS,
        "type_uid": CLASS * 100 + activity,
        "type_name": f"API Activity: {_ACTIVITIES[activity]}",
        "severity": "Informational",
        "severity_id": 1,
        "status": "Success" if leaf.success else "Failure",
        "status_id": status,
        "time": leaf.time // 1_000,
        "metadata": {
            "version": SCHEMA,
            "product": {"name": "Victor", "vendor_name": "Victor", "version": __version__},
            "log_name": leaf.log,
            "uid": f"{leaf.log}:{leaf.seq}",
            "sequence": leaf.seq,
        },
        "actor": {"user": {"uid": leaf.pseudonym}},
        "api": {"operation": leaf.action},
        "src_endpoint": {"name": leaf.source},
        "unmapped": {"leaf_hash": record.leaf_hash, "chain": record.chain, "model": leaf.model},
    }
    if leaf.provider:
        event["api"]["service"] = {"name": leaf.provider}
    if record.record is not None:
        _add_personal(event, record.record, names)
    return event


def _add_personal(event: dict[str, Any], personal: Mapping[str, Any], names: Mapping[str, str]) -> None:
    user = personal.get("user")
    if isinstance(user, str) and user:
        event["actor"]["user"]["name"] = user
    session = personal.get("session_id")
    if isinstance(session, str) and session:
        event["actor"]["session"] = {"uid": session}
    files = personal.get("files_accessed")
    if isinstance(files, list) and files:
        event["resources"] = [{"name": str(file), "type": "file"} for file in files]
    event["unmapped"]["tool_calls"] = personal.get("tool_calls", [])
    if "details" in personal:
        event["unmapped"]["details"] = personal["details"]
        _add_whom(event, personal["details"], names)


def _add_whom(event: dict[str, Any], details: object, names: Mapping[str, str]) -> None:
    whom = details.get("subject") if isinstance(details, Mapping) else None
    pseudonym = whom.get("pseudonym") if isinstance(whom, Mapping) else None
    if isinstance(pseudonym, str):
        named = {"name": names[pseudonym]} if pseudonym in names else {}
        event["resources"] = [{"uid": pseudonym, "type": "user", **named}]
