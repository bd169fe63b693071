// Makes the language client of one server process. Loaded only when a server is started: the library is large.

import type { ChildProcess } from "node:child_process";
import type { LogOutputChannel } from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  RevealOutputChannelOn,
  type StaticFeature,
} from "vscode-languageclient/node";
import { type Announced, PROTOCOL_VERSION } from "../protocol.ts";

/** What a client is made of. */
export interface ClientParts {
  readonly child: ChildProcess;
  readonly log: LogOutputChannel;
  readonly middleware: Middleware;
  /** Whether the person does not trust the open folders. */
  readonly restricted: boolean;
  /** Called once the connection is gone, however that came. */
  readonly onClosed: () => void;
}

/** A client that was not started yet. It never starts a second process, and shows no message of its own. */
export function makeClient(parts: ClientParts): LanguageClient {
  const client = new Quiet("victor", "Victor", async () => parts.child, options(parts));
  client.registerFeature(announcing());
  return client;
}

const OWN_END = /^(Connection to server got closed|Stopping server failed|Victor client: couldn't create)/;

/** What goes wrong is logged here; what a person is told of it, the connection decides. */
class Quiet extends LanguageClient {
  override error(message: string, data?: unknown): void {
    if (OWN_END.test(message)) {
      this.debug(message, undefined, false); // the connection says in its own words that and why
    } else {
      super.error(message, data, false);
    }
  }
}

function options({ log, middleware, restricted, onClosed }: ClientParts): LanguageClientOptions {
  return {
    documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    diagnosticPullOptions: { onChange: true, onSave: true },
    initializationOptions: restricted ? { restricted: true } : undefined,
    initializationFailedHandler: () => false,
    middleware,
    stdioOptions: { stdout: () => undefined, stderr: () => undefined }, // the process's own room reads them
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        onClosed();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
  };
}

const TAKEN: Partial<Record<Announced, true>> = {
  search: true,
  status: true,
  index: true,
  chat: true,
  models: true,
  context: true,
  trust: true,
  review: true,
  checkpoints: true,
  diagnostics: true,
  permission: true,
};

function announcing(): StaticFeature {
  return {
    fillClientCapabilities: (capabilities) => {
      const before = capabilities.experimental as Record<string, unknown> | undefined;
      capabilities.experimental = { ...before, victor: { version: PROTOCOL_VERSION, ...TAKEN } };
    },
    initialize: () => undefined,
    getState: () => ({ kind: "static" }),
    clear: () => undefined,
  };
}
