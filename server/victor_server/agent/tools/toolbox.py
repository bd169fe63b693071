"""The tools of one turn: which are offered, and what happens when a model calls one."""

import asyncio
import difflib
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from victor_indexer.errors import IndexerError
from victor_server.agent.messages import ToolCallPart, ToolSpec
from victor_server.agent.permissions.model import Asker, Permissions, Permitted, Wanted
from victor_server.agent.tools.call_events import CallEnded, CallEvent, CallStarted, CallStatus
from victor_server.agent.tools.limits import DEFAULT_LIMITS, ToolLimits
from victor_server.agent.tools.printable import one_line
from victor_server.agent.tools.tool import Done, Prepared, Scene, Streamed, Tool, ToolKind
from victor_server.errors import VictorError
from victor_server.settings.profiles import Mode

logger = logging.getLogger(__name__)

READING: frozenset[ToolKind] = frozenset({"read", "search"})
"""Kinds that change nothing here and reach nowhere: offered in mode `plan`, and run side by side."""
_CHANGING: frozenset[ToolKind] = frozenset({"edit", "delete", "move"})
_PLANNING: frozenset[ToolKind] = READING | {"think"}

_AFTER_NO = "Do not try to reach the same in another way: go on without it, or ask the person in your answer."


def _all(names: Sequence[str]) -> Sequence[str]:
    return names


class Toolbox:
    """Implements `agent.turn.Tools` for one turn.

    `asker` None: nobody can be asked, so what would need it is refused. In mode `plan` only what looks is offered.
    `usable` says which of these names the person's team lets them use now; it is asked at each step and each call.
    """

    def __init__(
        self,
        tools: Sequence[Tool],
        scene: Scene,
        permissions: Permissions,
        asker: Asker | None = None,
        mode: Mode = "build",
        limits: ToolLimits = DEFAULT_LIMITS,
        usable: Callable[[Sequence[str]], Sequence[str]] = _all,
    ) -> None:
        self._usable = usable
        offered = [tool for tool in tools if mode != "plan" or tool.kind in _PLANNING]
        self._tools = {tool.spec.name: tool for tool in offered}
        self._specs = [tool.spec for tool in offered]
        self._hidden = frozenset(tool.spec.name for tool in tools) - self._tools.keys()
        self._scene = scene
        self._permissions = permissions
        self._asker = asker
        self._asking = asyncio.Lock()
        self.mode: Mode = mode
        self.limits = limits
        self._worked_s = 0.0

    @property
    def specs(self) -> Sequence[ToolSpec]:
        """What the model is told of them."""
        usable = self._usable_now()
        return [spec for spec in self._specs if spec.name in usable]

    @property
    def is_out_of_time(self) -> bool:
        """Whether tools have worked as long as they may."""
        return self._left_s() == 0

    def only_reads(self, call: ToolCallPart) -> bool:
        """Whether a call changes nothing, so that it may run beside others."""
        tool = self._tools.get(call.name)
        return tool is not None and tool.kind in READING

    async def run(self, call: ToolCallPart) -> AsyncGenerator[CallEvent, None]:
        """What happens; a CallEnded last. Raises nothing but a cancel: what goes wrong is told to the model."""
        try:
            tool = self._tools.get(call.name)
            if tool is None:
                yield _failed(self._unknown(call.name))
                return
            if call.name not in self._usable_now():
                yield _refused(_NOT_OF_THE_ROLE, _NOT_OF_THE_ROLE)
                return
            prepared = await asyncio.to_thread(tool.prepare, call.id, call.arguments, self._scene)
            touched = replace(prepared.touched, title=one_line(prepared.touched.title))
            prepared = replace(prepared, touched=touched)
            yield CallStarted(touched.title, tool.kind, touched.places)
            async with aclosing(self._decide_and_run(tool, call, prepared)) as events:
                async for event in events:
                    yield event
        except (VictorError, IndexerError) as error:
            yield _failed(f"{error.message} {error.fix}".strip())
        except Exception:
            logger.exception("a bug in the tool %s", call.name[:60])
            yield _failed("The tool failed by a fault in Victor. Go on without it.")

    async def _decide_and_run(
        self, tool: Tool, call: ToolCallPart, prepared: Prepared
    ) -> AsyncGenerator[CallEvent, None]:
        scene = self._scene
        wanted = Wanted(
            call.name, tool.kind, prepared.touched, scene.root, scene.session_id, scene.turn_id, call.id
        )
        verdict = await self._permissions.judge(wanted)
        decided, review = verdict.reason, False
        if verdict.decision == "deny":
            yield _refused(verdict.reason, decided)
            return
        if verdict.decision == "ask":
            review = prepared.is_reviewed and self._asker is not None
            decided = _REVIEWED
            if not review:
                permitted = await self._ask(wanted)
                decided = permitted.reason
                if not permitted.allowed:
                    yield _refused(permitted.reason, decided)
                    return
                if call.name not in self._usable_now():  # an answer may take hours
                    yield _refused(_NOT_OF_THE_ROLE, _NOT_OF_THE_ROLE)
                    return
        async with aclosing(self._work(prepared, review=review)) as events:
            async for event in events:
                if isinstance(event, Streamed):
                    yield event
                else:
                    yield _ended(event, decided, tool.kind)

    async def _ask(self, wanted: Wanted) -> Permitted:
        """One question at a time: calls may run side by side, and a person answers one after the other."""
        async with self._asking:
            return await self._permissions.permit(wanted, self._asker)

    async def _work(self, prepared: Prepared, *, review: bool) -> AsyncGenerator[Streamed | Done, None]:
        """What the tool gives, Done last. Its time is limited, unless it is a person that it waits for."""
        async with aclosing(prepared.run(review)) as events:
            while True:
                begun = time.monotonic()
                try:
                    async with asyncio.timeout(None if review else self._left_s()) as limit:
                        event = await anext(events)
                except TimeoutError:
                    if not limit.expired():
                        raise  # the tool's own
                    yield Done(f"{_OUT_OF_TIME} It was stopped.", is_error=True)
                    return
                except StopAsyncIteration:
                    yield Done("The tool ended without a result, by a fault in Victor.", is_error=True)
                    return
                finally:
                    self._worked_s += 0.0 if review else time.monotonic() - begun
                yield event
                if isinstance(event, Done):
                    return

    def _usable_now(self) -> frozenset[str]:
        return frozenset(self._usable(tuple(self._tools)))

    def _left_s(self) -> float:
        return max(0.0, self.limits.max_tool_s - self._worked_s)

    def _unknown(self, name: str) -> str:
        if name in self._hidden:
            return f"{name} is not offered in mode plan: nothing is changed or run now. Say what you would do instead."
        near = difflib.get_close_matches(name[:100], self._usable_now(), n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        return f"There is no such tool.{meant} There are: {', '.join(spec.name for spec in self.specs)}."


_NOT_OF_THE_ROLE = "The policy of your team does not allow this tool."
_REVIEWED = "The person reviewed it, hunk by hunk."
_OUT_OF_TIME = "The time that tools may take in one turn is used up."


def _failed(text: str) -> CallEnded:
    return CallEnded("failed", Done(text, is_error=True))


def _refused(why: str, decided: str) -> CallEnded:
    return CallEnded("refused", Done(f"Not allowed. {why} {_AFTER_NO}", is_error=True), decided)


def _ended(done: Done, decided: str, kind: ToolKind) -> CallEnded:
    status: CallStatus = "failed" if done.is_error else "completed"
    done = replace(done, title=one_line(done.title))
    return CallEnded(status, done, decided, has_changed=kind in _CHANGING and not done.is_error)
