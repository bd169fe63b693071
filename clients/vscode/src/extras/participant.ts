// `@victor` in the editor's own chat, where it has one. The chat view is the main way: this is the same core.

import * as vscode from "vscode";
import { type ChatUpdateParams, Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { inWords, toServerError } from "../server/failures.ts";

const ID = "victor.participant";

export function joinEditorChat(context: vscode.ExtensionContext, server: Connection): void {
  if (typeof vscode.chat?.createChatParticipant !== "function") {
    return;
  }
  const streams = new Map<string, vscode.ChatResponseStream>();
  const participant = vscode.chat.createChatParticipant(ID, (request, chat, stream, token) =>
    answer(server, streams, { request, chat, stream, token }),
  );
  participant.iconPath = vscode.Uri.joinPath(context.extensionUri, "media", "victor.svg");
  context.subscriptions.push(
    participant,
    server.onNotification(Method.chatUpdate, (params) => {
      const stream = streams.get(params.sessionId);
      if (stream !== undefined) {
        show(params, stream);
      }
    }),
  );
}

interface Turn {
  readonly request: vscode.ChatRequest;
  readonly chat: vscode.ChatContext;
  readonly stream: vscode.ChatResponseStream;
  readonly token: vscode.CancellationToken;
}

async function answer(
  server: Connection,
  streams: Map<string, vscode.ChatResponseStream>,
  { request, chat, stream, token }: Turn,
): Promise<vscode.ChatResult> {
  let sessionId = "";
  try {
    sessionId = earlier(chat) ?? (await server.request(Method.chatNew, {}, token)).sessionId;
    streams.set(sessionId, stream);
    const text = request.command === undefined ? request.prompt : `/${request.command} ${request.prompt}`;
    await server.request(
      Method.chatPrompt,
      { sessionId, prompt: [{ type: "text", text }, ...request.references.flatMap(link)] },
      token,
    );
    return { metadata: { sessionId } };
  } catch (error) {
    const isStop = toServerError(error).kind === "cancelled";
    return { metadata: { sessionId }, ...(isStop ? {} : { errorDetails: { message: inWords(error) } }) };
  } finally {
    streams.delete(sessionId);
  }
}

/** The chat of the answers above, if there is one. */
function earlier({ history }: vscode.ChatContext): string | undefined {
  const answers = history.filter((each) => each instanceof vscode.ChatResponseTurn);
  const found: unknown = answers.at(-1)?.result.metadata?.sessionId;
  return typeof found === "string" && found !== "" ? found : undefined;
}

function link({ id, value }: vscode.ChatPromptReference): Record<string, unknown>[] {
  const uri = value instanceof vscode.Uri ? value : value instanceof vscode.Location ? value.uri : undefined;
  return uri?.scheme === "file" ? [{ type: "resource_link", uri: uri.toString(), name: id }] : [];
}

/** What a model says is markdown without trust: the editor runs no command and shows no page of it. */
function show({ update, _meta }: ChatUpdateParams, stream: vscode.ChatResponseStream): void {
  if (update.sessionUpdate === "agent_message_chunk") {
    const { text } = (update.content ?? {}) as { text?: unknown };
    if (typeof text === "string") {
      stream.markdown(text);
    }
  } else if (update.sessionUpdate === "tool_call" && typeof update.title === "string") {
    stream.progress(update.title);
  }
  const { note } = (_meta.victor ?? {}) as { note?: unknown };
  if (typeof note === "string") {
    stream.progress(note);
  }
}
