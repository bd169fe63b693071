// All that is neither chat nor edits: the table of the small commands and offers.

import { commands, type ExtensionContext } from "vscode";
import type { Server } from "../server/server.ts";
import { registerDoctor } from "./doctor.ts";
import { offerModels } from "./models.ts";
import { createPages } from "./pages.ts";
import { joinEditorChat } from "./participant.ts";
import { registerPermissions } from "./permissions.ts";
import { registerSample } from "./sample.ts";
import { registerSearch } from "./search.ts";
import { registerServerCommands } from "./serverCommands.ts";
import { registerSetup } from "./setup.ts";
import { tellTroubles } from "./troubles.ts";
import { registerTrust } from "./trust.ts";
import { registerUsage } from "./usage.ts";

export function extras(context: ExtensionContext, server: Server): void {
  const show = createPages(context);
  registerServerCommands(context, server);
  registerSearch(context, server);
  registerUsage(context, server, show);
  registerPermissions(context, server);
  registerTrust(context, server);
  registerDoctor(context, server, show);
  const isInstalling = registerSetup(context, server);
  registerSample(context);
  tellTroubles(context, server, isInstalling);
  joinEditorChat(context, server);
  offerModels(context, server);
  context.subscriptions.push(
    commands.registerCommand("victor.openWalkthrough", () =>
      commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#firstMinute`),
    ),
  );
}
