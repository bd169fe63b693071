"""When a progress bar is worth showing, with the delay in the test's own hands."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pytest
from lsprotocol import types

from victor_indexer.model import IndexState, Status
from victor_server.lsp.background import Background, Later
from victor_server.lsp.client import Client
from victor_server.lsp.progress import IndexProgress

Step = tuple[IndexState, int, int]
PASSES: Step = ("paused", -1, -1)
"""Stands for the end of the delay."""


class LaterByHand(Later):
    """Calls that wait until the test says that the delay has passed."""

    def __init__(self) -> None:
        super().__init__(0)
        self.waiting: dict[Hashable, Callable[[], None]] = {}

    def call(self, key: Hashable, action: Callable[[], None]) -> None:
        self.waiting[key] = action

    def waits(self, key: Hashable) -> bool:
        return key in self.waiting

    def drop(self, key: Hashable) -> None:
        self.waiting.pop(key, None)

    def close(self) -> None:
        self.waiting.clear()

    def passes(self) -> None:
        """The delay of all that waits is over."""
        waiting, self.waiting = self.waiting, {}
        for action in waiting.values():
            action()


class Recorder:
    """A client that makes every bar, and keeps the kinds of what it is sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def notify(self, method: str, params: Any | None = None) -> None:
        assert isinstance(params, types.ProgressParams)
        assert params.value is not None
        self.sent.append(params.value.kind)

    async def ask(self, method: str, params: Any | None = None) -> Any:
        self.sent.append("create")

    async def ask_while_wanted(
        self, method: str, params: Any | None = None, message_id: str | None = None
    ) -> Any:
        raise AssertionError("a bar is not asked for that way")


@pytest.mark.parametrize(
    ("steps", "sent"),
    [
        pytest.param([("scanning", 0, 0), PASSES, ("ready", 9, 9)], [], id="nothing to do"),
        pytest.param([("scanning", 0, 0), ("indexing", 8, 9), ("ready", 9, 9), PASSES], [], id="soon done"),
        pytest.param([("indexing", 9, 9), PASSES, ("ready", 9, 9)], [], id="the upkeep after a save"),
        pytest.param([("indexing", 8, 9), ("error", 8, 9), PASSES], [], id="fails at once"),
        pytest.param([("indexing", 8, 9), ("scanning", 8, 9), PASSES], [], id="starts over"),
        pytest.param([("indexing", 8, 9), ("indexing", 9, 9), PASSES], ["create", "begin"], id="upkeep of a build"),
        pytest.param(
            [("scanning", 0, 0), ("indexing", 1, 9), PASSES, ("indexing", 5, 9), ("scanning", 5, 9), ("ready", 9, 9)],
            ["create", "begin", "report", "end"],
            id="long build",
        ),
        pytest.param(
            [("indexing", 1, 9), ("ready", 9, 9), ("indexing", 2, 9), PASSES, ("ready", 9, 9)],
            ["create", "begin", "end"],
            id="the second takes long",
        ),
    ],
)  # fmt: skip
async def test_a_bar_is_begun_only_for_what_takes_long(steps: Sequence[Step], sent: list[str]) -> None:
    """Looking for files, upkeep and the re-reading of what was saved show nothing."""
    recorder, background, later = Recorder(), Background(), LaterByHand()
    progress = IndexProgress(Client(recorder), background, later)
    for step in steps:
        if step is PASSES:
            later.passes()
        else:
            progress.show(Status("/w", *step))
        for _ in range(3):
            await asyncio.sleep(0)
    assert recorder.sent == sent
    await background.close()


async def test_none_is_begun_after_the_end() -> None:
    """A bar that waits for its turn is forgotten with its folder, and with the server."""
    recorder, background, later = Recorder(), Background(), LaterByHand()
    progress = IndexProgress(Client(recorder), background, later)
    ends: list[Callable[[], None]] = [lambda: progress.end("/w"), progress.end_all, progress.close]
    for end in ends:
        progress.show(Status("/w", "indexing", 1, 9))
        assert later.waits("/w")
        end()
        assert not later.waiting
    progress.show(Status("/w", "indexing", 1, 9))
    assert not later.waiting
    await background.close()
    assert recorder.sent == []
