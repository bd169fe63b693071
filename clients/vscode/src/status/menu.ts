// The menu behind the status bar: everything that can be done, in one list.

import { commands, type ExtensionContext, type QuickPickItem, QuickPickItemKind, window } from "vscode";
import { Method } from "../protocol.ts";
import type { Server } from "../server/server.ts";

interface Choice extends QuickPickItem {
  readonly command?: string;
}

export function registerMenu(context: ExtensionContext, server: Server): void {
  context.subscriptions.push(
    commands.registerCommand("victor.menu", async () => {
      const chosen = await window.showQuickPick(await choices(server), {
        title: "Victor",
        placeHolder: server.detail || "What would you like to do?",
        matchOnDescription: true,
      });
      if (chosen?.command !== undefined) {
        await commands.executeCommand(chosen.command);
      }
    }),
  );
}

const WORK: readonly Choice[] = [
  group("Work"),
  { label: "$(comment-discussion) Open Chat", command: "victor.openChat" },
  { label: "$(search) Search Code…", command: "victor.searchCode" },
  { label: "$(settings) Choose Mode…", description: "plan, ask or build", command: "victor.selectMode" },
  {
    label: "$(server-environment) Choose Model…",
    description: "who answers",
    command: "victor.selectProfile",
  },
  { label: "$(edit) Set Up a Model…", description: "in profiles.yaml", command: "victor.setUpModel" },
  group("Index"),
  { label: "$(debug-pause) Pause Indexing", command: "victor.pauseIndex" },
  { label: "$(play) Resume Indexing", command: "victor.resumeIndex" },
  { label: "$(refresh) Rebuild Index", command: "victor.rebuildIndex" },
  group("What it may do, and what it did"),
  { label: "$(graph) Show Usage and Budgets", command: "victor.showUsage" },
  { label: "$(shield) Show Permissions", command: "victor.showPermissions" },
  { label: "$(workspace-trusted) Trust This Folder…", command: "victor.trustFolder" },
];

const SERVER: readonly Choice[] = [
  group("Server"),
  { label: "$(debug-restart) Restart Server", command: "victor.restartServer" },
  { label: "$(debug-stop) Stop Server", command: "victor.stopServer" },
  { label: "$(output) Show Logs", command: "victor.showLogs" },
  { label: "$(pulse) Run Doctor", description: "why does it not work?", command: "victor.runDoctor" },
  {
    label: "$(report) Write a Report",
    description: "to read, and to attach to a bug report",
    command: "victor.writeReport",
  },
  { label: "$(tools) Set Up…", description: "where Victor's program is", command: "victor.setUp" },
];

/** What helps where there is no program: one that cannot be run has no doctor either. */
const NOTHING_FOUND: readonly Choice[] = ["victor.setUp", "victor.restartServer", "victor.showLogs"].flatMap(
  (command) => SERVER.filter((each) => each.command === command),
);

async function choices(server: Server): Promise<readonly Choice[]> {
  if (server.found === undefined) {
    return NOTHING_FOUND;
  }
  if (server.state !== "running") {
    return SERVER.filter((each) => each.command !== "victor.stopServer");
  }
  const paused = await isPaused(server);
  const senseless = paused ? "victor.pauseIndex" : "victor.resumeIndex";
  return [...WORK, ...SERVER].filter((each) => each.command !== senseless);
}

async function isPaused(server: Server): Promise<boolean> {
  return server.request(Method.indexStatus, {}).then(
    ({ indexes }) => indexes.some((each) => each.state === "paused"),
    () => false,
  );
}

function group(label: string): Choice {
  return { label, kind: QuickPickItemKind.Separator };
}
