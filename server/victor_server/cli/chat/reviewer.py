"""Goes through a proposed edit with the person at the terminal, hunk by hunk."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from victor_server.agent.permissions.question_words import in_line
from victor_server.cli.chat.asking import Asking
from victor_server.cli.chat.printed_hunk import printed_hunk
from victor_server.cli.chat.screen import Screen
from victor_server.errors import VictorError
from victor_server.features.edits.model import EditSet, FileEdit, Hunk
from victor_server.features.edits.review_model import How, Which
from victor_server.features.edits.reviewed_file import where
from victor_server.features.edits.reviews import Reviews

logger = logging.getLogger(__name__)

_WORDS = ("yes", "no", "all", "drop", "quit", "?")
_HELP = """\
y  put this change in
n  leave it out; what you say behind it is told to the model
a  put this one in, and all others of this file
d  leave this one out, and all others of this file
q  leave out all that is left
Ctrl-C stops the answer and leaves out all that is left. `victor undo` takes back what was put in."""
_UNSEEN = "The person ended the review."


class TerminalReviewer:
    """Reviews on one terminal. `show` is what a `DiskDesk` tells of edits."""

    def __init__(self, asking: Asking, reviews: Reviews) -> None:
        self._asking = asking
        self._reviews = reviews
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._reading: dict[str, asyncio.Task[tuple[str, str]]] = {}

    def show(self, edit_id: str) -> None:
        """An edit was proposed, or has changed: ask about what is open, or no more. Costs nothing."""
        is_open = bool(_open(self._reviews.get(edit_id)))
        if is_open and edit_id not in self._at_work:
            task = asyncio.get_running_loop().create_task(self._review(edit_id))
            self._at_work[edit_id] = task
            task.add_done_callback(lambda done: self._ended(edit_id, done))
        elif not is_open and edit_id in self._reading:
            self._reading[edit_id].cancel()

    def _ended(self, edit_id: str, task: "asyncio.Task[None]") -> None:
        del self._at_work[edit_id]
        if not task.cancelled() and task.exception() is not None:
            logger.error("a bug in a review", exc_info=task.exception())

    async def _review(self, edit_id: str) -> None:
        async with self._asking.turn() as screen:
            edits = self._reviews.get(edit_id)
            if _open(edits):
                screen.say(_introduced(edits))
            try:
                while found := _open(self._reviews.get(edit_id)):
                    await self._decide(screen, edits, *found[0], n_left=len(found))
            except VictorError as error:
                screen.note(f"{error.message} {error.fix}".strip())
                await self._reviews.withdraw(edit_id, "It could not be reviewed.")

    async def _decide(
        self, screen: Screen, edits: EditSet, file: FileEdit, hunk: Hunk, *, n_left: int
    ) -> None:
        root = edits.origin.root
        to = where(file.to, root) if file.to is not None else ""
        screen.diff(printed_hunk(file, hunk, where(file.path, root), to))
        more = f" ({n_left} left)" if n_left > 1 else ""
        said = await self._answer(screen, edits.id, f"Put this in?{more} [y,n,a,d,q,?] ")
        if said is None:
            return
        word, reason = said
        if word == "?":
            screen.note(_HELP)
            return
        which, how = _meant(word, file.path, hunk)
        for trouble in (await self._reviews.resolve(edits.id, which, how, reason)).said:
            screen.note(trouble)

    async def _answer(self, screen: Screen, edit_id: str, prompt: str) -> tuple[str, str] | None:
        """What the person says; None where nothing is open any more."""
        reading = asyncio.ensure_future(self._asking.choice(screen, prompt, _WORDS))
        self._reading[edit_id] = reading
        try:
            await asyncio.wait([reading])
        finally:
            reading.cancel()
            del self._reading[edit_id]
        if reading.cancelled():
            return None
        if isinstance(error := reading.exception(), EOFError | OSError):
            logger.info("nobody answers: %s", type(error).__name__)
            return "quit", _UNSEEN
        return reading.result()


def _meant(word: str, path: Path, hunk: Hunk) -> tuple[Which, How]:
    decided: dict[str, tuple[Which, How]] = {
        "yes": ([hunk.id], "accept"),
        "no": ([hunk.id], "reject"),
        "all": (path, "accept"),
        "drop": (path, "reject"),
        "quit": (None, "reject"),
    }
    return decided[word]


def _introduced(edits: EditSet) -> str:
    n = sum(len(file.hunks) for file in edits.files)
    lines = [f"Victor proposes {'a change' if n == 1 else f'{n} changes'}: {in_line(edits.origin.title)}"]
    lines += [f"  {in_line(problem)}" for file in edits.files for problem in file.problems]
    return "\n".join(lines)


def _open(edits: EditSet) -> Sequence[tuple[FileEdit, Hunk]]:
    return [(file, hunk) for file in edits.files for hunk in file.hunks if hunk.state == "proposed"]
