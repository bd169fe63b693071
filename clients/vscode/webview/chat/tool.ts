// A call of a tool: a card that says in one line what is done, and opens to what came of it.

import { button, h, type IconName, icon } from "./dom.ts";
import { say } from "./host.ts";
import { changedLines } from "./lines.ts";
import type { Diff, ToolPart } from "./state.ts";

export interface ToolCard {
  readonly element: HTMLElement;
  show(tool: ToolPart): void;
}

interface Look {
  word: string;
  picture: IconName;
}

const OUTCOMES: Record<string, Look> = {
  completed: { word: "done", picture: "done" },
  failed: { word: "failed", picture: "failed" },
  refused: { word: "not allowed", picture: "refused" },
  cancelled: { word: "stopped", picture: "stop" },
  interrupted: { word: "interrupted", picture: "stop" },
};
const RUNNING: Look = { word: "running", picture: "waiting" };

export function newToolCard(): ToolCard {
  const summary = h("summary");
  const printed = h("pre", { class: "printed", tabindex: "0", role: "region", "aria-label": "Output" });
  const rest = h("div");
  const body = h("div", { class: "tool-body" }, printed, rest);
  const element = h("details", { class: "tool" }, summary, body);
  let drawn = "";

  function show(tool: ToolPart): void {
    showPrinted(printed, tool);
    const now = [tool.title, tool.status, tool.outcome, tool.result.length, tool.diffs.length].join("\n");
    if (now !== drawn) {
      drawn = now;
      element.dataset.outcome = tool.outcome;
      // A plan is shown as one, above.
      element.hidden = tool.does === "think" && tool.outcome !== "failed";
      summary.replaceChildren(...summaryOf(tool));
      rest.replaceChildren(...restOf(tool));
    }
  }

  return { element, show };
}

function showPrinted(printed: HTMLElement, tool: ToolPart): void {
  const text = (tool.cut ? `… ${tool.cut.toLocaleString("en")} characters before this\n` : "") + tool.printed;
  // What a command printed stands in its result as well, once it has ended.
  printed.hidden = text === "" || tool.outcome === "completed";
  if (printed.textContent !== text) {
    printed.textContent = text;
    printed.scrollTop = printed.scrollHeight;
  }
}

function summaryOf(tool: ToolPart): Node[] {
  const { word, picture } = OUTCOMES[tool.outcome] ?? RUNNING;
  return [
    icon(picture),
    h("span", { class: "tool-title", title: tool.title }, tool.title),
    h("span", { class: tool.outcome === "completed" ? "hidden" : "tool-status" }, word),
  ];
}

function restOf(tool: ToolPart): Node[] {
  const found = [
    tool.decided ? h("p", { class: "muted" }, tool.decided) : null,
    tool.locations.length ? placesOf(tool) : null,
    ...tool.diffs.map(changeOf),
    tool.result ? textOf("Result", tool.result) : null,
    tool.input && tool.input !== "{}" ? inputOf(tool.input) : null,
  ];
  return found.filter((each): each is HTMLElement => each !== null);
}

function inputOf(input: string): HTMLElement {
  return h(
    "details",
    { class: "input" },
    h("summary", {}, "What the model asked for"),
    textOf("Input", input),
  );
}

const MOST_SHOWN = 20_000;

function textOf(label: string, text: string): HTMLElement {
  const shown =
    text.length > MOST_SHOWN
      ? `${text.slice(0, MOST_SHOWN)}\n… ${text.length - MOST_SHOWN} characters more`
      : text;
  return h("pre", { tabindex: "0", role: "region", "aria-label": label }, shown);
}

function placesOf(tool: ToolPart): HTMLElement {
  const places = tool.locations.map(({ path, line }) =>
    h(
      "li",
      {},
      button(`${nameOf(path)}${line ? `:${line + 1}` : ""}`, () => say({ type: "openFile", path, line }), {
        ...{ class: "chip", title: path },
      }),
    ),
  );
  return h("ul", { class: "citations", "aria-label": "Files" }, ...places);
}

/** The lines that changed, and a way to the whole change. */
export function changeOf({ path, oldText, newText }: Diff): HTMLElement {
  const { removed, added, left } = changedLines(oldText ?? "", newText);
  const lines = [
    ...removed.map((line) => h("del", {}, `- ${line}\n`)),
    ...added.map((line) => h("ins", {}, `+ ${line}\n`)),
    left ? `… ${left} lines more` : null,
  ];
  const open = button("Open change", () => say({ type: "openDiff", path, oldText: oldText ?? "", newText }), {
    class: "link",
  });
  const title = h("div", { class: "change-title" }, h("span", { title: path }, nameOf(path)), open);
  const label = `Change of ${nameOf(path)}`;
  return h(
    "div",
    { class: "change" },
    title,
    h("pre", { tabindex: "0", role: "region", "aria-label": label }, ...lines),
  );
}

const nameOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;
