// Offers Victor's profiles as models to the editor's other parts, where the editor has such a thing.

import * as vscode from "vscode";
import { Method, type ModelMessage } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { inWords } from "../server/failures.ts";

// What a model holds the server knows, and refuses what does not fit; the editor only wants a number.
const MOST_INPUT_TOKENS = 32_000;
const MOST_OUTPUT_TOKENS = 4_000;
const CHARACTERS_A_TOKEN = 4;

export function offerModels(context: vscode.ExtensionContext, server: Connection): void {
  if (typeof vscode.lm?.registerLanguageModelChatProvider !== "function") {
    return;
  }
  const changed = new vscode.EventEmitter<void>();
  const listeners = new Map<string, (text: string) => void>();
  context.subscriptions.push(
    changed,
    server.onDidChangeState(() => changed.fire()),
    server.onNotification(Method.modelsAnswer, ({ token, text }) => listeners.get(String(token))?.(text)),
    vscode.lm.registerLanguageModelChatProvider("victor", {
      onDidChangeLanguageModelChatInformation: changed.event,
      provideLanguageModelChatInformation: (_, token) => profiles(server, token),
      provideLanguageModelChatResponse: async (model, messages, _, progress, token) => {
        const name = crypto.randomUUID();
        listeners.set(name, (text) => progress.report(new vscode.LanguageModelTextPart(text)));
        try {
          const asked = { messages: messages.map(message), token: name, profile: model.id };
          await server.request(Method.modelsAsk, asked, token);
        } catch (error) {
          throw new Error(inWords(error));
        } finally {
          listeners.delete(name);
        }
      },
      provideTokenCount: async (_, text) =>
        Math.ceil((typeof text === "string" ? text : textOf(text)).length / CHARACTERS_A_TOKEN),
    }),
  );
}

/** Those that can be used; none while no server runs: a list of models is no reason to wait. */
async function profiles(
  server: Connection,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelChatInformation[]> {
  if (server.state !== "running") {
    return [];
  }
  const { models } = await server.request(Method.modelsList, {}, token);
  return models
    .filter((each) => each.unusable === "")
    .map((each) => ({
      id: each.profile,
      name: `${each.profile} (${each.model})`,
      family: each.model,
      version: "1",
      detail: each.provider,
      tooltip: "By Victor: redacted, budgeted and recorded like every other call.",
      maxInputTokens: MOST_INPUT_TOKENS,
      maxOutputTokens: MOST_OUTPUT_TOKENS,
      capabilities: {},
    }));
}

function message(each: vscode.LanguageModelChatRequestMessage): ModelMessage {
  const role = each.role === vscode.LanguageModelChatMessageRole.Assistant ? "assistant" : "user";
  return { role, text: textOf(each) };
}

function textOf({ content }: vscode.LanguageModelChatRequestMessage): string {
  return content
    .map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : ""))
    .filter((each) => each !== "")
    .join("\n");
}
