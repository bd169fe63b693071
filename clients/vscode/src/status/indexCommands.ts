// Pause, resume and rebuild the index of the open folders.

import { commands, type ExtensionContext } from "vscode";
import { showWarningMessage } from "../notices.ts";
import { Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { telling } from "../telling.ts";

export function registerIndexCommands(context: ExtensionContext, server: Connection): void {
  const register = (name: string, run: () => Promise<unknown>) =>
    context.subscriptions.push(commands.registerCommand(name, telling(run)));
  register("victor.pauseIndex", () => server.request(Method.indexPause, {}));
  register("victor.resumeIndex", () => server.request(Method.indexResume, {}));
  register("victor.rebuildIndex", async () => {
    const yes = "Rebuild";
    const said = await showWarningMessage(
      "Throw the index away and build it anew?",
      { modal: true, detail: "Search finds less until it is done. Your files are not touched." },
      yes,
    );
    if (said === yes) {
      await server.request(Method.indexRebuild, {});
    }
  });
}
