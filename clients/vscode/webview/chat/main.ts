// The chat view: what the extension tells is shown, what the person does is told.

import type { COMMANDS, ServerState, ToView } from "../../src/chat/messages.ts";
import type { ChatSessionInfo, ModelItem } from "../../src/protocol.ts";
import { newComposer } from "./composer.ts";
import { button, h } from "./dom.ts";
import { emptyState } from "./empty.ts";
import { say } from "./host.ts";
import { newLog } from "./log.ts";
import { cardsMoved, permissionCard } from "./permission.ts";
import { sessionsList } from "./sessions.ts";
import { addTurn, newThread, take } from "./state.ts";
import { failureBox } from "./turn.ts";

const announcer = h("div", { class: "hidden", role: "status", "aria-live": "polite" });
const alarm = h("div", { class: "hidden", role: "alert" });
const banner = h("div", { class: "banner", role: "status" });
const notice = h("div", { class: "notice" });
const log = newLog();
const permissions = h("div", { class: "permissions" });
const composer = newComposer(announce);
const empty = h("div");
const talk = h("main", { class: "talk", "aria-label": "Chat" }, empty, log.element);
const chats = h("section", { class: "chats", "aria-label": "All chats" });
chats.hidden = true;

const view = {
  thread: newThread(),
  sessionId: null as string | null,
  sessions: [] as ChatSessionInfo[],
  models: null as ModelItem[] | null,
  answering: false,
  state: "starting" as ServerState,
};

document.body.append(
  h("h1", { class: "hidden" }, "Victor"),
  ...[announcer, alarm, banner, talk, chats],
  h("div", { class: "bottom" }, notice, permissions, composer.element),
);

/** Says something to a screen reader, once it has nothing else to say. */
function announce(text: string): void {
  announcer.textContent = text;
}

type Hear = { [Type in ToView["type"]]: (message: Extract<ToView, { type: Type }>) => void };

const HEAR: Hear = {
  server: ({ state, detail, missing }) => {
    view.state = state;
    showServer(detail, missing);
  },
  session: (message) => {
    view.thread = newThread();
    if (!message.again) {
      log.clear();
      showChats(false);
      tellFailure("", "");
    }
    Object.assign(view, { sessionId: message.sessionId, answering: message.answering });
    for (const update of message.updates) {
      take(view.thread, update);
    }
    composer.know(view.thread.turns.map(({ question }) => question));
    draw();
  },
  update: ({ update }) => {
    const turn = take(view.thread, update);
    if (turn?.ended && view.answering) {
      announce(turn.error ? `Victor could not answer: ${turn.error.message}` : "Victor answered.");
    }
    draw();
  },
  asked: ({ text }) => {
    addTurn(view.thread, text ?? view.thread.turns.at(-1)?.question ?? "");
    tellFailure("", "");
    announce("Victor answers.");
    draw();
    log.toEnd();
  },
  answering: ({ value }) => {
    view.answering = value;
    draw();
  },
  failed: ({ failure, question }) => {
    // A turn that has begun says itself how it ended.
    const unheard = view.thread.turns.filter(({ id }) => id === "");
    view.thread.turns = view.thread.turns.filter(({ id }) => id !== "");
    if (unheard.length || question) {
      tellFailure(failure.message, failure.fix);
    }
    if (question) {
      composer.giveBack(question);
    }
    draw();
  },
  sessions: ({ sessions }) => {
    view.sessions = sessions;
    if (!chats.hidden) {
      showChats(true);
    }
    draw();
  },
  models: ({ models, profile, mode }) => {
    view.models = models;
    composer.showModels(models, profile, mode);
    draw();
  },
  completions: ({ id, items }) => composer.showCompletions(id, items),
  context: ({ editor, attached }) => composer.showContext(editor, attached),
  kept: (kept) => composer.goOn(kept),
  permission: ({ id, title, request }) => {
    document.querySelector(`[data-id="${id}"]`)?.remove();
    const card = permissionCard(id, title, request);
    permissions.append(card);
    alarm.textContent = card.querySelector("h3")?.textContent ?? "";
    // Whoever is writing goes on writing.
    if (document.hasFocus() && !composer.inUse()) {
      card.focus();
    }
  },
  permissionGone: ({ id }) => {
    const card = document.querySelector(`[data-id="${id}"]`);
    const hadFocus = card?.contains(document.activeElement) ?? false;
    card?.remove();
    cardsMoved();
    alarm.textContent = "";
    if (hadFocus) {
      composer.focus();
    }
  },
  write: ({ text }) => {
    showChats(false);
    composer.write(text);
  },
  giveBack: ({ text }) => composer.giveBack(text),
  notice: ({ failure }) => tellFailure(failure.message, failure.fix),
  showSessions: () => showChats(true),
};

