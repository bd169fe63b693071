"""Where a person types: a line editor on terminals that allow one, plain lines elsewhere."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from victor_server.cli.chat.keys import drawn, forget_typed, kept

if TYPE_CHECKING:
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.input import Input as KeySource
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.output import Output

PROMPT = "> "
_MORE = "… "
_MAX_LINE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may stand at the cursor: `text` takes the place of the `n_before` characters before it."""

    text: str
    n_before: int
    hint: str = ""


Suggest = Callable[[str, int], Awaitable[Sequence[Suggestion]]]
"""What may stand in a text at a cursor (an offset in characters)."""


class Input(Protocol):
    """Reads what a person asks, which may have several lines."""

    async def read(self) -> str:
        """The next text. Raises EOFError where the person leaves, KeyboardInterrupt where a text was given up."""
        ...

    def keys_kept(self) -> AbstractContextManager[None]:
        """What is typed while nothing is read waits for `read`, and is not drawn."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


class LineEditor:
    """Several lines, history and completion. `status` is asked for the line below whenever it is drawn."""

    def __init__(
        self,
        past_prompts: Path,
        suggest: Suggest,
        status: Callable[[], str],
        *,
        own_keys: Sequence[str] = (),
        keys: "KeySource | None" = None,
        output: "Output | None" = None,
    ) -> None:
        from prompt_toolkit import PromptSession

        from victor_server.cli.chat.past_prompts import PastPrompts

        self._past = PastPrompts(past_prompts, own_keys)
        self._session = PromptSession[str](
            f"\n{PROMPT}",  # an empty line between an answer and the next question
            multiline=True,
            prompt_continuation=_MORE,
            history=self._past,
            completer=_completer(suggest),
            complete_while_typing=True,
            key_bindings=_keys(),
            bottom_toolbar=status,
            enable_open_in_editor=True,
            tempfile_suffix=".md",
            input=keys,
            output=output,
        )

    async def read(self) -> str:
        """The next text; the keys are in docs/chat.md."""
        text: str = await self._session.prompt_async(handle_sigint=False)
        return text

    def keys_kept(self) -> AbstractContextManager[None]:
        """What is typed meanwhile waits."""
        return kept(for_line_editor=True)

    def close(self) -> None:
        """Wait until the history is written."""
        self._past.close()


class LineReader:
    """Plain lines, for simple terminals and screen readers: a line that ends with a backslash goes on in the next."""

    async def read(self) -> str:
        """The next text. Ctrl-C is the terminal's own: it drops the line that is being typed."""
        lines = [await self._line(PROMPT)]
        while lines[-1].endswith("\\"):
            lines[-1] = lines[-1][:-1]
            lines.append(await self._line(_MORE))
        return "\n".join(lines)

    def keys_kept(self) -> AbstractContextManager[None]:
        """What is typed meanwhile waits."""
        return kept(for_line_editor=False)

    def close(self) -> None:
        """Nothing is open."""

    async def _line(self, prompt: str) -> str:
        sys.stdout.write(prompt)
        sys.stdout.flush()
        with drawn():
            line = await _read_line()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")


async def read_answer(prompt: str) -> str:
    """A line that was typed after its question was asked. Raises EOFError where there will be none."""
    with drawn():
        forget_typed()
        sys.stdout.write(prompt)
        sys.stdout.flush()
        line = ""
        try:
            line = await _read_line()
        finally:
            if not line:  # Ctrl-D, or taken back: what comes stands on a line of its own
                sys.stdout.write("\n")
                sys.stdout.flush()
    if not line:
        raise EOFError
    return line.rstrip("\r\n")


async def _read_line() -> str:
    """One line of stdin with its end, "" where there is no more. Cancelled, it leaves no thread that still reads."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    try:
        loop.add_reader(sys.stdin.fileno(), readable.set)
    except (NotImplementedError, OSError, ValueError):  # Windows, and what is no terminal
        return await asyncio.to_thread(sys.stdin.readline)
    try:
        line = b""
        while not line.endswith(b"\n"):
            readable.clear()
            await readable.wait()
            # A terminal gives out whole lines; less than one where Ctrl-D was pressed in it.
            if not (more := os.read(sys.stdin.fileno(), _MAX_LINE_BYTES)):
                break
            line += more
        return line.decode("utf-8", "replace")
    finally:
        loop.remove_reader(sys.stdin.fileno())


def _completer(suggest: Suggest) -> "Completer":
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document

    class Suggestions(Completer):
        def get_completions(self, document: Document, complete_event: CompleteEvent) -> list[Completion]:
            return []

        async def get_completions_async(
            self, document: Document, complete_event: CompleteEvent
        ) -> AsyncGenerator[Completion, None]:
            for each in await suggest(document.text, document.cursor_position):
                # What cannot be printed (a file's name may hold anything) cannot be chosen either.
                if each.text.isprintable():
                    yield Completion(each.text, -each.n_before, display_meta=each.hint)

    return Suggestions()


def _keys() -> "KeyBindings":
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()
    keys.add("enter")(_enter)
    keys.add("escape", "enter")(_new_line)
    keys.add("c-j")(_new_line)
    return keys


def _enter(event: "KeyPressEvent") -> None:
    """Send, unless a suggestion is being chosen or a backslash says that more lines come."""
    buffer = event.current_buffer
    if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
        buffer.complete_state = None
    elif buffer.document.char_before_cursor == "\\":
        buffer.delete_before_cursor()
        buffer.newline(copy_margin=False)
    else:
        buffer.validate_and_handle()


def _new_line(event: "KeyPressEvent") -> None:
    event.current_buffer.newline(copy_margin=False)
