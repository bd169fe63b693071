// Turns whatever a request fails with into a `ServerError`.

import { ServerError } from "./connection.ts";

const CANCELLED = -32800;
/** What vscode-jsonrpc itself says of a connection that cannot be written, cannot be read, or is closed. */
const OF_THE_CONNECTION: ReadonlySet<number> = new Set([-32099, -32098, -32097, -32096]);
const START = "Run “Victor: Restart Server” to start it.";

/** The error as features see it: a cancelled request has the kind `cancelled`. */
export function toServerError(error: unknown): ServerError {
  if (error instanceof ServerError) {
    return error;
  }
  const { code, message, data } = error as { code?: unknown; message?: unknown; data?: unknown };
  const said = typeof message === "string" ? message : String(error);
  if (code === CANCELLED || (error as Error | undefined)?.name === "Canceled") {
    return new ServerError("Stopped.", "cancelled");
  }
  if (typeof code !== "number" || OF_THE_CONNECTION.has(code)) {
    // Not the server's answer but the connection's: it ended before there was one.
    return typeof code === "number"
      ? gone()
      : new ServerError(said, "fault", "See the log: “Victor: Show Logs”.");
  }
  const { kind, fix } = (typeof data === "object" && data !== null ? data : {}) as Record<string, unknown>;
  return new ServerError(said, typeof kind === "string" ? kind : "", typeof fix === "string" ? fix : "");
}

/** The server ended while it was asked. */
export function gone(): ServerError {
  return new ServerError(
    "Victor's server ended before it answered.",
    "unavailable",
    "Try again once it is back.",
  );
}

/** There is no server to ask. */
export function notRunning(detail: string): ServerError {
  return new ServerError(detail || "Victor's server is not running.", "unavailable", START);
}

/** What a person reads: what happened, and what to do next. */
export function inWords(error: unknown): string {
  const { message, fix } = toServerError(error);
  return [message, fix].filter((each) => each !== "").join(" ");
}
