"""Desks for tests: an editor's buffers with versions over real files, and a person who types in between."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from victor_server.features.edits.desk import Held, Write, Written
from victor_server.features.edits.disk_desk import DiskDesk


def _nobody_types() -> None:
    """Nothing happens before a write."""


@dataclass(slots=True)
class Buffer:
    """What an editor holds of a file; the version rises with each change."""

    text: str
    version: int = 1

    def become(self, text: str) -> None:
        """Another text."""
        self.text = text
        self.version += 1


@dataclass(slots=True)
class EditorDesk:
    """Open files are buffers and are changed by version; others are on disk. `before_write` is what happens meanwhile."""

    buffers: dict[Path, Buffer] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    before_write: Callable[[], None] = _nobody_types
    refuses: str = ""
    has_shown: asyncio.Event = field(default_factory=asyncio.Event)
    disk: DiskDesk = field(default_factory=DiskDesk)

    def open(self, path: Path) -> Buffer:
        """Open a file in the editor."""
        self.buffers[path] = Buffer(path.read_bytes().decode())
        return self.buffers[path]

    async def read(self, path: Path) -> Held | None:
        buffer = self.buffers.get(path)
        return await self.disk.read(path) if buffer is None else Held(buffer.text, True, buffer.version)

    async def write(self, writes: Sequence[Write], label: str) -> Sequence[Written]:
        return [await self._write(each, label) for each in writes]

    def show_review(self, edit_id: str) -> None:
        self.shown.append(edit_id)
        self.has_shown.set()

    async def _write(self, write: Write, label: str) -> Written:
        self.before_write()
        if self.refuses:
            return Written(write.path, "refused", self.refuses)
        buffer = self.buffers.get(write.path)
        if buffer is None:
            (written,) = await self.disk.write([write], label)
            return written
        if write.version != buffer.version or write.before != buffer.text:
            return Written(write.path, "moved_on")
        if write.after is None:
            return Written(write.path, "refused", "It is open.")
        buffer.become(write.after)
        return Written(write.path, "written")
