// The plan of an answer, with what is done of it.

import { h, icon } from "./dom.ts";
import type { PlanEntry } from "./state.ts";

const STATES: Record<string, { word: string; picture: "done" | "waiting" }> = {
  completed: { word: "done", picture: "done" },
  in_progress: { word: "under way", picture: "waiting" },
};

export function planOf(entries: readonly PlanEntry[]): HTMLElement {
  const done = entries.filter(({ status }) => status === "completed").length;
  const items = entries.map(({ content, status }) => {
    const { word, picture } = STATES[status] ?? { word: "to do", picture: "waiting" as const };
    const said = h("span", { class: "hidden" }, `, ${word}`);
    return h("li", { class: `plan-${status}` }, icon(picture), h("span", {}, content, said));
  });
  const title = h("div", { class: "plan-title" }, `Plan: ${done} of ${entries.length} done`);
  return h("section", { class: "plan", "aria-label": "Plan" }, title, h("ol", {}, ...items));
}
