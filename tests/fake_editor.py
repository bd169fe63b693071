"""An editor that has files open: what is open it changes in its buffers, by version, and everything else on disk."""

from collections.abc import Callable, Sequence
from pathlib import Path

from victor_server.features.edits.desk import Held, Write, Written
from victor_server.features.edits.disk_desk import DiskDesk


class FakeEditor(DiskDesk):
    """A desk over real files. `before_write` is called right before each write: a person may type just then."""

    def __init__(self, show: Callable[[str], None] = lambda _: None) -> None:
        super().__init__(show)
        self.buffers: dict[Path, Held] = {}
        self.before_write: Callable[[Write], None] = lambda _: None

    async def read(self, path: Path) -> Held | None:
        """The buffer, or the file."""
        return self.buffers.get(path) or await super().read(path)

    async def write(self, writes: Sequence[Write], label: str) -> Sequence[Written]:
        """Each alone, as editors do with several documents."""
        return [await self._write(each, label) for each in writes]

    async def _write(self, write: Write, label: str) -> Written:
        self.before_write(write)
        held = self.buffers.get(write.path)
        if held is None:
            return (await super().write([write], label))[0]
        if write.after is None:
            return Written(write.path, "refused", "An editor has it open.")
        if held.version != write.version:
            return Written(write.path, "moved_on")
        self.put(write.path, write.after)
        return Written(write.path, "written")

    def open(self, path: Path) -> None:
        """Show a file."""
        if path not in self.buffers and path.exists():
            self.buffers[path] = Held(path.read_bytes().decode(), is_open=True, version=1)

    def put(self, path: Path, text: str) -> None:
        """The buffer's whole text anew, as its next version."""
        version = self.buffers[path].version or 0
        self.buffers[path] = Held(text, is_open=True, version=version + 1)

    def save(self, path: Path) -> None:
        """Write the buffer to its file."""
        path.write_bytes(self.buffers[path].text.encode())

    def close(self, path: Path) -> None:
        """Show it no more; what is not saved is gone."""
        del self.buffers[path]

    def text(self, path: Path) -> str | None:
        """What the person sees: the buffer, or the file; None where there is none."""
        if path in self.buffers:
            return self.buffers[path].text
        return path.read_bytes().decode() if path.exists() else None
