// Says that there is something to review where the person does not see it anyway.

import { type ExtensionContext, window } from "vscode";
import { showInformationMessage } from "../notices.ts";
import { showHunk } from "./commands.ts";
import type { Diffs } from "./diff.ts";
import { hunksOf } from "./edits.ts";
import type { Store } from "./store.ts";
import { count } from "./words.ts";

export function noticeEdits(context: ExtensionContext, store: Store, diffs: Diffs): void {
  const noticed = new Set<string>();
  const look = () => {
    const visible = new Set(window.visibleTextEditors.map(({ document }) => document.uri.toString()));
    for (const edit of store.edits().filter(({ id }) => !noticed.has(id))) {
      noticed.add(edit.id);
      const proposed = hunksOf(edit).filter(({ hunk }) => hunk.state === "proposed");
      const [first] = proposed;
      if (first && !proposed.some(({ file }) => visible.has(file.uri) && file.kind === "change")) {
        void say(`Victor proposes ${count(proposed.length, "change")}: ${edit.title}.`, () =>
          showHunk({ store, diffs }, first),
        );
      }
    }
  };
  context.subscriptions.push(store.onDidChange(look));
}

async function say(text: string, show: () => Promise<void>): Promise<void> {
  if ((await showInformationMessage(text, "Review")) === "Review") {
    await show();
  }
}
