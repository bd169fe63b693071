// The server as the extension's features have it: the connection, and what starts and stops it.

import type { Disposable } from "vscode";
import { type CancellationToken, type ExtensionContext, type LogOutputChannel, workspace } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { Method } from "../protocol.ts";
import type { Candidate } from "./candidates.ts";
import type { Connection } from "./connection.ts";
import { editorDiagnostics } from "./editorDiagnostics.ts";
import { notRunning, toServerError } from "./failures.ts";
import { findServer } from "./find.ts";
import { createHandlers } from "./handlers.ts";
import { createLifecycle } from "./lifecycle.ts";
import { createBetween } from "./middleware.ts";

/** The connection, with what only the rooms of the server itself may do. */
export interface Server extends Connection {
  readonly log: LogOutputChannel;
  /** The program that is or was tried; undefined until one was found. */
  readonly found: Candidate | undefined;
  start(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export function createServer(context: ExtensionContext, log: LogOutputChannel): Server {
  const between = createBetween(settingNames(context));
  const handlers = createHandlers((method, error) => log.error(`${method}: ${error}`));
  const lifecycle = createLifecycle({
    log,
    cwd: context.globalStorageUri.fsPath,
    find: async () => {
      await workspace.fs.createDirectory(context.globalStorageUri);
      return findServer(context, log);
    },
    makeClient: async ({ child }, onClosed) => {
      const { makeClient } = await import("./client.ts");
      const restricted = !workspace.isTrusted;
      const client = makeClient({ child, log, middleware: between.middleware, restricted, onClosed });
      handlers.giveTo(client);
      return client;
    },
  });
  handlers.answer(Method.editorDiagnostics, async (params) => editorDiagnostics(params));

  const ask = async (method: string, params: unknown, token?: CancellationToken): Promise<unknown> => {
    const client = await ready(lifecycle, token);
    // An undefined token would be sent as a second parameter.
    const sent = token === undefined ? [params] : [params, token];
    return client
      .sendRequest(method, ...(sent as [unknown]))
      .catch((error) => Promise.reject(toServerError(error)));
  };
  return {
    log,
    get state() {
      return lifecycle.now.state;
    },
    get detail() {
      return lifecycle.now.detail;
    },
    get problem() {
      return lifecycle.now.problem;
    },
    get found() {
      return lifecycle.now.found;
    },
    onDidChangeState: lifecycle.onDidChangeState,
    announces: (what) => announced(lifecycle.running())[what] === true,
    request: (method, params, token) => ask(method, params, token) as never,
    execute: (command, argument) =>
      ask("workspace/executeCommand", { command, arguments: argument === undefined ? [] : [argument] }),
    onNotification: (method, listener) => handlers.listen(method, listener as never),
    onRequest: (method, answer) => handlers.answer(method, answer as never),
    takeOver: between.takeOver,
    hideDiagnostics: between.hideDiagnostics,
    start: lifecycle.start,
    restart: lifecycle.restart,
    stop: lifecycle.stop,
  };
}

/** The client, once the server runs; fails when it will not, or when `token` is cancelled meanwhile. */
async function ready(
  lifecycle: ReturnType<typeof createLifecycle>,
  token?: CancellationToken,
): Promise<LanguageClient> {
  const unsubscribe: Disposable[] = [];
  try {
    return await new Promise((resolve, reject) => {
      const look = () => {
        const client = lifecycle.running();
        if (client !== undefined && lifecycle.now.state === "running") {
          resolve(client);
        } else if (lifecycle.now.state === "stopped" || lifecycle.now.state === "failed") {
          reject(notRunning(lifecycle.now.detail));
        }
      };
      unsubscribe.push(lifecycle.onDidChangeState(look));
      const cancelled = () => reject(toServerError({ code: -32800 }));
      unsubscribe.push(...(token === undefined ? [] : [token.onCancellationRequested(cancelled)]));
      token?.isCancellationRequested === true ? cancelled() : look();
    });
  } finally {
    for (const each of unsubscribe) {
      each.dispose();
    }
  }
}

function announced(client: LanguageClient | undefined): Record<string, unknown> {
  const experimental = client?.initializeResult?.capabilities.experimental as
    | { victor?: unknown }
    | undefined;
  return (experimental?.victor ?? {}) as Record<string, unknown>;
}

/** The names of the settings that are the server's, from the extension's own manifest. */
function settingNames(context: ExtensionContext): readonly string[] {
  const groups = context.extension.packageJSON.contributes.configuration as { properties: object }[];
  return groups
    .flatMap((each) => Object.keys(each.properties))
    .filter((each) => !each.startsWith("victor.editor."));
}
