"""The desk where no editor has a file open: the disk itself."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from victor_server.features.edits.desk import Held, Write, Written
from victor_server.features.edits.disk_files import find_text, make_file, remove_file, replace_text


def _nobody_looks(_: str) -> None:
    """For who reviews nothing."""


class DiskDesk:
    """Reads and writes files in a thread. `show` hears of edit sets that a person should look at."""

    def __init__(self, show: Callable[[str], None] = _nobody_looks) -> None:
        self._show = show

    async def read(self, path: Path) -> Held | None:
        """The text; None where there is no such file. Raises UsageError for what is no UTF-8 text, or no file."""
        found = await asyncio.to_thread(find_text, path)
        if found is None:
            return None
        real = None if found.real == path else found.real
        return Held(found.text, real=real, mode=found.mode)

    async def write(self, writes: Sequence[Write], label: str) -> Sequence[Written]:
        """Write each that is still as it was, one result for each in order. Never raises.

        A write that has begun is finished, also where nobody waits for it any more.
        """
        return await asyncio.shield(asyncio.to_thread(partial(_write_all, tuple(writes))))

    def show_review(self, edit_id: str) -> None:
        """A person should look at this edit set."""
        self._show(edit_id)


def write_one(write: Write) -> Written:
    """Write one file, if it still is as it was. Blocks, and never raises."""
    if write.after is None:
        return (
            Written(write.path, "written") if write.before is None else remove_file(write.path, write.before)
        )
    if write.before is None:
        return make_file(write.path, write.after, write.mode)
    return replace_text(write.path, write.before, write.after, write.real)


def _write_all(writes: Sequence[Write]) -> Sequence[Written]:
    return [write_one(each) for each in writes]
