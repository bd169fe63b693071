// Asks a person what should become of some lines.

import { type ExtensionContext, type QuickPickItem, window } from "vscode";
import { offered, remembered } from "./history.ts";

const KEY = "victor.inlineInstructions";

/** The instruction, or undefined where the person thought better of it. */
export async function askInstruction(context: ExtensionContext, title: string): Promise<string | undefined> {
  const before = context.workspaceState.get<readonly string[]>(KEY, []);
  const asked = await ask(title, before);
  if (asked !== undefined) {
    await context.workspaceState.update(KEY, remembered(before, asked));
  }
  return asked;
}

function ask(title: string, before: readonly string[]): Promise<string | undefined> {
  const pick = window.createQuickPick();
  const offer = () => {
    pick.items = offered(pick.value, before).map((label, i) =>
      toItem(label, i === 0 && pick.value.trim() !== ""),
    );
  };
  pick.title = title;
  pick.placeholder = "What should change? Press Enter to have it written.";
  offer();
  return new Promise((resolve) => {
    pick.onDidChangeValue(offer);
    pick.onDidAccept(() => {
      resolve(pick.activeItems[0]?.label.trim() || pick.value.trim() || undefined);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

function toItem(label: string, isTyped: boolean): QuickPickItem {
  return { label, alwaysShow: true, description: isTyped ? "have this done" : "asked before" };
}
