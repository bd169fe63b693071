// The words above a hunk that decide about it, and those on top of a file that decide about all of its hunks.

import {
  CodeLens,
  EventEmitter,
  type ExtensionContext,
  languages,
  Range,
  type TextDocument,
  workspace,
} from "vscode";
import type { Placed } from "./edits.ts";
import type { Store } from "./store.ts";
import { count, verbs } from "./words.ts";

const SETTING = "victor.editor.reviewCodeLens";

export function offerLenses(
  context: ExtensionContext,
  store: Store,
  hunksIn: (document: TextDocument) => readonly Placed[],
): void {
  const changed = new EventEmitter<void>();
  context.subscriptions.push(
    changed,
    store.onDidChange(() => changed.fire()),
    workspace.onDidChangeConfiguration((event) => event.affectsConfiguration(SETTING) && changed.fire()),
    languages.registerCodeLensProvider(
      [{ scheme: "file" }, { scheme: "untitled" }, { scheme: "victor-review" }],
      {
        onDidChangeCodeLenses: changed.event,
        provideCodeLenses: (document) =>
          workspace.getConfiguration().get(SETTING, true) ? lensesOf(document, hunksIn(document)) : [],
      },
    ),
  );
}

function lensesOf(document: TextDocument, hunks: readonly Placed[]): CodeLens[] {
  const onTop = hunks.length > 1 ? lensesOnTop(document, hunks) : [];
  return [...onTop, ...hunks.flatMap((each) => lensesOfOne(document, each))];
}

function lensesOnTop(document: TextDocument, hunks: readonly Placed[]): CodeLens[] {
  const isIn = hunks.every(({ hunk }) => hunk.state === "applied");
  const top = new Range(0, 0, 0, 0);
  return [
    lens(top, `Victor: ${count(hunks.length, "change")} to review`, "victor.showReview"),
    lens(top, `$(check-all) ${isIn ? "Keep" : "Accept"} all`, "victor.acceptFile", document.uri),
    lens(top, `$(close-all) ${isIn ? "Undo" : "Reject"} all`, "victor.rejectFile", document.uri),
    lens(top, "$(arrow-down) Next", "victor.nextHunk"),
  ];
}

function lensesOfOne(document: TextDocument, placed: Placed): CodeLens[] {
  const line = Math.min(placed.start, document.lineCount - 1);
  const at = new Range(line, 0, line, 0);
  const [accept, reject] = verbs(placed.hunk);
  const target = { edit: placed.edit.id, hunk: placed.hunk.id };
  const diff =
    document.uri.scheme === "victor-review"
      ? []
      : [lens(at, "$(diff) Show diff", "victor.showHunkDiff", target)];
  return [
    lens(at, `$(check) ${accept}`, "victor.acceptHunk", target),
    lens(at, `$(close) ${reject}`, "victor.rejectHunk", target),
    ...diff,
  ];
}

function lens(at: Range, title: string, command: string, ...args: unknown[]): CodeLens {
  return new CodeLens(at, { title, command, arguments: args });
}
