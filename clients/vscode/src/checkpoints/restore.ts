// Takes changes back, says what became of it, and offers to take that back in turn.

import { commands, ProgressLocation, window } from "vscode";
import { showInformationMessage, showWarningMessage } from "../notices.ts";
import { type CheckpointItem, Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { doneInWords } from "./words.ts";

/** What is to be taken back. */
export interface Wanted {
  readonly id: string;
  readonly uris?: string[];
  readonly since?: boolean;
}

export async function restore(server: Connection, wanted: Wanted): Promise<void> {
  const done = await window.withProgress(
    { location: ProgressLocation.Window, title: "Victor: taking back…" },
    () => server.request(Method.checkpointRestore, wanted),
  );
  const review = done.editId ? ["Review"] : [];
  const undo = done.ids.length > 0 ? ["Undo"] : [];
  const chosen = await showInformationMessage(doneInWords(done), ...review, ...undo);
  if (chosen === "Review") {
    await commands.executeCommand("victor.nextHunk");
  } else if (chosen === "Undo") {
    for (const id of done.ids) {
      await server.request(Method.checkpointRestore, { id });
    }
    void showInformationMessage("The files are as they were before.");
  }
}

/** Whether the person wants all that came after a checkpoint taken back too. */
export async function confirmSince(checkpoint: CheckpointItem): Promise<boolean> {
  const ask = `Take back “${checkpoint.title}” and everything that Victor has changed since?`;
  const detail = "What you typed yourself stays. This can be undone.";
  return (await showWarningMessage(ask, { modal: true, detail }, "Take Back")) === "Take Back";
}
