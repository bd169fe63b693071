// Choose who answers, and how free the agent is.

import { commands, type ExtensionContext, type QuickPickItem, Uri, window } from "vscode";
import { Method, type ModelItem, type ModeSetParams } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { telling } from "../telling.ts";

export function registerChoosing(context: ExtensionContext, server: Connection): void {
  context.subscriptions.push(
    commands.registerCommand(
      "victor.selectProfile",
      telling(() => selectProfile(server)),
    ),
    commands.registerCommand(
      "victor.selectMode",
      telling(() => selectMode(server)),
    ),
    commands.registerCommand(
      "victor.setUpModel",
      telling(() => setUpModel(server)),
    ),
  );
}

async function selectProfile(server: Connection): Promise<void> {
  const { models, profile } = await server.request(Method.modelsList, {});
  const router = {
    label: "$(sparkle) Automatic",
    description: mark(profile === ""),
    detail: "The rules in profiles.yaml choose for each task.",
    profile: "",
  };
  const more = { label: "$(edit) Set Up a Model…", detail: "Opens profiles.yaml.", profile: null };
  const chosen = await window.showQuickPick([router, ...models.map((each) => item(each, profile)), more], {
    title: "Who answers in new chats?",
    placeHolder: "A profile of your profiles.yaml",
    matchOnDescription: true,
  });
  if (chosen?.profile === null) {
    await setUpModel(server);
  } else if (chosen !== undefined) {
    await server.request(Method.profileSet, { profile: chosen.profile });
    await commands.executeCommand("victor.lookAtModels"); // the chat shows who answers
  }
}

/** The file is the server's to begin, the words in it, too. */
async function setUpModel(server: Connection): Promise<void> {
  const { uri } = await server.request(Method.modelsEdit, {});
  await window.showTextDocument(Uri.parse(uri, true));
}

function item(each: ModelItem, current: string): QuickPickItem & { profile: string } {
  const what = [each.provider, each.model, each.address].filter((part) => part !== "").join(" · ");
  return {
    label: `${each.unusable === "" ? "$(server-environment)" : "$(warning)"} ${each.profile}`,
    description: [what, mark(each.profile === current)].filter((part) => part !== "").join("  "),
    ...(each.unusable === "" ? {} : { detail: `Cannot be used: ${each.unusable}` }),
    profile: each.profile,
  };
}

const MODES: readonly { mode: ModeSetParams["mode"]; icon: string; detail: string }[] = [
  { mode: "plan", icon: "$(list-tree)", detail: "Nothing is changed and nothing is run." },
  { mode: "ask", icon: "$(question)", detail: "Every change and every command is asked for." },
  { mode: "build", icon: "$(tools)", detail: "Your permissions decide." },
];

async function selectMode(server: Connection): Promise<void> {
  const { mode: current } = await server.request(Method.modelsList, {});
  const items = MODES.map(({ mode, icon, detail }) => ({
    label: `${icon} ${mode}`,
    description: mark(mode === current),
    detail,
    mode,
  }));
  const chosen = await window.showQuickPick(items, {
    title: "How free is the agent, in all chats of this window?",
  });
  if (chosen !== undefined) {
    await server.request(Method.modeSet, { mode: chosen.mode });
  }
}

function mark(isCurrent: boolean): string {
  return isCurrent ? "current" : "";
}
