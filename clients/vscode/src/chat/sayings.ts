// What the view says, and who does it: one row for each message.

import { Method } from "../protocol.ts";
import { failureOf } from "./desk.ts";
import { COMMANDS, type ToHost } from "./messages.ts";
import type { Questions } from "./questions.ts";
import { type Around, ask, leave, open, restore, retry, steer, tellContext } from "./talk.ts";

/** Does what the view said; what cannot be done is told to it. */
export async function obey(around: Around, questions: Questions, said: ToHost): Promise<void> {
  try {
    await carryOut(around, questions, said);
  } catch (error) {
    around.desk.post({ type: "notice", failure: failureOf(error) });
  }
}

async function carryOut(around: Around, questions: Questions, said: ToHost): Promise<void> {
  const { server, desk, talk } = around;
  const sessionId = talk.sessionId ?? "";
  switch (said.type) {
    case "ready":
      return greet(around, questions);
    case "looked":
      return refresh(around);
    case "keep":
      return desk.keep({ draft: said.draft, withEditor: said.withEditor });
    case "ask":
      return ask(around, said.text, said.withEditor);
    case "steer":
      return steer(around, said.text);
    case "stop":
      await server.request(Method.chatCancel, { sessionId });
      return;
    case "retry":
      return retry(around);
    case "new":
      return leave(around);
    case "list":
      return tellSessions(around);
    case "open":
      return open(around, said.sessionId);
    case "rename":
      return rename(around, said.sessionId, said.title);
    case "delete":
      return forget(around, said.sessionId, said.title);
    case "fork":
      return fork(around, said.sessionId || sessionId, said.upToTurn);
    case "complete":
      return complete(around, said.id, said.text);
    case "addFile":
      talk.attached = [...talk.attached, ...(await desk.pickFiles())];
      return tellContext(around);
    case "detach":
      talk.attached = talk.attached.filter(({ id }) => id !== said.id);
      return tellContext(around);
    case "copy":
      return desk.copy(said.text);
    case "insert":
      return desk.insert(said.text);
    case "apply":
      return desk.apply(said.text);
    case "openPlace":
      return desk.open(said.place);
    case "openFile":
      return desk.openFile(said.path, said.line);
    case "openLink":
      return desk.openLink(said.href);
    case "openDiff":
      return desk.openDiff(said.path, said.oldText, said.newText);
    case "receipt":
      await server.execute("victor.receipt", { id: said.id });
      return;
    case "profile":
      await server.request(Method.profileSet, { profile: said.profile });
      return tellModels(around);
    case "mode":
      await server.request(Method.modeSet, { mode: said.mode });
      return tellModels(around);
    case "answer":
      return questions.answer(said.id, said.optionId, said.reason);
    case "command":
      return desk.run(COMMANDS[said.name]);
  }
}

/** Everything that a view which was just made, or a server that was just started, has to be told. */
async function greet(around: Around, questions: Questions): Promise<void> {
  const { server, desk } = around;
  desk.post({ type: "kept", ...desk.kept() });
  tellServer(around);
  tellContext(around);
  await restore(around, server.state, false);
  questions.tell();
  await refresh(around);
}

export function tellServer({ server, desk }: Around): void {
  const { state, detail, problem } = server;
  desk.post({ type: "server", state, detail, missing: problem === "missing" });
}

/** What may have changed while no server ran. */
export async function refresh(around: Around): Promise<void> {
  if (around.server.state === "running") {
    await Promise.all([tellModels(around), tellSessions(around)]);
  }
}

export async function tellModels({ server, desk, talk }: Around): Promise<void> {
  const found = await server.request(Method.modelsList, {});
  talk.mode = found.mode;
  desk.post({ type: "models", ...found });
}

export async function tellSessions({ server, desk }: Around): Promise<void> {
  desk.post({ type: "sessions", ...(await server.request(Method.chatList, { root: desk.root() })) });
}

async function rename(around: Around, sessionId: string, before: string): Promise<void> {
  const title = (await around.desk.askTitle(before))?.trim();
  if (title) {
    await around.server.request(Method.chatRename, { sessionId, title });
    if (sessionId === around.talk.sessionId) {
      around.talk.title = title;
      around.desk.name(title);
    }
    await tellSessions(around);
  }
}

async function forget(around: Around, sessionId: string, title: string): Promise<void> {
  const question = `Delete the chat “${title}”? It is deleted with its receipts and cannot be brought back.`;
  if (await around.desk.confirm(question, "Delete")) {
    await around.server.request(Method.chatDelete, { sessionId });
    if (sessionId === around.talk.sessionId) {
      leave(around);
    }
    await tellSessions(around);
  }
}

async function fork(around: Around, sessionId: string, upToTurn: string): Promise<void> {
  const made = await around.server.request(Method.chatFork, { sessionId, upToTurn: upToTurn || null });
  await open(around, made.sessionId);
  await tellSessions(around);
}

async function complete({ server, desk }: Around, id: number, text: string): Promise<void> {
  const { items } = await server.request(Method.chatQueryContext, { text, root: desk.root() });
  desk.post({ type: "completions", id, items });
}