function draw(): void {
  composer.showState({ answering: view.answering, reachable: view.state === "running" });
  const isEmpty = view.thread.turns.length === 0;
  log.element.hidden = isEmpty;
  const parts = {
    models: view.models,
    sessions: view.sessions,
    write: composer.write,
    showAll: () => showChats(true),
  };
  const drawn = isEmpty ? JSON.stringify([view.models, view.sessions]) : "";
  if (empty.dataset.drawn !== drawn) {
    empty.dataset.drawn = drawn;
    empty.replaceChildren(...(isEmpty ? [emptyState(parts)] : []));
  }
  log.draw(view.thread);
}

function showChats(shown: boolean): void {
  chats.hidden = !shown;
  talk.hidden = shown;
  if (!shown) {
    return;
  }
  const back = button("Back to the chat", () => showChats(false), { icon: "back", class: "icon-button" });
  const head = h("div", { class: "chats-head" }, back, h("h2", {}, "Chats"));
  const none = view.sessions.length ? null : h("p", { class: "muted" }, "No chat about this folder yet.");
  const list = sessionsList(view.sessions, view.sessionId, () => showChats(false));
  chats.replaceChildren(...[head, none, list].filter((each): each is HTMLElement => each !== null));
  if (document.hasFocus()) {
    (list.querySelector("button") ?? back).focus();
  }
}

const STATES: Record<ServerState, string> = {
  running: "",
  starting: "Victor's server is starting…",
  restarting: "Victor's server ended and is starting again. What you wrote is kept.",
  stopped: "Victor's server is stopped.",
  failed: "Victor's server does not run.",
};

function showServer(detail: string, missing: boolean): void {
  const text = missing ? detail : [STATES[view.state], detail].filter(Boolean).join(" ");
  const canStart = view.state === "stopped" || view.state === "failed";
  const helps = missing
    ? [helpBy("Set Up…", "setUp", "primary")]
    : [helpBy("Start Again", "restart", "secondary"), helpBy("Show Logs", "logs", "secondary")];
  const actions = canStart ? [h("div", { class: "callout-actions" }, ...helps)] : [];
  banner.replaceChildren(...(view.state === "running" ? [] : [h("p", {}, text), ...actions]));
  draw();
}

function helpBy(label: string, name: keyof typeof COMMANDS, kind: "primary" | "secondary"): HTMLElement {
  return button(label, () => say({ type: "command", name }), { class: kind });
}

function tellFailure(message: string, fix: string): void {
  const away = button("Dismiss", () => tellFailure("", ""), { icon: "close", class: "icon-button" });
  notice.replaceChildren(...(message ? [failureBox(message, fix), away] : []));
  alarm.textContent = [message, fix].filter(Boolean).join(" ");
}

window.addEventListener("message", ({ data }: MessageEvent<ToView>) => {
  const hear = HEAR[data?.type] as ((message: ToView) => void) | undefined;
  hear?.(data);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !chats.hidden) {
    showChats(false);
    composer.write("");
  }
});
window.addEventListener("focus", () => say({ type: "looked" }));
draw();
say({ type: "ready" });
