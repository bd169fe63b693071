// The commands that start, stop and look at the server.

import { commands, type ExtensionContext } from "vscode";
import type { Server } from "../server/server.ts";

export function registerServerCommands(context: ExtensionContext, server: Server): void {
  context.subscriptions.push(
    commands.registerCommand("victor.restartServer", () => server.restart()),
    commands.registerCommand("victor.stopServer", () => server.stop()),
    commands.registerCommand("victor.showLogs", () => server.log.show()),
  );
}
