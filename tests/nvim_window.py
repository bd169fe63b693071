"""A real Neovim with a screen, driven over its own socket: types keys, runs Lua, and waits for what must show."""

import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import pynvim
from nvim_screen import Screen

Result = TypeVar("Result")

COLUMNS, ROWS = 110, 30
TIMEOUT_S = 60.0
_LOOK_AGAIN_S = 0.03
_QUIETLY = "let g:loaded_python3_provider = 0"
"""Else Neovim runs every Python on PATH before it shows a Python file, in search of one for its own plugins."""


class Window:
    """One Neovim process and its screen. Use as a context: it is killed at the end unless it was quit."""

    def __init__(self, program: Path, *arguments: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.screen = Screen(COLUMNS, ROWS)
        self._scratch = tempfile.TemporaryDirectory(prefix="nvim-")
        address = _address(Path(self._scratch.name))
        self._errors = (Path(self._scratch.name) / "stderr").open("w+b")
        command = [str(program), "--headless", "--listen", address, "--cmd", _QUIETLY, *arguments]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
        )
        self._nvim = self._attach(address)
        self._nvim.ui_attach(COLUMNS, ROWS, rgb=True, ext_linegrid=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        print(self.dump())  # noqa: T201 - pytest shows it where a test fails
        self.kill()
        self._hang_up()
        self._errors.close()
        self._scratch.cleanup()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.process.kill()
        self.process.wait()

    def type(self, keys: str) -> None:
        """Press keys, spelled as in `:help keycodes`."""
        self._request("nvim_input", keys)

    def lua(self, code: str, *arguments: Any) -> Any:
        """Run a chunk of Lua, whose arguments are `...`; what it returns."""
        return self._request("nvim_exec_lua", code, list(arguments))

    def run(self, command: str) -> None:
        """Type a command as a person does, after leaving whatever mode it is in."""
        self.type(f"<Esc>:{command.replace('<', '<lt>')}<CR>")

    def lines(self) -> list[str]:
        """The text of the current buffer."""
        return list(self._request("nvim_buf_get_lines", 0, 0, -1, True))

    def wait_until(self, condition: Callable[[], Result], what: str, timeout_s: float = TIMEOUT_S) -> Result:
        """Wait until `condition` gives something true, and return that; it is tried again after each drawing."""
        deadline = time.monotonic() + timeout_s
        while True:
            while self._draw(0):
                pass
            if found := condition():
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {timeout_s:.0f} s: {what}")
            self._draw(_LOOK_AGAIN_S)

    def wait_for_text(self, text: str) -> None:
        """Wait until this text stands on the screen."""
        self.wait_until(lambda: any(text in line for line in self.screen.lines()), f"{text!r} on the screen")

    def wait_until_quit(self) -> int:
        """Wait until the process has ended by itself; its exit code."""
        try:
            return self.process.wait(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"Neovim has not quit\n{self.screen.dump()}") from None

    def dump(self) -> str:
        """What a person would see now, and what Neovim has said so far."""
        try:
            while self._draw(0):
                pass
            said = str(self._request("nvim_exec2", "messages", {"output": True}).get("output", ""))
        except (OSError, EOFError, pynvim.NvimError) as error:
            said = f"(Neovim does not answer: {error})"
        return f"{self.screen.dump()}\n:messages\n{said}"

    def _draw(self, wait_s: float) -> bool:
        """Take the next event that has come or comes within this time; False if there was none."""
        alarm = self._nvim.loop.call_later(wait_s, self._nvim.stop_loop)
        message = self._nvim.next_message()
        alarm.cancel()
        if message and message[1] == "redraw":
            self.screen.take(message[2])
        return bool(message)

    def _request(self, method: str, *arguments: Any) -> Any:
        """Ask Neovim; one that is stuck must not keep the tests for ever."""
        alarm = self._nvim.loop.call_later(TIMEOUT_S, self._nvim.stop_loop)
        started = time.monotonic()
        try:
            return self._nvim.request(method, *arguments)
        except OSError as error:
            if time.monotonic() - started < TIMEOUT_S:
                raise
            raise TimeoutError(f"no answer to {method}\n{self.screen.dump()}") from error
        finally:
            alarm.cancel()

    def _hang_up(self) -> None:
        """Hear the end of the connection out: a loop that is closed before leaves its socket open."""
        try:
            while self._draw(TIMEOUT_S):
                pass
        except (OSError, EOFError):
            pass
        self._nvim.close()

    def _attach(self, address: str) -> Any:
        """Connect as soon as it listens."""
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                return pynvim.attach("socket", path=address)
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    self._errors.seek(0)
                    said = self._errors.read().decode("utf-8", "replace")
                    raise AssertionError(f"Neovim did not start: {said}") from None
            time.sleep(_LOOK_AGAIN_S)


def _address(scratch: Path) -> str:
    """A name for its socket: a pipe on Windows, elsewhere a path short enough for every system."""
    return rf"\\.\pipe\nvim-{uuid.uuid4().hex}" if sys.platform == "win32" else str(scratch / "socket")
