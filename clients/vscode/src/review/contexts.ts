// Tells keys and menus where there is something to review.

import { commands, type ExtensionContext, window } from "vscode";
import type { Diffs } from "./diff.ts";
import { hunkAt, openHunks, unfinished } from "./edits.ts";
import type { Store } from "./store.ts";

export function tellContexts(context: ExtensionContext, store: Store, diffs: Diffs): void {
  const told = new Map<string, boolean>();
  const tell = (key: string, value: boolean) => {
    if (told.get(key) !== value) {
      told.set(key, value);
      void commands.executeCommand("setContext", key, value);
    }
  };
  const look = () => {
    const editor = window.activeTextEditor;
    const hunks = editor ? diffs.hunksIn(editor.document) : [];
    tell("victor.review.listed", unfinished(store.edits()).length > 0);
    tell("victor.review.any", openHunks(store.edits()).length > 0);
    tell("victor.review.active", hunks.length > 0);
    tell("victor.review.onHunk", editor !== undefined && !!hunkAt(hunks, editor.selection.active.line));
  };
  context.subscriptions.push(
    store.onDidChange(look),
    window.onDidChangeActiveTextEditor(look),
    window.onDidChangeTextEditorSelection(look),
  );
}
