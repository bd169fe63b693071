// The chat that the view shows: what is asked goes to the server, what the server tells goes to the view.

import { type ChatUpdateParams, Method } from "../protocol.ts";
import type { Connection, State } from "../server/connection.ts";
import { toServerError } from "../server/failures.ts";
import { type AttachedFile, type Desk, failureOf } from "./desk.ts";
import { replayOf, turnOf } from "./replay.ts";

/** What `talk` remembers. One view, one chat in it; answers of other chats go on unseen. */
export interface Talk {
  sessionId: string | null;
  title: string;
  attached: AttachedFile[];
  /** The chats in which an answer is being written. */
  readonly answering: Set<string>;
  /** The chat that is just being begun; null while none is. */
  beginning: Promise<string> | null;
  /** What was heard of the chat that is being loaded; null while none is. */
  heard: ChatUpdateParams[] | null;
  loading: string | null;
  /** The turn that was heard of last. */
  turn: string;
  /** The mode that the view was told. */
  mode: string;
}

export interface Around {
  server: Pick<Connection, "request" | "execute" | "state" | "detail" | "problem">;
  desk: Desk;
  talk: Talk;
}

export function newTalk(sessionId: string | null): Talk {
  const nothing = {
    title: "",
    attached: [],
    beginning: null,
    heard: null,
    loading: null,
    turn: "",
    mode: "",
  };
  return { sessionId, ...nothing, answering: new Set() };
}

/** Asks, beginning a chat where there is none; what is asked while an answer is on its way is added to that. */
export async function ask(around: Around, text: string, withEditor: boolean): Promise<void> {
  const { server, desk, talk } = around;
  if (talk.beginning || talk.answering.has(talk.sessionId ?? "")) {
    return steer(around, text);
  }
  const looking = withEditor ? desk.looking() : null;
  const { attached, turn } = talk;
  desk.post({ type: "asked", text: [text, ...attached.map(({ label }) => `@${label}`)].join(" ") });
  try {
    talk.beginning = talk.sessionId === null ? begin(around) : null;
    const sessionId = (await talk.beginning) ?? talk.sessionId ?? "";
    talk.attached = [];
    tellContext({ desk, talk });
    const prompt = [{ type: "text", text }, ...attached.map(({ block }) => block)];
    const about = looking ? { textDocument: { uri: looking.uri }, range: looking.range } : {};
    await answer(around, sessionId, () => server.request(Method.chatPrompt, { sessionId, prompt, ...about }));
  } catch (error) {
    talk.attached = attached;
    tellContext({ desk, talk });
    // A view that was made anew meanwhile does not know by itself whether the question has become a turn.
    desk.post({ type: "failed", failure: failureOf(error), question: talk.turn === turn ? text : "" });
  }
}

/** Adds to the answer that is being written. What cannot be added is given back. */
export async function steer({ server, desk, talk }: Around, text: string): Promise<void> {
  try {
    const sessionId = (await talk.beginning) ?? talk.sessionId ?? "";
    await server.request(Method.chatSteer, { sessionId, prompt: [{ type: "text", text }] });
  } catch (error) {
    desk.post({ type: "giveBack", text });
    throw error;
  }
}

/** Asks the last question again. */
export async function retry(around: Around): Promise<void> {
  const { server, desk, talk } = around;
  const sessionId = talk.sessionId;
  if (sessionId === null || talk.answering.has(sessionId)) {
    return;
  }
  desk.post({ type: "asked", text: null });
  try {
    await answer(around, sessionId, () => server.request(Method.chatRetry, { sessionId }));
  } catch (error) {
    desk.post({ type: "failed", failure: failureOf(error), question: "" });
  }
}

/** Opens a chat; `again` where it is the one that is shown. It is told whole: what a server that crashed had told last is
 * not always what it had kept, and the numbers of what it had not are given anew. */
export async function open(around: Around, sessionId: string, again = false): Promise<void> {
  const { server, desk, talk } = around;
  const heard: ChatUpdateParams[] = [];
  Object.assign(talk, { heard, loading: sessionId });
  try {
    const { session } = await server.request(Method.chatLoad, { sessionId, afterSeq: 0 });
    const updates = replayOf(heard);
    Object.assign(talk, { sessionId, title: session.title });
    desk.remember(sessionId);
    desk.name(session.title);
    const answering = talk.answering.has(sessionId);
    desk.post({ type: "session", sessionId, title: session.title, updates, answering, again });
  } finally {
    if (talk.heard === heard) {
      Object.assign(talk, { heard: null, loading: null });
    }
  }
}

/** Leaves the chat; the next question begins another one. */
export function leave({ desk, talk }: Pick<Around, "desk" | "talk">): void {
  Object.assign(talk, { sessionId: null, title: "" });
  desk.remember(null);
  desk.name("");
  desk.post({ type: "session", sessionId: null, title: "", updates: [], answering: false, again: false });
}

/** Shows what the server tells. */
export function hear({ desk, talk }: Pick<Around, "desk" | "talk">, update: ChatUpdateParams): void {
  talk.turn = turnOf(update) || talk.turn;
  if (talk.heard && update.sessionId === talk.loading) {
    talk.heard.push(update);
  } else if (update.sessionId === talk.sessionId) {
    if (typeof update.update.title === "string" && update.update.sessionUpdate === "session_info_update") {
      talk.title = update.update.title;
      desk.name(talk.title);
    }
    desk.post({ type: "update", update });
  }
}

/** Shows the chat that this window was in; a new one where it cannot be opened, but not for a server that is gone again. */
export async function restore(around: Around, state: State, again: boolean): Promise<void> {
  const { talk, desk } = around;
  if (state !== "running" || talk.sessionId === null) {
    return;
  }
  try {
    await open(around, talk.sessionId, again);
  } catch (error) {
    if (toServerError(error).kind !== "unavailable") {
      leave(around);
      desk.post({ type: "notice", failure: failureOf(error) });
    }
  }
}

export function tellContext({ desk, talk }: Pick<Around, "desk" | "talk">): void {
  const attached = talk.attached.map(({ id, label }) => ({ id, label }));
  desk.post({ type: "context", editor: desk.looking()?.label ?? "", attached });
}

async function begin({ server, desk, talk }: Around): Promise<string> {
  try {
    const { sessionId } = await server.request(Method.chatNew, { root: desk.root() });
    Object.assign(talk, { sessionId, title: "" });
    desk.remember(sessionId);
    return sessionId;
  } finally {
    talk.beginning = null;
  }
}

async function answer({ desk, talk }: Around, sessionId: string, run: () => Promise<unknown>): Promise<void> {
  talk.answering.add(sessionId);
  tellAnswering({ desk, talk });
  try {
    await run();
  } finally {
    talk.answering.delete(sessionId);
    tellAnswering({ desk, talk });
  }
}

function tellAnswering({ desk, talk }: Pick<Around, "desk" | "talk">): void {
  desk.post({ type: "answering", value: talk.sessionId !== null && talk.answering.has(talk.sessionId) });
}
