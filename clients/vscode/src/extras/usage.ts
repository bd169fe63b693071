// Shows what models have used.

import { commands, type ExtensionContext } from "vscode";
import { Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { telling } from "../telling.ts";
import type { ShowPage } from "./pages.ts";
import { usagePage } from "./usageText.ts";

export function registerUsage(context: ExtensionContext, server: Connection, show: ShowPage): void {
  const run = async () => show("Usage", usagePage(await server.request(Method.usage, {})));
  context.subscriptions.push(commands.registerCommand("victor.showUsage", telling(run)));
}
