"""Where an answer is shown while it comes."""

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TextIO

from victor_server.cli.chat.blocks import Blocks
from victor_server.cli.chat.neutral import neutral

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.live import Live

_REFRESH_PER_S = 10
_MAX_WIDTH = 100
_WHEEL = "|/-\\"
_TURNS_PER_S = 8
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_LINES_FREE = 2  # of the window, below an answer that grows


class Screen(Protocol):
    """One answer after the other. Texts are of others: a screen neutralises what it is given."""

    def begin(self) -> None:
        """Show that a question was taken."""
        ...

    def wait(self, what: str) -> None:
        """Say what is waited for, until something of the answer is there."""
        ...

    def answer(self, text: str) -> None:
        """Show more of the answer, which is markdown."""
        ...

    def note(self, text: str) -> None:
        """Show a sentence that is not of the model, on lines of its own."""
        ...

    def say(self, text: str) -> None:
        """Show what a person must read before they answer it, on lines of its own."""
        ...

    def diff(self, text: str) -> None:
        """Show lines of a change, which begin with `-`, `+`, `@` or a blank."""
        ...

    def end(self) -> None:
        """Finish the answer. Does nothing where none is begun."""
        ...


class PlainScreen:
    """Text as it comes: for pipes, simple terminals and screen readers. Nothing is ever drawn over.

    `answers` and `notes` may be the same stream. `tells_waiting`: say in words what is waited for.
    """

    def __init__(self, answers: TextIO, notes: TextIO, *, tells_waiting: bool) -> None:
        self._answers = answers
        self._notes = notes
        self._tells_waiting = tells_waiting
        self._at_margin = True

    def begin(self) -> None:
        """The next words will tell."""

    def wait(self, what: str) -> None:
        """Say it, where somebody watches."""
        if self._tells_waiting:
            self.note(what)

    def answer(self, text: str) -> None:
        """Write it."""
        shown = neutral(text)
        if shown:
            self._answers.write(shown)
            self._answers.flush()
            self._at_margin = shown.endswith("\n")

    def note(self, text: str) -> None:
        """Write it to the stream for notes."""
        if self._notes is self._answers or self._answers.isatty():
            self.end()
        self._notes.write(neutral(text) + "\n")
        self._notes.flush()

    def say(self, text: str) -> None:
        """Write it there too."""
        self.note(text)

    def diff(self, text: str) -> None:
        """Write it there too."""
        self.note(text)

    def end(self) -> None:
        """Go to the margin."""
        if not self._at_margin:
            self.answer("\n")


class LivelyScreen:
    """Rendered markdown; what is not finished yet is drawn again and again below it.

    rich's own thread for that draws between two steps of a print of ours, which leaves lines behind: so there is one
    here, and one lock.
    """

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._blocks = Blocks()
        self._lock = threading.RLock()
        self._live: Live | None = None
        self._stopped = threading.Event()
        self._waiting = ""
        self._begun = False
        self._ends_answer = False

    def begin(self) -> None:
        """Turn something."""
        self._ends_answer = False
        self.wait("Looking for what the model must know…")

    def wait(self, what: str) -> None:
        """Turn something beside it."""
        with self._lock:
            self._waiting = neutral(what)
            self._start()

    def answer(self, text: str) -> None:
        """Print what is finished, draw what is not."""
        with self._lock:
            self._waiting = ""
            self._start()
            for block in self._blocks.feed(text):
                self._print(block)

    def note(self, text: str) -> None:
        """Print it dimly, behind what is there of the answer."""
        from rich.text import Text

        with self._lock:
            self._print(self._blocks.end())
            if self._ends_answer:
                self._console.print()  # what is said of an answer stands apart from it
                self._ends_answer = False
            self._console.print(Text(neutral(text), "dim"), width=_width(self._console))

    def say(self, text: str) -> None:
        """Print it, its first line in bold."""
        from rich.text import Text

        self.end()
        first, _, rest = neutral(text).partition("\n")
        self._console.print()
        self._console.print(Text(first, "bold"), width=_width(self._console))
        if rest:
            self._console.print(Text(rest), soft_wrap=True)

    def diff(self, text: str) -> None:
        """Print it, in the colours of changes."""
        from rich.text import Text

        self.end()
        for line in neutral(text).split("\n"):
            self._console.print(Text(line, _COLOURS.get(line[:1], "")), soft_wrap=True)

    def end(self) -> None:
        """Print the rest and draw no more."""
        with self._lock:
            self._stopped.set()
            live, self._live = self._live, None
            rest, self._waiting = self._blocks.end(), ""
            if live is not None:
                live.stop()
            self._print(rest)
            self._ends_answer, self._begun = self._ends_answer or self._begun, False

    def _start(self) -> None:
        if self._live is None:
            from rich.live import Live

            self._live = Live(
                _Growing(lambda room: (self._blocks.last_lines(room), self._waiting)),
                console=self._console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
            self._stopped = threading.Event()
            threading.Thread(
                target=self._draw_again, args=(self._live, self._stopped), name="victor-screen", daemon=True
            ).start()

    def _draw_again(self, live: "Live", stopped: threading.Event) -> None:
        while not stopped.wait(1 / _REFRESH_PER_S):
            with self._lock:
                if not stopped.is_set():
                    live.refresh()

    def _print(self, block: str) -> None:
        from victor_server.cli.chat.markdown import Answer

        if block.strip():
            if self._begun:
                self._console.print()
            self._begun = True
            self._console.print(Answer(block), width=_width(self._console))


class _Growing:
    """The end of what is unfinished, as much as the window has room for, and what is waited for.

    `state` gives both, for a number of lines, as they are when it is drawn.
    """

    def __init__(self, state: Callable[[int], tuple[str, str]]) -> None:
        self._state = state

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        from rich.segment import Segment
        from rich.text import Text

        from victor_server.cli.chat.markdown import Answer

        room = max(1, console.height - _LINES_FREE)
        markdown, waiting = self._state(room)
        for line in Answer(markdown).lines(console, options.update(width=_width(console)))[-room:]:
            yield from line
            yield Segment.line()
        if waiting:
            turn = int(console.get_time() * _TURNS_PER_S) % len(_WHEEL)
            yield Text(f"{_WHEEL[turn]} {waiting}", "dim", overflow="ellipsis", no_wrap=True)


def _width(console: "Console") -> int:
    return min(console.width, _MAX_WIDTH)


def new_console() -> "Console":
    """The terminal, whatever it can do: colours only where it has them and NO_COLOR is not set."""
    from rich.console import Console
    from rich.theme import Theme

    looks = Theme({"markdown.code": "cyan", "markdown.h1": "bold underline"})
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False, theme=looks)
