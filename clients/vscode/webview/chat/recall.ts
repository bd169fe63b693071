// Earlier questions, brought back by the arrow up in an empty box.

import { keep, kept } from "./host.ts";

export interface Recall {
  add(text: string): void;
  press(event: KeyboardEvent): void;
}

const MOST = 50;

export function newRecall(box: HTMLTextAreaElement): Recall {
  let at = 0;
  let shown = "";

  function move(step: number): void {
    const history = kept().history;
    at = Math.max(0, Math.min(history.length, at + step));
    shown = at === 0 ? "" : (history[history.length - at] ?? "");
    box.value = shown;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  return {
    add(text) {
      const others = kept().history.filter((each) => each !== text);
      keep({ history: [...others, text].slice(-MOST) });
      at = 0;
    },
    press(event) {
      if (box.value === "") {
        at = 0;
      }
      const browsing = box.value === "" || (at > 0 && box.value === shown);
      if (browsing && (event.key === "ArrowUp" || (event.key === "ArrowDown" && at > 0))) {
        event.preventDefault();
        move(event.key === "ArrowUp" ? 1 : -1);
      }
    },
  };
}
