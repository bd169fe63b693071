"""Lists of actions that are asked for before what makes them is loaded."""

import asyncio
import importlib.abc
import importlib.machinery
import sys
import threading
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest

from victor_server.lsp.handlers import code_action

NAME = "a_module_that_loads_slowly"


class _Slow(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Has the module stand in `sys.modules` without its contents until `go_on` is set."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self) if name == NAME else None

    def exec_module(self, module: ModuleType) -> None:
        self.begun.set()
        assert self.go_on.wait(60)

        async def assist_actions(*_: object) -> list[Any]:
            return ["an action"]

        module.assist_actions = assist_actions  # type: ignore[attr-defined]


async def test_a_second_list_waits_for_what_the_first_one_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor asks at each move of the cursor: no list meets a module that is half there."""
    slow = _Slow()
    monkeypatch.setattr(sys, "meta_path", [slow, *sys.meta_path])
    monkeypatch.setattr(code_action, "_ASSISTS", NAME)
    nothing: Any = None
    first = asyncio.create_task(code_action._assists(nothing, nothing, nothing))
    assert await asyncio.to_thread(slow.begun.wait, 60)
    assert NAME in sys.modules
    second = asyncio.create_task(code_action._assists(nothing, nothing, nothing))
    await asyncio.sleep(0)
    slow.go_on.set()
    listed: Any = [await first, await second]
    assert listed == [["an action"], ["an action"]]
    del sys.modules[NAME]
