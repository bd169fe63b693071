"""`victor trust`: which folders' own settings and instructions count."""

import json as jsonlib
from pathlib import Path

from victor_server.errors import UsageError
from victor_server.features.trust import Trust, TrustState
from victor_server.remote.journal import open_journal
from victor_server.settings.load import resolve
from victor_server.settings.trust import TrustEntry, TrustStore

COUNTS = "its own settings, instructions (AGENTS.md), permissions, actions and MCP servers"
"""What of a trusted folder counts, as a person is told it."""


def run_trust(path: Path | None, *, revoke: bool, listed: bool, json: bool) -> int:
    """Trust a folder, take that back, or print all that was said."""
    settings = resolve().settings
    trust = Trust(TrustStore(settings.home), open_journal(settings))
    if listed:
        if path is not None or revoke:
            raise UsageError("--list stands alone.", "Name a folder, or ask for the list.")
        return _print_list(trust, json=json)
    folder = Path() if path is None else path
    state = trust.revoke(folder) if revoke else trust.grant(folder)
    print(jsonlib.dumps(_document(state)) if json else _sentence(state))
    return 0


def _print_list(trust: Trust, *, json: bool) -> int:
    entries = trust.listed()
    if json:
        print(jsonlib.dumps({"folders": [_entry_document(entry) for entry in entries]}))
        return 0
    for entry in entries:
        print(f"{'trusted    ' if entry.trusted else 'not trusted'}  {entry.since}  {entry.path}")
    if not entries:
        print("no folder is trusted")
    return 0


def _document(state: TrustState) -> dict[str, object]:
    return {"path": state.path, "trusted": state.trusted, "reason": state.reason}


def _entry_document(entry: TrustEntry) -> dict[str, object]:
    return {"path": entry.path, "trusted": entry.trusted, "since": entry.since}


def _sentence(state: TrustState) -> str:
    if not state.trusted:
        return f"{state.path} is {state.reason}."
    return f"{state.path} is {state.reason}: {COUNTS} count. `victor trust --revoke` takes that back."
