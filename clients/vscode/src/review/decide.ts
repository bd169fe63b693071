// Carries out what a person decides about hunks, and says what could not be done.

import { ProgressLocation, window } from "vscode";
import { showErrorMessage, showWarningMessage } from "../notices.ts";
import { Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { inWords } from "../server/failures.ts";
import { type Choice, type Hunk, requestsFor } from "./edits.ts";
import type { Store } from "./store.ts";

export type Decide = (hunks: readonly Hunk[], choice: Choice, reason?: string) => Promise<void>;

/** Deciding, one decision after the other: the next one must see what the last one did to the file. */
export function createDecide(server: Connection, store: Store): Decide {
  let last: Promise<void> = Promise.resolve();
  return (hunks, choice, reason) => {
    last = last.then(() => decide(server, store, hunks, choice, reason));
    return last;
  };
}

async function decide(
  server: Connection,
  store: Store,
  hunks: readonly Hunk[],
  choice: Choice,
  reason?: string,
): Promise<void> {
  const title = choice === "accept" ? "Victor: applying…" : "Victor: taking back…";
  await window.withProgress({ location: ProgressLocation.Window, title }, async () => {
    try {
      for (const params of requestsFor(hunks, choice, reason)) {
        const { edit, messages } = await server.request(Method.editResolve, params);
        store.put(edit);
        if (messages.length > 0) {
          void showWarningMessage(messages.join(" "));
        }
      }
    } catch (error) {
      void showErrorMessage(inWords(error));
    }
  });
}
