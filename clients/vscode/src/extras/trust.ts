// Asks whether a folder's own settings and instructions count, and tells the server what the person said.

import { commands, type ExtensionContext, Uri, type WorkspaceFolder, window, workspace } from "vscode";
import { showInformationMessage } from "../notices.ts";
import { type FolderTrust, Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { telling } from "../telling.ts";

const ASKED = "victor.trust.asked";
const OWN_WORD = [".victor", "AGENTS.md"];
const TRUST = "Trust";
const MEANING =
  "Its .victor settings, rules and AGENTS.md count from then on: they can tell a model what to do, and which servers for tools to start. Trust only folders whose authors you trust.";

export function registerTrust(context: ExtensionContext, server: Connection): void {
  const once = telling(() => askOnce(context, server));
  context.subscriptions.push(
    commands.registerCommand(
      "victor.trustFolder",
      telling(() => trustFolder(server)),
    ),
    server.onDidChangeState((state) => {
      if (state === "running") {
        void once();
      }
    }),
  );
}

async function trustFolder(server: Connection): Promise<void> {
  if (!workspace.isTrusted) {
    await commands.executeCommand("workbench.trust.manage"); // the editor's own word comes first
    return;
  }
  const { folders } = await server.request(Method.trustGet, {});
  const folder = await pick(folders);
  if (folder === undefined) {
    return;
  }
  const wish = folder.trusted ? "Trust No More" : TRUST;
  const question = folder.trusted ? `${folder.root} is trusted.` : `Trust ${folder.root} for Victor?`;
  const detail = folder.trusted ? folder.reason : MEANING;
  if ((await showInformationMessage(question, { modal: true, detail }, wish)) === wish) {
    await server.request(Method.trustSet, { root: folder.root, trusted: !folder.trusted });
  }
}

async function pick(folders: readonly FolderTrust[]): Promise<FolderTrust | undefined> {
  if (folders.length === 0) {
    void showInformationMessage("No folder is open.");
  }
  if (folders.length < 2) {
    return folders[0];
  }
  const items = folders.map((each) => ({
    label: each.root,
    description: each.trusted ? "trusted" : "",
    each,
  }));
  return (await window.showQuickPick(items, { title: "Which folder?" }))?.each;
}

/** Once for each folder that has a word of its own, that the editor trusts, and of which nobody has said anything. */
async function askOnce(context: ExtensionContext, server: Connection): Promise<void> {
  const asked = new Set(context.globalState.get<string[]>(ASKED, []));
  for (const folder of workspace.isTrusted ? (workspace.workspaceFolders ?? []) : []) {
    const known = asked.has(folder.uri.toString());
    if (known || !(await hasOwnWord(folder)) || (await isTrusted(server, folder))) {
      continue;
    }
    asked.add(folder.uri.toString());
    await context.globalState.update(ASKED, [...asked]);
    const said = await showInformationMessage(
      `“${folder.name}” has settings or instructions of its own. Victor leaves them aside until you trust it.`,
      "Trust…",
      "Not Now",
    );
    if (said === "Trust…") {
      await trustFolder(server);
    }
  }
}

async function isTrusted(server: Connection, folder: WorkspaceFolder): Promise<boolean> {
  const { folders } = await server.request(Method.trustGet, { root: folder.uri.toString() });
  return folders.some((each) => each.trusted);
}

async function hasOwnWord(folder: WorkspaceFolder): Promise<boolean> {
  const found = OWN_WORD.map((name) => workspace.fs.stat(Uri.joinPath(folder.uri, name)));
  return (await Promise.allSettled(found)).some((each) => each.status === "fulfilled");
}
