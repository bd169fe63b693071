"""The chat view alone in a browser: its own page under its own policy, in a theme's real colours, with the test as extension.

`themes.json` holds what VS Code 1.139 gives its webviews for the variables that the view's style sheet names.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page, Route

CLIENT = Path(__file__).parents[2] / "clients" / "vscode"
STYLE = CLIENT / "webview" / "chat" / "style.css"
THEMES: Mapping[str, Mapping[str, str]] = json.loads((Path(__file__).parent / "themes.json").read_text())
ADDRESS = "http://view.test"
TIMEOUT_MS = 30_000
SIZE = {"width": 380, "height": 760}
_AXE = CLIENT / "node_modules" / "axe-core" / "axe.min.js"
_FONTS = {
    "--vscode-font-family": "'DejaVu Sans', sans-serif",
    "--vscode-font-size": "13px",
    "--vscode-editor-font-family": "'DejaVu Sans Mono', monospace",
    "--vscode-editor-font-size": "12px",
}
_PAGE = "const [parts] = process.argv.slice(1); process.stdout.write((await import('./src/chat/page.ts')).page(JSON.parse(parts)));"
_EXTENSION = """
([variables, kind]) => {
  window.said = [];
  globalThis.acquireVsCodeApi = () => ({
    postMessage: (message) => { window.said.push(message); },
  });
  const dress = () => {
    for (const [name, value] of Object.entries(variables)) {
      document.documentElement.style.setProperty(name, value);
    }
    document.body.setAttribute("data-vscode-theme-kind", kind);
  };
  document.addEventListener("DOMContentLoaded", dress);
}
"""

Message = dict[str, Any]


def build(folder: Path) -> Path:
    """The view as it is shipped: bundled and minified into this folder."""
    esbuild = CLIENT / "node_modules" / "esbuild" / "bin" / "esbuild"
    sources = [str(CLIENT / "webview" / "chat" / name) for name in ("main.ts", "style.css")]
    options = ["--bundle", "--minify", "--format=iife", "--target=chrome120", "--log-level=error"]
    subprocess.run([_node(), str(esbuild), *sources, *options, f"--outdir={folder}"], check=True, cwd=CLIENT)
    parts = {"cspSource": ADDRESS, "nonce": "n0nce", "script": "/main.js", "style": "/style.css"}
    html = subprocess.run(
        [_node(), "--input-type=module", "-e", _PAGE, json.dumps(parts)],
        check=True,
        cwd=CLIENT,
        capture_output=True,
        text=True,
    ).stdout
    (folder / "index.html").write_text(html)
    return folder


def _node() -> str:
    return str(Path(sys.executable).parent / "node")


def make_context(browser: Browser) -> BrowserContext:
    """What views may share: none of them keeps anything in it, and a view in one of its own costs thrice the time."""
    viewport: Any = SIZE
    context = browser.new_context(viewport=viewport, reduced_motion="reduce", locale="en-US")
    context.set_default_timeout(TIMEOUT_MS)
    return context


class ChatPage:
    """One view. What it asks of the network is answered from the built folder, or refused and remembered."""

    def __init__(
        self,
        context: BrowserContext,
        built: Path,
        *,
        theme: str = "dark",
        kept: Message | None = None,
        **size: int,
    ) -> None:
        self.complaints: list[str] = []
        """Errors in the console, among them all that the policy forbids, and requests that lead elsewhere."""
        self.page: Page = context.new_page()
        if size:
            viewport: Any = {**SIZE, **size}
            self.page.set_viewport_size(viewport)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self._built = built
        self.page.route("**/*", self._answer)
        given = [{**_FONTS, **THEMES[theme]}, f"vscode-{theme}"]
        self.page.add_init_script(f"({_EXTENSION})({json.dumps(given)})")
        self.page.goto(f"{ADDRESS}/index.html")
        self.wait_for_said("ready")
        if kept is not None:
            self.tell({"type": "kept", **kept})
        self.tell({"type": "server", "state": "running", "detail": ""})

    def close(self) -> None:
        """As when VS Code throws the view away."""
        self.page.close()

    def tell(self, *messages: Message) -> None:
        """What the extension says, and wait until it is drawn."""
        self.page.evaluate(
            """async (messages) => {
              messages.forEach((each) => window.postMessage(each, "*"));
              await new Promise((done) => {
                const last = new MessageChannel();
                last.port1.onmessage = done;
                setTimeout(() => last.port2.postMessage(0));
              });
              await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            }""",
            list(messages),
        )

    def said(self, kind: str) -> list[Message]:
        """What the view said of this type."""
        return [each for each in self.page.evaluate("window.said") if each["type"] == kind]

    def wait_for_said(self, kind: str, count: int = 1) -> Message:
        """The last of so many messages of this type."""
        self.page.wait_for_function(
            "([kind, count]) => window.said.filter((each) => each.type === kind).length >= count",
            arg=[kind, count],
        )
        return self.said(kind)[-1]

    def kept(self) -> Message:
        """What the view keeps for when it is made anew."""
        last = self.wait_for_said("keep")
        return {name: value for name, value in last.items() if name != "type"}

    def layouts_of(self, act: Callable[[], None]) -> int:
        """How often the page was laid out meanwhile."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Performance.enable")
        before = _n_layouts(session)
        act()
        return _n_layouts(session) - before

    def faults(self) -> list[str]:
        """Serious and critical faults that axe finds, as `rule: element`."""
        self.page.evaluate(_AXE.read_text())
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return list(_serious(found["violations"]))

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.complaints.append(said.text)

    def _answer(self, route: Route) -> None:
        path = self._built / route.request.url.removeprefix(f"{ADDRESS}/")
        if route.request.url.startswith(ADDRESS) and path.is_file():
            route.fulfill(path=path)
        elif not route.request.url.endswith("/favicon.ico"):
            self.complaints.append(f"asked for {route.request.url}")
            route.abort()
        else:
            route.fulfill(status=204)


def _n_layouts(session: CDPSession) -> int:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(int(each["value"]) for each in metrics if each["name"] == "LayoutCount")


def _serious(violations: list[Message]) -> Iterator[str]:
    for violation in violations:
        if violation["impact"] in ("serious", "critical"):
            for node in violation["nodes"]:
                yield f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"


def variables_used() -> set[str]:
    """The names of the variables in the style sheet."""
    return set(re.findall(r"--vscode-[\w-]+", STYLE.read_text()))


def given_variables() -> set[str]:
    """The names that some theme gives, or every webview."""
    return {name for theme in THEMES.values() for name in theme} | set(_FONTS)
