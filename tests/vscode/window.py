"""One VS Code window in a browser: commands, files, keys, and waiting for what a person would see."""

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, ConsoleMessage, Error, Frame, Locator, Page, expect
from playwright.sync_api import TimeoutError as NotInTime

Result = TypeVar("Result")

SIZE: Any = {"width": 1280, "height": 800}
TIMEOUT_MS = 60_000
_LOOK_AGAIN_MS = 30
_SAID_LENGTH = 400
_LISTED_MS = 3000
_BOX = ".quick-input-widget .quick-input-box input"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """The browser's program. Raises FileNotFoundError where there is none."""
    if found := next(filter(None, map(shutil.which, _BROWSERS)), None):
        return found
    raise FileNotFoundError("chromium is not installed")


class Window:
    """A page with a workbench in it. A `BrowserContext` of its own: nothing is remembered from other windows."""

    def __init__(self, browser: Browser, address: str, folder: Path, pictures: Path) -> None:
        self._context = browser.new_context(viewport=SIZE, reduced_motion="reduce", locale="en-US")
        self._context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        self._context.set_default_timeout(TIMEOUT_MS)
        self._pictures = pictures
        self.said: list[str] = []
        """Errors in the browser's console: for whoever reads of a test that failed."""
        self._typed = ""
        self.page: Page = self._context.new_page()
        self.page.on("console", self._hear)
        self.page.goto(f"{address}/?folder={folder}")
        self._wait_for_workbench()

    def close(self) -> None:
        """As when a person closes the tab."""
        self._context.close()

    def reload(self) -> None:
        """As when a person presses F5."""
        self.page.reload()
        self._wait_for_workbench()

    def run_command(self, title: str) -> None:
        """By its whole title in the command palette, `Victor: …`, chosen only once it is listed."""
        self.quick_open(">" + title, title)

    def open_file(self, path: str) -> Locator:
        """By its name in Quick Open; the editor."""
        name = path.rpartition("/")[2]
        self.quick_open(path, name)
        expect(self.page.locator(f'.tab.active[data-resource-name="{name}"]')).to_be_visible(
            timeout=TIMEOUT_MS
        )
        return self.editor()

    def quick_open(self, typed: str, label: str) -> None:
        """Type into the box at the top, and take the entry of this label."""
        entry = self._entry(label)

        def taken() -> bool:
            """A list that was made before an extension was known is not made anew, and a busy editor closes one."""
            self.press("F1")
            box = self.page.locator(_BOX)
            expect(box).to_be_focused(timeout=TIMEOUT_MS)
            box.fill(typed)
            try:
                self._take(entry, timeout=_LISTED_MS)
            except NotInTime:
                self.dismiss(".quick-input-widget")
                return False
            return True

        self.wait_until(taken, f"{label!r} in the list")
        self._typed = typed

    def pick(self, label: str) -> None:
        """Take an entry of the open list by its whole label."""
        self._take(self._entry(label))

    def answer_box(self, text: str) -> None:
        """Write into the input box that a command opens, and confirm it."""
        self.open_box().fill(text)
        self.press("Enter")

    def open_box(self) -> Locator:
        """The box that a command opens, once it is another than the one that the command was called from."""
        box = self.page.locator(_BOX)

        def opened() -> bool:
            return box.is_visible() and box.input_value() != self._typed

        self.wait_until(opened, "the command's own box")
        expect(box).to_be_focused(timeout=TIMEOUT_MS)
        return box

    def editor(self) -> Locator:
        """The active text editor; of a diff, what is new. An editor may hold others: those of a comment."""
        whole = ".monaco-editor:not(.monaco-editor .monaco-editor)"
        return self.page.locator(f".editor-group-container.active {whole}").last

    def type(self, text: str) -> None:
        """Keys, as fast as they come."""
        self.page.keyboard.type(text)

    def press(self, *keys: str) -> None:
        """Keys or chords, one after the other: `Control+s`."""
        for key in keys:
            self.page.keyboard.press(key)

    def save(self) -> None:
        """Save the active editor, and wait until nothing is unsaved in it."""
        self.press("Control+s")
        expect(self.page.locator(".tab.active.dirty")).to_have_count(0, timeout=TIMEOUT_MS)

    def go_to_line(self, line: int) -> None:
        """Put the cursor at the start of a line, counted from 1, in the active editor."""
        self.run_command("Go to Line/Column...")
        self.answer_box(f":{line}:1")

    def visible_lines(self) -> list[str]:
        """What the active editor shows, from top to bottom."""
        lines = (
            self.editor()
            .locator(".view-line")
            .evaluate_all("all => all.map(each => [parseFloat(each.style.top), each.textContent])")
        )
        return [str(text).replace("\u00a0", " ") for _, text in sorted(lines)]

    def widen_side_bar(self, width: int) -> None:
        """Drag its edge, as a person does who wants to read there."""
        edge = self.page.locator(".part.sidebar").bounding_box()
        if edge is None:
            raise AssertionError("there is no side bar")
        x, y = edge["x"] + edge["width"] + 2, edge["y"] + 100
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(edge["x"] + width, y, steps=5)
        self.page.mouse.up()

    def wait_for_status(self, text: str | re.Pattern[str]) -> Locator:
        """Wait until the status bar holds an entry with this text."""
        entry = self.page.locator(".statusbar-item").filter(has_text=text).first
        entry.wait_for()
        return entry

    def wait_for_text(self, text: str | re.Pattern[str]) -> Locator:
        """Wait until this stands anywhere in the workbench (webviews are pages of their own)."""
        found = self.page.get_by_text(text).locator("visible=true").first
        found.wait_for()
        return found

    def wait_for_text_anywhere(self, text: str) -> None:
        """Wait until this stands in the workbench or in one of its webviews."""

        def stands() -> bool:
            return any(text in (frame.text_content("body") or "") for frame in self._live_frames())

        self.wait_until(stands, f"{text!r} in the window")

    def lens(self, title: str | re.Pattern[str]) -> Locator:
        """A link above a line of the editor."""
        return self.page.locator(".codelens-decoration a").filter(has_text=title)

    def notification(self, text: str | re.Pattern[str]) -> Locator:
        """A message at the lower right."""
        return self.page.locator(".notification-toast").filter(has_text=text)

    def squiggles(self) -> Locator:
        """What is underlined in the active editor."""
        return self.editor().locator(".squiggly-error, .squiggly-warning, .squiggly-info")

    def read_problem(self) -> str:
        """Go to the next problem of the file; what is said of it, read from the box that opens below its line."""
        self.press("F8")
        return self.page.locator(".marker-widget").inner_text()

    def dismiss(self, selector: str) -> None:
        """Close this by Escape, and wait until it is gone: keys go to the editor again."""
        self.press("Escape")
        self.page.locator(selector).wait_for(state="hidden")

    def quick_fix(self, title: str) -> None:
        """Take one of the actions that mend what stands at the cursor."""
        self.choose_action("Quick Fix...", title)

    def choose_action(self, command: str, title: str, picture: str = "") -> None:
        """Open a list of actions by its command, and take the action of this title.

        The editor closes such a list when it hears of other actions: it is opened again then, as a person would.
        """
        action = self.page.locator(".action-widget .monaco-list-row").filter(has_text=title).first

        def chosen() -> bool:
            self.run_command(command)
            try:
                action.wait_for(timeout=_LISTED_MS)
                if picture:
                    self.screenshot(picture)
                action.click(timeout=_LISTED_MS)
            except NotInTime:
                return False
            return True

        self.wait_until(chosen, f"an action {title!r}")

    def webview(self, selector: str) -> Frame:
        """The frame of the webview that holds this; waits until there is one."""

        def found() -> Frame | None:
            inner = (frame for frame in self._live_frames() if frame.parent_frame)
            return next((frame for frame in inner if _holds(frame, selector)), None)

        return self.wait_until(found, f"a webview with {selector}")

    def wait_until(self, condition: Callable[[], Result | None], what: str) -> Result:
        """Wait until `condition` gives something true, and return that; the page goes on meanwhile."""
        deadline = time.monotonic() + TIMEOUT_MS / 1000
        while not (result := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {TIMEOUT_MS / 1000:.0f} s: {what}")
            self.page.wait_for_timeout(_LOOK_AGAIN_MS)
        return result

    def screenshot(self, name: str) -> Path:
        """What a person sees now, as a picture of this name."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        file = self._pictures / f"{name}.png"
        self.page.screenshot(path=file, animations="disabled", caret="hide", scale="css")
        return file

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.said.append(f"{message.type}: {message.text[:_SAID_LENGTH]}")

    def _take(self, entry: Locator, timeout: float = TIMEOUT_MS) -> None:
        """Click it, and go away with the mouse: what a hover says would stand before the next thing to click."""
        entry.click(timeout=timeout)
        self.page.mouse.move(SIZE["width"] / 2, SIZE["height"] - 1)

    def _entry(self, label: str) -> Locator:
        exactly = self.page.locator(".label-name", has_text=re.compile(rf"^{re.escape(label)}$"))
        return self.page.locator(".quick-input-list .monaco-list-row").filter(has=exactly).first

    def _live_frames(self) -> list[Frame]:
        """All of them, a webview's among them, but those that are just being replaced."""
        return [frame for frame in self.page.frames if not frame.is_detached() and _holds(frame, "body")]

    def _wait_for_workbench(self) -> None:
        self.page.locator(".monaco-workbench .part.statusbar").wait_for()


def _holds(frame: Frame, selector: str) -> bool:
    try:
        return frame.query_selector(selector) is not None
    except Error:  # it went away while it was looked at
        return False
