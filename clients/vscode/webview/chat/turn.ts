// One turn on the screen: the question, the answer as it comes, and what is known of it.

import type { Failure } from "../../src/chat/messages.ts";
import { aboutAnswer } from "./about.ts";
import { button, h, icon } from "./dom.ts";
import { say } from "./host.ts";
import { planOf } from "./plan.ts";
import type { Part, Turn } from "./state.ts";
import { newStream } from "./stream.ts";
import { newToolCard } from "./tool.ts";

export interface TurnView {
  readonly element: HTMLElement;
  show(turn: Turn, isLast: boolean): void;
}

interface PartView {
  readonly element: HTMLElement;
  show(part: Part, ended: boolean): void;
}

const ENDS: Record<string, string> = {
  cancelled: "Stopped. What came until then stays.",
  interrupted: "Interrupted: the server ended while it answered.",
  max_tokens: "The answer is cut off: the model's limit was reached.",
  max_turn_requests: "Stopped: the most steps for one question were taken.",
  refusal: "The model declined to answer.",
};

export function newTurnView(): TurnView {
  const question = h("div", { class: "question" });
  const plan = h("div");
  const parts = h("div", { class: "parts" });
  const foot = h("div", { class: "foot" });
  const working = h("div", { class: "working", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  const element = h(
    "article",
    { class: "turn" },
    h("h3", { class: "hidden" }, "You"),
    question,
    h("h3", { class: "hidden" }, "Victor"),
    ...[plan, parts, working, foot],
  );
  const views: PartView[] = [];

  function show(turn: Turn, isLast: boolean): void {
    const ended = turn.ended !== "";
    question.textContent = turn.question;
    turn.parts.forEach((part, at) => {
      const view = views[at] ?? newPartView(part);
      if (!views[at]) {
        views.push(view);
        parts.append(view.element);
      }
      view.show(part, ended || at < turn.parts.length - 1);
    });
    const planned = JSON.stringify(turn.plan);
    if (plan.dataset.drawn !== planned) {
      plan.dataset.drawn = planned;
      plan.replaceChildren(...(turn.plan.length ? [planOf(turn.plan)] : []));
    }
    working.hidden = ended;
    // What can be pressed is not made anew under the person's hand while the answer comes.
    const drawn = `${turn.ended} ${isLast} ${turn.receipts.length}`;
    if (ended && foot.dataset.drawn !== drawn) {
      foot.dataset.drawn = drawn;
      foot.replaceChildren(...footOf(turn, isLast));
    }
  }

  return { element, show };
}

function newPartView(part: Part): PartView {
  if (part.kind === "tool") {
    const card = newToolCard();
    return { element: card.element, show: (now) => now.kind === "tool" && card.show(now) };
  }
  if (part.kind === "text") {
    const stream = newStream(h("div", { class: "text" }), (href) => say({ type: "openLink", href }));
    return {
      element: stream.element,
      show: (now, ended) => now.kind === "text" && stream.show(now.text, ended),
    };
  }
  if (part.kind === "thought") {
    const text = h("div", { class: "thought-text" });
    const element = h("details", { class: "thought" }, h("summary", {}, "Thinking"), text);
    return { element, show: (now) => now.kind === "thought" && setText(text, now.text) };
  }
  const label = part.kind === "steer" ? "You added: " : "";
  return { element: h("p", { class: part.kind }, label, part.text), show: () => undefined };
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function footOf(turn: Turn, isLast: boolean): Node[] {
  const error = turn.error && answerFailure(turn.error);
  const end = !error && ENDS[turn.ended] ? h("p", { class: "note" }, ENDS[turn.ended]) : null;
  const found = [
    end,
    error,
    citationsOf(turn),
    h("div", { class: "foot-row" }, aboutAnswer(turn), actionsOf(turn, isLast)),
  ];
  return found.filter((each): each is HTMLElement => each !== null);
}

/** Where no model is set up, one button says more than the ways to a model in a box for errors. */
function answerFailure({ message, fix, kind }: Failure): HTMLElement {
  const setUp = button("Set Up a Model…", () => say({ type: "command", name: "setUpModel" }), {
    class: "primary",
  });
  return kind === "no_model" && fix.includes("\n")
    ? failureBox(message, "", h("div", { class: "callout-actions" }, setUp))
    : failureBox(message, fix);
}

/** What went wrong, and what to do next. */
export function failureBox(message: string, fix: string, ...more: Node[]): HTMLElement {
  return h(
    "div",
    { class: "failure" },
    icon("failed"),
    h("div", {}, h("p", {}, message), fix ? h("p", { class: "fix" }, fix) : null, ...more),
  );
}

function citationsOf(turn: Turn): HTMLElement | null {
  if (turn.citations.length === 0) {
    return null;
  }
  const places = turn.citations.map((place) => {
    const name = decodeURIComponent(place.uri.split("/").at(-1) ?? place.uri);
    const first = (place.range?.start.line ?? 0) + 1;
    const behind = place.range?.end.line ?? 0;
    const lines = behind > first ? `:${first}-${behind}` : behind ? `:${first}` : "";
    const title = decodeURIComponent(place.uri.replace(/^file:\/\//, ""));
    return h(
      "li",
      {},
      button(`${name}${lines}`, () => say({ type: "openPlace", place }), { class: "chip", title }),
    );
  });
  return h("ul", { class: "citations", "aria-label": "Places that the answer names" }, ...places);
}

function actionsOf(turn: Turn, isLast: boolean): HTMLElement {
  const text = turn.parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n\n");
  const retry = button("Ask again", () => say({ type: "retry" }), { icon: "retry", class: "icon-button" });
  const upToTurn = turn.id;
  const fork = () => say({ type: "fork", sessionId: "", upToTurn });
  return h(
    "div",
    { class: "actions", role: "group", "aria-label": "This answer" },
    isLast ? retry : null,
    text
      ? button("Copy answer", () => say({ type: "copy", text }), { icon: "copy", class: "icon-button" })
      : null,
    turn.id ? button("Begin a new chat from here", fork, { icon: "fork", class: "icon-button" }) : null,
  );
}
