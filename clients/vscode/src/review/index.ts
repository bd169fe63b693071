// Review: what Victor would change or has changed is shown, and each hunk is the person's to decide about.

import { commands, type ExtensionContext } from "vscode";
import type { Connection } from "../server/connection.ts";
import { registerReviewCommands, showEdit } from "./commands.ts";
import { tellContexts } from "./contexts.ts";
import { createDecide } from "./decide.ts";
import { offerDiffs } from "./diff.ts";
import { offerLenses } from "./lenses.ts";
import { markHunks } from "./marks.ts";
import { noticeEdits } from "./notice.ts";
import { createStore } from "./store.ts";
import { showTree } from "./tree.ts";
import { showZones } from "./zones.ts";

export function reviewEdits(context: ExtensionContext, server: Connection): void {
  const store = createStore(server);
  const diffs = offerDiffs(context, store);
  const hunkOfThread = showZones(context, store);
  markHunks(context, store);
  offerLenses(context, store, diffs.hunksIn);
  showTree(context, store);
  noticeEdits(context, store, diffs);
  tellContexts(context, store, diffs);
  registerReviewCommands(context, { store, diffs, decide: createDecide(server, store), hunkOfThread });
  context.subscriptions.push(
    store,
    // For editors that know no reviews the server writes a patch to read.
    server.takeOver("victor.edit.show", ([edit]) =>
      showEdit({ store, diffs }, (edit as { id?: unknown })?.id),
    ),
    server.takeOver("victor.edit.list", () => commands.executeCommand("victor.review.focus")),
    // The server marks hunks for editors that know no reviews. Here they would stand there twice.
    server.hideDiagnostics(
      ({ source, code }) => source === "victor" && (code === "proposed" || code === "applied"),
    ),
  );
}
