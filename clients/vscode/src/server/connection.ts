// What the rest of the extension knows of the server: requests, notifications, and whether it is there.

import type { CancellationToken, Diagnostic, Disposable, Event } from "vscode";
import type { Announced, ClientRequests, ServerNotifications, ServerRequests } from "../protocol.ts";

/** `starting` until it has answered `initialize`; `failed` when it will not be started again by itself. */
export type State = "starting" | "running" | "restarting" | "stopped" | "failed";

/** Why there is no server: nothing was found, what was found does not start, or it ended too often. */
export type Problem = "" | "missing" | "broken" | "crashes";

/** A running server, or the lack of one. Everything here survives a restart: handlers stay, requests fail. */
export interface Connection {
  readonly state: State;
  /** Fires after each change of the state. */
  readonly onDidChangeState: Event<State>;
  /** A sentence for a person about the state; empty while all is well. */
  readonly detail: string;
  readonly problem: Problem;
  /** Whether the running server said in `experimental.victor` that it takes this. */
  announces(what: Announced): boolean;
  /** Asks the server, waiting for it while it starts. Rejects with a `ServerError`. */
  request<M extends keyof ServerRequests>(
    method: M,
    params: ServerRequests[M]["params"],
    token?: CancellationToken,
  ): Promise<ServerRequests[M]["result"]>;
  /** Has the server execute one of its commands. */
  execute(command: string, argument?: unknown): Promise<unknown>;
  /** Hears what the server tells. Several may listen. */
  onNotification<M extends keyof ServerNotifications>(
    method: M,
    listener: (params: ServerNotifications[M]) => void,
  ): Disposable;
  /** Answers what the server asks. One at a time answers a method. */
  onRequest<M extends keyof ClientRequests>(
    method: M,
    answer: (
      params: ClientRequests[M]["params"],
      token: CancellationToken,
    ) => Promise<ClientRequests[M]["result"]>,
  ): Disposable;
  /** Runs in the place of one of the server's commands when the editor runs it, as from a code action. */
  takeOver(command: string, run: (args: readonly unknown[]) => unknown): Disposable;
  /** Keeps marks of the server out of the editor, such as those that a feature shows in another way. */
  hideDiagnostics(hides: (diagnostic: Diagnostic) => boolean): Disposable;
}

/** A request that failed: `kind` is `data.kind`, `fix` says what to do next; both may be empty. */
export class ServerError extends Error {
  readonly kind: string;
  readonly fix: string;

  constructor(message: string, kind = "", fix = "") {
    super(message);
    this.name = "ServerError";
    this.kind = kind;
    this.fix = fix;
  }
}
