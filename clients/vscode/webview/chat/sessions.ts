// The chats that there are: opened, renamed, forked, deleted.

import type { ChatSessionInfo } from "../../src/protocol.ts";
import { button, h } from "./dom.ts";
import { say } from "./host.ts";

/** The list; `open` is called besides when a chat is chosen. */
export function sessionsList(
  sessions: readonly ChatSessionInfo[],
  current: string | null,
  open: () => void,
): HTMLElement {
  const rows = sessions.map((each) => rowOf(each, each.sessionId === current, open));
  return h("ul", { class: "sessions", "aria-label": "Chats" }, ...rows);
}

interface About {
  turns?: number;
  openElsewhere?: boolean;
}

function rowOf(session: ChatSessionInfo, isCurrent: boolean, open: () => void): HTMLElement {
  const { sessionId } = session;
  const title = session.title || "Untitled chat";
  const { turns = 0, openElsewhere = false } = (session._meta.victor ?? {}) as About;
  const detail = [
    `${turns} ${turns === 1 ? "question" : "questions"}`,
    openElsewhere ? "open in another window" : ago(session.updatedAt),
  ];
  const main = h(
    "button",
    { type: "button", class: "session-open", "aria-current": isCurrent ? "true" : null },
    h("span", { class: "session-title" }, title),
    h("span", { class: "muted" }, detail.filter(Boolean).join(" · ")),
  );
  main.addEventListener("click", () => {
    // A chat of another window cannot be gone on with: a copy of it can.
    say(openElsewhere ? { type: "fork", sessionId, upToTurn: "" } : { type: "open", sessionId });
    open();
  });
  const fork = () => {
    say({ type: "fork", sessionId, upToTurn: "" });
    open();
  };
  return h(
    "li",
    { class: isCurrent ? "current" : "" },
    main,
    button(`Rename ${title}`, () => say({ type: "rename", sessionId, title }), {
      icon: "rename",
      class: "icon-button",
    }),
    button(`Begin a new chat from ${title}`, fork, { icon: "fork", class: "icon-button" }),
    button(`Delete ${title}`, () => say({ type: "delete", sessionId, title }), {
      icon: "remove",
      class: "icon-button",
    }),
  );
}

const STEPS: readonly [number, Intl.RelativeTimeFormatUnit][] = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [Number.POSITIVE_INFINITY, "day"],
];

function ago(when: string): string {
  let left = (Date.parse(when) - Date.now()) / 1000;
  if (Number.isNaN(left)) {
    return "";
  }
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [size, unit] of STEPS) {
    if (Math.abs(left) < size) {
      return unit === "second" ? "just now" : words.format(Math.round(left), unit);
    }
    left /= size;
  }
  return "";
}
