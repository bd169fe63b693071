// What the extension is made of: a connection to the server, and features that know nothing of each other.

import { type ExtensionContext, window } from "vscode";
import { chat } from "./chat/feature.ts";
import { listCheckpoints } from "./checkpoints/index.ts";
import { extras } from "./extras/index.ts";
import { editInline } from "./inline/index.ts";
import { reviewEdits } from "./review/index.ts";
import { writeCommitMessages } from "./scm/index.ts";
import type { Connection } from "./server/connection.ts";
import { watchForRestarts } from "./server/restarts.ts";
import { createServer, type Server } from "./server/server.ts";
import { status } from "./status/index.ts";

/** A part of the extension: it registers what it offers, and asks the server for the rest. */
export type Feature = (context: ExtensionContext, server: Connection) => void;

/** A part that may start and stop the server as well. */
type OwnFeature = (context: ExtensionContext, server: Server) => void;

const FEATURES: readonly (Feature | OwnFeature)[] = [
  watchForRestarts,
  status,
  extras,
  chat,
  reviewEdits,
  editInline,
  listCheckpoints,
  writeCommitMessages,
];

let server: Server | undefined;

export function activate(context: ExtensionContext): void {
  const began = performance.now();
  const log = window.createOutputChannel("Victor", { log: true });
  context.subscriptions.push(log);
  server = createServer(context, log);
  for (const feature of FEATURES) {
    feature(context, server);
  }
  void server.start();
  log.debug(`Activated in ${(performance.now() - began).toFixed(1)} ms.`);
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
