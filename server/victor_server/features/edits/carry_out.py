"""Carrying out steps of a review: kept so that they can be undone, then written by the desk."""

import asyncio
import logging
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from victor_server.errors import VictorError
from victor_server.features.edits.desk import Desk, Write, Written
from victor_server.features.edits.model import EditSet
from victor_server.features.edits.reviewed_file import Step
from victor_server.history.checkpoints_model import Changed, CheckpointOrigin

logger = logging.getLogger(__name__)


class KeepsCheckpoints(Protocol):
    """What keeps a change before it is made. Blocks. Raises VictorError, and then nothing may be written."""

    def begin(
        self, workspace: Path, title: str, origin: CheckpointOrigin, changes: Sequence[Changed]
    ) -> str: ...

    def finish(
        self, checkpoint_id: str, written: Collection[Path], unsure: Collection[Path] = ()
    ) -> None: ...


async def carry_out(
    desk: Desk, checkpoints: KeepsCheckpoints, edits: EditSet, steps: Mapping[int, Step], *, is_undo: bool
) -> Mapping[int, Written]:
    """What became of each step. Raises VictorError where they could not be kept: then nothing was written."""
    steps = {number: step for number, step in steps.items() if step.writes}
    if not steps:
        return {}
    checkpoint = await _begin(checkpoints, edits, list(steps.values()), is_undo=is_undo)
    outcomes: dict[int, Written] = {}
    written: list[Path] = []
    unsure: list[Path] = []
    try:
        for number, step in steps.items():
            outcomes[number] = await _write(desk, step, edits.origin.title, written, unsure)
    finally:
        await _finish(checkpoints, checkpoint, written, unsure)
    return outcomes


async def _write(desk: Desk, step: Step, label: str, written: list[Path], unsure: list[Path]) -> Written:
    """One file. Where it is moved, it is made in its new place before it goes from the old one."""
    for write in step.writes:
        (outcome,) = await desk.write([write], label)
        if outcome.is_unsure:
            # It may go from the old place still: then the copy is all there is.
            unsure.append(write.path)
            return outcome
        if outcome.how != "written":
            await _take_back(desk, step, written, label)
            return outcome
        written.append(write.path)
    return Written(step.writes[0].path, "written")


async def _take_back(desk: Desk, step: Step, written: list[Path], label: str) -> None:
    """A move of which only the first half could be done: the copy goes again."""
    first = step.writes[0]
    if len(step.writes) > 1 and first.path in written:
        (outcome,) = await desk.write([Write(first.path, first.after, first.before)], label)
        if outcome.how == "written":
            written.remove(first.path)


async def _begin(
    checkpoints: KeepsCheckpoints, edits: EditSet, steps: Sequence[Step], *, is_undo: bool
) -> str:
    origin = edits.origin
    kept = CheckpointOrigin(
        "undo" if is_undo else "edit",
        origin.session_id,
        origin.turn_id,
        origin.call_id,
        origin.assist,
        edits.id,
    )
    writes = [each for step in steps for each in step.writes]

    def begin() -> str:
        changes = [Changed(_real(each.path), each.before, each.after) for each in writes]
        return checkpoints.begin(_real(origin.root), origin.title, kept, changes)

    return await asyncio.to_thread(begin)


async def _finish(
    checkpoints: KeepsCheckpoints, checkpoint: str, written: Sequence[Path], unsure: Sequence[Path]
) -> None:
    def finish() -> None:
        checkpoints.finish(checkpoint, [_real(each) for each in written], [_real(each) for each in unsure])

    try:
        await asyncio.to_thread(finish)
    except VictorError as error:
        # It was begun: the next start finds out what was written.
        logger.warning("a checkpoint was not finished: %s", error.message)


def _real(path: Path) -> Path:
    """Without links: the names that checkpoints know. The last part may be a file that is not there."""
    return Path(os.path.realpath(path))
