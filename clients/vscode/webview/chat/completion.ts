// The list that completes commands and mentions while a question is written.

import type { ChatCompletion } from "../../src/protocol.ts";
import { h } from "./dom.ts";
import { say } from "./host.ts";

export interface Completion {
  readonly list: HTMLElement;
  /** Asks for what may follow the text before the cursor. */
  look(): void;
  /** What the server found, if it is still wanted. */
  show(id: number, items: readonly ChatCompletion[]): void;
  hide(): void;
  /** Takes a key, where the list is open and the key is for it. */
  press(event: KeyboardEvent): boolean;
}

/** What is being written behind a slash at the start, or behind an @. */
const OPENERS = /(^\s*\/\S*|(^|[\s([{<,;'"])@\S*)$/;
const MOST = 20;

export function newCompletion(box: HTMLTextAreaElement, announce: (text: string) => void): Completion {
  const list = h("ul", {
    class: "completions",
    role: "listbox",
    id: "completions",
    "aria-label": "Suggestions",
    tabindex: 0,
  });
  list.hidden = true;
  let asked = 0;
  let items: readonly ChatCompletion[] = [];
  let chosen = 0;

  const before = (): string => box.value.slice(0, box.selectionStart);

  function look(): void {
    const text = before();
    asked++;
    if (OPENERS.test(text) && box.selectionStart === box.selectionEnd) {
      say({ type: "complete", id: asked, text });
    } else {
      hide();
    }
  }

  function show(id: number, found: readonly ChatCompletion[]): void {
    if (id !== asked) {
      return;
    }
    items = found.slice(0, MOST);
    list.replaceChildren(...items.map(rowOf));
    list.hidden = items.length === 0;
    choose(0);
    if (items.length) {
      announce(items.length === 1 ? "1 suggestion" : `${items.length} suggestions`);
    }
  }

  function rowOf(item: ChatCompletion, at: number): HTMLElement {
    const row = h(
      "li",
      { role: "option", id: `completion-${at}`, "aria-selected": "false" },
      h("span", { class: "completion-label" }, item.label),
      h("span", { class: "completion-detail" }, item.detail),
    );
    // The box keeps the focus.
    row.addEventListener("mousedown", (event) => {
      event.preventDefault();
      accept(at);
    });
    return row;
  }

  function choose(at: number): void {
    chosen = items.length ? (at + items.length) % items.length : 0;
    [...list.children].forEach((row, here) => {
      row.setAttribute("aria-selected", String(here === chosen));
    });
    if (list.hidden) {
      box.removeAttribute("aria-activedescendant");
    } else {
      box.setAttribute("aria-activedescendant", `completion-${chosen}`);
      list.children[chosen]?.scrollIntoView({ block: "nearest" });
    }
  }

  function accept(at: number): void {
    const item = items[at];
    const text = before();
    hide();
    if (item && text.endsWith(item.replace)) {
      box.setRangeText(item.text, text.length - item.replace.length, text.length, "end");
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function hide(): void {
    asked++;
    items = [];
    list.hidden = true;
    box.removeAttribute("aria-activedescendant");
  }

  function press(event: KeyboardEvent): boolean {
    const act = list.hidden || event.isComposing ? undefined : keys[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
    return act !== undefined;
  }

  const keys: Record<string, () => void> = {
    ArrowDown: () => choose(chosen + 1),
    ArrowUp: () => choose(chosen - 1),
    Enter: () => accept(chosen),
    Tab: () => accept(chosen),
    Escape: hide,
  };

  return { list, look, show, hide, press };
}
