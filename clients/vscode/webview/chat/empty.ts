// What stands in a chat in which nothing was asked yet: what to try, and what is missing.

import type { ChatSessionInfo, ModelItem } from "../../src/protocol.ts";
import { button, h } from "./dom.ts";
import { say } from "./host.ts";
import { sessionsList } from "./sessions.ts";

export interface EmptyParts {
  /** Null until the server has told. */
  models: readonly ModelItem[] | null;
  sessions: readonly ChatSessionInfo[];
  write(text: string): void;
  showAll(): void;
}

const TRIES: readonly { text: string; title: string; detail: string }[] = [
  { text: "/explain ", title: "Explain the selected code", detail: "Select something in a file first." },
  { text: "/review ", title: "Review my changes", detail: "What is not committed, or the branch." },
  { text: "/search ", title: "Find code", detail: "By words or names; no model is asked." },
];
const MOST_RECENT = 3;

export function emptyState({ models, sessions, write, showAll }: EmptyParts): HTMLElement {
  const usable = models?.some(({ unusable }) => unusable === "") ?? true;
  return h(
    "section",
    { class: "empty", "aria-label": "Getting started" },
    h("h2", {}, "Ask about your code"),
    h(
      "p",
      { class: "muted" },
      "Victor reads this workspace, says what it was shown, and changes files only with your word.",
    ),
    usable ? null : noModel(models ?? []),
    h("ul", { class: "tries", "aria-label": "Things to try" }, ...TRIES.map((each) => tryOf(each, write))),
    h(
      "p",
      { class: "muted" },
      "Type ",
      h("kbd", {}, "@"),
      " to mention a file or a name, ",
      h("kbd", {}, "/"),
      " for all commands.",
    ),
    sessions.length ? recent(sessions, showAll) : null,
  );
}

function tryOf({ text, title, detail }: (typeof TRIES)[number], write: (text: string) => void): HTMLElement {
  const made = button("", () => write(text), { class: "try" });
  made.append(h("span", {}, title), h("span", { class: "muted" }, detail));
  return h("li", {}, made);
}

function noModel(models: readonly ModelItem[]): HTMLElement {
  const reasons = models.map(({ profile, unusable }) => h("li", {}, `${profile}: ${unusable}`));
  return h(
    "div",
    { class: "callout", role: "note", "aria-label": "No model" },
    h("p", {}, models.length ? "No model can be used yet." : "No model is set up yet."),
    reasons.length ? h("ul", {}, ...reasons) : null,
    h(
      "p",
      {},
      "Search and secrets work without one. To have questions answered, set one up on this machine or in the cloud.",
    ),
    h(
      "div",
      { class: "callout-actions" },
      button("Set Up a Model…", () => say({ type: "command", name: "setUpModel" }), { class: "primary" }),
      button("Show Me How", () => say({ type: "ask", text: "/models", withEditor: false }), {
        class: "secondary",
      }),
    ),
  );
}

function recent(sessions: readonly ChatSessionInfo[], showAll: () => void): HTMLElement {
  return h(
    "div",
    { class: "recent" },
    h(
      "div",
      { class: "recent-title" },
      h("h3", {}, "Recent chats"),
      button("Show all", showAll, { class: "link" }),
    ),
    sessionsList(sessions.slice(0, MOST_RECENT), null, () => undefined),
  );
}
