// The turns on the screen, drawn at most once a frame; the end stays in sight of whoever was at the end.

import { h } from "./dom.ts";
import type { Thread } from "./state.ts";
import { newTurnView, type TurnView } from "./turn.ts";

export interface Log {
  readonly element: HTMLElement;
  draw(thread: Thread): void;
  clear(): void;
  toEnd(): void;
}

/** So far from the end one is still at it. */
const NEAR_PX = 40;

export function newLog(): Log {
  // What is new is announced by the view in whole sentences, not word by word from here.
  const element = h("div", {
    class: "log",
    role: "log",
    "aria-live": "off",
    "aria-label": "Conversation",
    tabindex: "0",
  });
  const views = new Map<number, TurnView>();
  let drawing = 0;
  let atEnd = true;

  const scroller = (): HTMLElement => element.parentElement ?? element;

  function draw(thread: Thread): void {
    cancelAnimationFrame(drawing);
    drawing = requestAnimationFrame(() => drawNow(thread));
  }

  function drawNow(thread: Thread): void {
    const keys = new Set(thread.turns.map(({ key }) => key));
    for (const [key, view] of views) {
      if (!keys.has(key)) {
        view.element.remove();
        views.delete(key);
      }
    }
    thread.turns.forEach((turn, at) => {
      const isLast = at === thread.turns.length - 1;
      const view = views.get(turn.key) ?? newTurnView();
      if (!views.has(turn.key)) {
        views.set(turn.key, view);
        element.append(view.element);
      }
      view.show(turn, isLast);
    });
    stay();
  }

  function stay(): void {
    if (atEnd && !element.hidden) {
      scroller().scrollTop = scroller().scrollHeight;
    }
  }

  function watch(): void {
    const { scrollTop, scrollHeight, clientHeight } = scroller();
    atEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  queueMicrotask(() => {
    scroller().addEventListener("scroll", watch, { passive: true });
    // A question of Victor's takes room from below.
    new ResizeObserver(stay).observe(scroller());
  });

  return {
    element,
    draw,
    clear() {
      views.clear();
      element.replaceChildren();
      scroller().scrollTop = 0;
      atEnd = true;
    },
    toEnd() {
      atEnd = true;
    },
  };
}
