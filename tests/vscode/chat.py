"""The chat view of a window, as a person uses it."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Locator
from vscode.window import Window

_AXE = Path(__file__).parents[2] / "clients" / "vscode" / "node_modules" / "axe-core" / "axe.min.js"
_LOOK = "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)"
_GRAVE = ("serious", "critical")


class ChatView:
    """Opened by its command; its frame is looked for anew each time, since a reload makes another."""

    def __init__(self, window: Window) -> None:
        self._window = window
        window.run_command("Victor: Open Chat")

    @property
    def frame(self) -> Frame:
        """The webview's document."""
        return self._window.webview("form.composer textarea")

    def find(self, selector: str, text: str | None = None) -> Locator:
        """What is in it; the last, where there are several."""
        return self.frame.locator(selector, has_text=text).last

    def ask(self, question: str) -> None:
        """Write into the box and press Enter, once the server can be asked."""
        box = self.find("textarea")
        box.fill(question)
        self._window.wait_until(lambda: self.find("button.send").is_enabled(), "the chat can be asked")
        box.press("Enter")

    def wait_for(self, text: str) -> None:
        """Wait until this stands in it."""
        self.find(".talk", text).wait_for()

    def answer_by_keyboard(self, name: str) -> None:
        """Go to an answer of the question by Tab, and press Enter: as long as the question is new, keys do nothing."""
        self.find(".permission").wait_for()
        button = self.find(".permission button", name)
        self._window.wait_until(lambda: self._has_focus(button), f"the focus on {name!r}")

        def answered() -> bool:
            self._window.press("Enter")
            return self.find(".permission").count() == 0

        self._window.wait_until(answered, "the question is answered")

    def faults(self) -> list[Any]:
        """What axe-core finds of serious and critical faults."""
        frame = self.frame
        frame.evaluate(_AXE.read_text(encoding="utf-8"))
        found = frame.evaluate(_LOOK)
        return [each for each in found if each["impact"] in _GRAVE]

    def _has_focus(self, button: Locator) -> bool:
        if button.evaluate("each => each === document.activeElement"):
            return True
        self._window.press("Tab")
        return False
