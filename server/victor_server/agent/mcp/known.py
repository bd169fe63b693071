"""Remembers, in VICTOR_HOME, what each server offered and what of it a person has said yes to as it stands."""

import contextlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from victor_server.agent.mcp.model import ListedTool, Listing, Server
from victor_server.errors import SettingsError
from victor_server.settings.home import create_home
from victor_server.settings.own_file import locked, read_own, replace_own

FILE_NAME = "mcp-tools.json"
_FORMAT = 1
_MAX_BYTES = 20_000_000
_MOST_SERVERS = 200


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a server. `accepted` are the digests of its tools, by name, as the person knows them."""

    definition: str
    listing: Listing
    accepted: Mapping[str, str] = field(default_factory=dict)

    def why_asked(self, tool: ListedTool) -> str:
        """Why a person must be asked for a tool whatever was answered before, "" where nothing is new of it."""
        known = self.accepted.get(tool.name)
        if known == tool.digest:
            return ""
        if known is None:
            return "This tool is new, or its server is: what was allowed before does not count for it."
        return (
            "The server has changed what it says of this tool: what was allowed before does not count for it."
        )


class KnownServers:
    """The store. It is read at each question: another window may have changed it meanwhile. All of it blocks."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file = home / FILE_NAME
        self._lock = threading.Lock()

    def of(self, server: Server) -> Known | None:
        """What is known of it, None where that is nothing, or of another definition. Raises nothing."""
        with contextlib.suppress(SettingsError):
            entry = self._read().get(server.key)
            if entry is not None and entry["definition"] == server.digest:
                return _known(entry)
        return None

    def note(self, server: Server, listing: Listing) -> Known:
        """Keep what a server offers now. All that a server offers at first counts as accepted: it was set up for that.

        Where the store cannot be read, or the server is defined otherwise than before, nothing is. Raises SettingsError
        where it cannot be written.
        """
        with self._changing() as entries:
            entry = entries.pop(server.key, None)
            if entry is None:
                accepted = {} if self._is_lost else {each.name: each.digest for each in listing.tools}
            else:
                accepted = entry["accepted"] if entry["definition"] == server.digest else {}
            known = Known(server.digest, listing, accepted)
            entries[server.key] = _entry(known)
        return known

    def accept(self, server: Server, tool: ListedTool) -> None:
        """A person has said yes to a tool as it stands. Raises SettingsError."""
        with self._changing() as entries:
            entry = entries.get(server.key)
            if entry is not None and entry["definition"] == server.digest:
                entry["accepted"][tool.name] = tool.digest

    @property
    def _is_lost(self) -> bool:
        try:
            self._read()
        except SettingsError:
            return True
        return False

    @contextlib.contextmanager
    def _changing(self) -> Any:
        create_home(self._home)
        with self._lock, locked(self._file):
            try:
                entries = self._read()
            except SettingsError:
                entries = {}
            before = json.dumps(entries)
            yield entries
            text = json.dumps(entries)
            if text != before:
                kept = dict(list(entries.items())[-_MOST_SERVERS:])
                replace_own(self._file, json.dumps({"version": _FORMAT, "servers": kept}) + "\n")

    def _read(self) -> dict[str, Any]:
        try:
            document = json.loads(read_own(self._file, _MAX_BYTES))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise SettingsError(
                f"{self._file} cannot be read.", "Remove it; tools are asked for anew."
            ) from error
        try:
            if document["version"] != _FORMAT:
                raise SettingsError(f"{self._file} has another format.", "Use a newer version of Victor.")
            entries: dict[str, Any] = document["servers"]
            for entry in entries.values():
                _known(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SettingsError(f"{self._file} does not hold what it should.", "Remove it.") from error
        return entries


def _entry(known: Known) -> dict[str, Any]:
    return {
        "definition": known.definition,
        "tools": [
            [each.name, each.full_name, each.description, each.schema, each.digest]
            for each in known.listing.tools
        ],
        "left_out": list(known.listing.left_out),
        "accepted": dict(known.accepted),
    }


def _known(entry: Mapping[str, Any]) -> Known:
    tools = tuple(ListedTool(*each) for each in entry["tools"])
    texts = [text for each in tools for text in (each.name, each.full_name, each.description, each.digest)]
    accepted = dict(entry["accepted"])
    if not all(isinstance(each, str) for each in (entry["definition"], *texts, *accepted.values())):
        raise ValueError
    if not all(isinstance(each.schema, dict) for each in tools):
        raise ValueError
    return Known(entry["definition"], Listing(tools, tuple(map(str, entry["left_out"]))), accepted)
