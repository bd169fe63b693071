// Checkpoints: every change that was applied is listed, shown, and can be taken back.

import { commands, type ExtensionContext } from "vscode";
import { showErrorMessage } from "../notices.ts";
import type { Connection } from "../server/connection.ts";
import { inWords } from "../server/failures.ts";
import { pickCheckpoint } from "./pick.ts";
import { offerPreviews } from "./preview.ts";
import { confirmSince, restore } from "./restore.ts";
import { type Row, showCheckpoints } from "./tree.ts";

export function listCheckpoints(context: ExtensionContext, server: Connection): void {
  const refresh = showCheckpoints(context, server);
  const preview = offerPreviews(context, server);
  const pick = async () => {
    const chosen = await pickCheckpoint(server);
    switch (chosen?.how) {
      case "preview":
        return preview(chosen.checkpoint.id, undefined);
      case "since":
        return since(chosen);
      case "restore":
        return restore(server, { id: chosen.checkpoint.id });
      default:
        return undefined;
    }
  };
  const since = async ({ checkpoint }: Row) =>
    (await confirmSince(checkpoint)) ? restore(server, { id: checkpoint.id, since: true }) : undefined;
  const table: Record<string, (row: Row | undefined) => Promise<unknown>> = {
    "victor.listCheckpoints": pick,
    "victor.refreshCheckpoints": async () => refresh(),
    "victor.restoreCheckpoint": async (row) => (row ? restore(server, wanted(row)) : pick()),
    "victor.restoreSinceCheckpoint": async (row) => (row ? since(row) : pick()),
    "victor.previewCheckpoint": async (row) => (row ? preview(row.checkpoint.id, row.file?.uri) : pick()),
    "victor.undoLastChange": () => server.execute("victor.checkpoint.undo", {}),
    "victor.redoLastChange": () => server.execute("victor.checkpoint.redo", {}),
  };
  for (const [name, run] of Object.entries(table)) {
    const told = async (row: Row | undefined) => {
      try {
        await run(row);
      } catch (error) {
        void showErrorMessage(inWords(error));
      }
      refresh();
    };
    context.subscriptions.push(commands.registerCommand(name, told));
  }
}

function wanted({ checkpoint, file }: Row) {
  return { id: checkpoint.id, ...(file ? { uris: [file.uri] } : {}) };
}
