// Lets a person choose a checkpoint by keys alone.

import { type QuickInputButton, type QuickPickItem, ThemeIcon, window } from "vscode";
import { type CheckpointItem, Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { about } from "./words.ts";

/** What was chosen, and what for. */
export interface Chosen {
  readonly checkpoint: CheckpointItem;
  readonly how: "restore" | "preview" | "since";
}

type Button = QuickInputButton & { readonly how: Chosen["how"] };

const BUTTONS: readonly Button[] = [
  { how: "preview", iconPath: new ThemeIcon("diff"), tooltip: "Show what a restore would do" },
  { how: "since", iconPath: new ThemeIcon("history"), tooltip: "Take back this and all since" },
];

export async function pickCheckpoint(server: Connection): Promise<Chosen | undefined> {
  const pick = window.createQuickPick<QuickPickItem & { checkpoint: CheckpointItem }>();
  pick.title = "Restore a checkpoint";
  pick.placeholder = "Which change should be taken back? What you typed since stays.";
  pick.matchOnDetail = true;
  pick.busy = true;
  pick.show();
  const chosen = new Promise<Chosen | undefined>((resolve) => {
    pick.onDidAccept(() => {
      const [item] = pick.activeItems;
      if (item) {
        resolve({ checkpoint: item.checkpoint, how: "restore" });
        pick.hide();
      }
    });
    pick.onDidTriggerItemButton(({ item, button }) => {
      resolve({ checkpoint: item.checkpoint, how: (button as Button).how });
      pick.hide();
    });
    pick.onDidHide(() => resolve(undefined));
  });
  try {
    const { checkpoints } = await server.request(Method.checkpointList, {});
    const now = new Date();
    pick.items = checkpoints.map((checkpoint) => ({
      label: checkpoint.title,
      description: about(checkpoint, now),
      detail: checkpoint.files.map(({ path }) => path).join(", "),
      buttons: BUTTONS,
      checkpoint,
    }));
    pick.placeholder = checkpoints.length ? pick.placeholder : "Victor has changed nothing here yet.";
    pick.busy = false;
    return await chosen;
  } finally {
    pick.dispose();
  }
}
