// Starts the server again when what it was started with is not so any more.

import { type ExtensionContext, workspace } from "vscode";
import type { Server } from "./server.ts";

export function watchForRestarts(context: ExtensionContext, server: Server): void {
  context.subscriptions.push(
    workspace.onDidGrantWorkspaceTrust(() => void server.restart()),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("victor.editor.command")) {
        void server.restart();
      }
    }),
  );
}
