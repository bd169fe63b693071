// The status bar, the menu behind it, and what is chosen there.

import type { ExtensionContext } from "vscode";
import type { Server } from "../server/server.ts";
import { registerChoosing } from "./choosing.ts";
import { registerIndexCommands } from "./indexCommands.ts";
import { registerMenu } from "./menu.ts";
import { showStatus } from "./statusBar.ts";

export function status(context: ExtensionContext, server: Server): void {
  showStatus(context, server);
  registerMenu(context, server);
  registerChoosing(context, server);
  registerIndexCommands(context, server);
}
