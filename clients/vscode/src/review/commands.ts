// The commands that decide about hunks and go from one to the next, wherever they are called from.

import {
  commands,
  type ExtensionContext,
  Range,
  Selection,
  TextEditorRevealType,
  Uri,
  window,
  workspace,
} from "vscode";
import { showInformationMessage, showWarningMessage } from "../notices.ts";
import type { Decide } from "./decide.ts";
import type { Diffs } from "./diff.ts";
import {
  type Choice,
  type Hunk,
  hunkAt,
  hunkBeyond,
  hunkFrom,
  hunksOf,
  openHunks,
  type Placed,
} from "./edits.ts";
import type { Store } from "./store.ts";
import { hunksBelow, type Row } from "./tree.ts";
import type { HunkOfThread } from "./zones.ts";

/** What the commands work with. */
export interface Room {
  readonly store: Store;
  readonly diffs: Diffs;
  readonly decide: Decide;
  readonly hunkOfThread: HunkOfThread;
}

export function registerReviewCommands(context: ExtensionContext, room: Room): void {
  const { decide, store } = room;
  const about = (target: unknown) => named(room, target) ?? atCursor(room);
  const table: Record<string, (...args: unknown[]) => unknown> = {
    "victor.acceptHunk": (target) => decided(room, about(target), "accept"),
    "victor.rejectHunk": (target) => decided(room, about(target), "reject"),
    "victor.rejectHunkWithReason": (target) => rejectWithReason(room, about(target)),
    "victor.acceptFile": (target) => decided(room, inFile(room, target), "accept"),
    "victor.rejectFile": (target) => decided(room, inFile(room, target), "reject"),
    "victor.acceptAll": () => decide(openHunks(store.edits()), "accept"),
    "victor.rejectAll": () => rejectAll(room),
    "victor.nextHunk": () => go(room, 1),
    "victor.previousHunk": () => go(room, -1),
    "victor.showHunk": (target) => showHunk(room, about(target)[0]),
    "victor.showHunkDiff": (target) => showDiff(room, target),
    "victor.showReview": () => commands.executeCommand("victor.review.focus"),
  };
  for (const [name, run] of Object.entries(table)) {
    context.subscriptions.push(commands.registerCommand(name, run));
  }
}

/** Shows an edit: its file in the diff, or the list where it has several. */
export async function showEdit({ store, diffs }: Pick<Room, "diffs" | "store">, id: unknown): Promise<void> {
  const edit = typeof id === "string" ? store.get(id) : undefined;
  const [file, ...more] = edit?.files ?? [];
  if (edit === undefined || file === undefined) {
    return nothingHere();
  }
  await commands.executeCommand("victor.review.focus");
  if (more.length === 0) {
    await diffs.open(edit, file);
  }
}

/** Shows the first lines of an edit that are in a document; what opens no document is in the list. */
export async function showHunk(room: Pick<Room, "diffs" | "store">, hunk: Hunk | undefined): Promise<void> {
  if (hunk === undefined) {
    return nothingHere();
  }
  if (hunk.file.kind !== "change" || !hunk.hunk.range) {
    return room.diffs.open(hunk.edit, hunk.file, hunk.hunk.id);
  }
  const document = await workspace.openTextDocument(Uri.parse(hunk.file.uri));
  const line = Math.min(hunk.hunk.range.start.line, document.lineCount - 1);
  await window.showTextDocument(document, { selection: new Range(line, 0, line, 0) });
}

/** What a code lens, a row, a thread or another extension names. */
function named({ store, hunkOfThread }: Room, target: unknown): readonly Hunk[] | undefined {
  const thread = hunkOfThread(target);
  const { edit, hunk } = (thread ?? target ?? {}) as { edit?: unknown; hunk?: unknown };
  if (typeof edit === "string" && typeof hunk === "string") {
    const known = store.get(edit);
    return known ? hunksOf(known).filter((each) => each.hunk.id === hunk) : [];
  }
  return isRow(target) ? hunksBelow(target) : undefined;
}

function isRow(target: unknown): target is Row {
  return typeof (target as { edit?: { files?: unknown } } | undefined)?.edit?.files === "object";
}

function atCursor({ diffs }: Room): readonly Hunk[] {
  const editor = window.activeTextEditor;
  const found = editor && hunkAt(diffs.hunksIn(editor.document), editor.selection.active.line);
  return found ? [found] : [];
}

function inFile(room: Room, target: unknown): readonly Hunk[] {
  const uri = target instanceof Uri ? target : window.activeTextEditor?.document.uri;
  if (isRow(target)) {
    return hunksBelow(target);
  }
  return uri ? openHunks(room.store.edits(), room.diffs.fileOf(uri).toString()) : [];
}

async function decided(room: Room, hunks: readonly Hunk[], choice: Choice, reason?: string): Promise<void> {
  return hunks.length > 0 ? room.decide(hunks, choice, reason) : nothingHere();
}

async function rejectWithReason(room: Room, hunks: readonly Hunk[]): Promise<void> {
  if (hunks.length === 0) {
    return nothingHere();
  }
  const reason = await window.showInputBox({
    title: "Reject this change",
    prompt: "What should be done otherwise? The model is told, where it waits for your answer.",
    placeHolder: "Keep the name of the parameter",
  });
  return reason === undefined ? undefined : room.decide(hunks, "reject", reason);
}

async function rejectAll({ store, decide }: Room): Promise<void> {
  const hunks = openHunks(store.edits());
  const reject = "Reject All";
  const files = new Set(hunks.map(({ file }) => file.uri)).size;
  const ask = `Reject ${hunks.length} changes in ${files} files? What is in the files already is undone.`;
  if (files < 2 || (await showWarningMessage(ask, { modal: true }, reject)) === reject) {
    await decide(hunks, "reject");
  }
}

async function go(room: Room, direction: 1 | -1): Promise<void> {
  const { diffs, store } = room;
  const editor = window.activeTextEditor;
  const here: readonly Placed[] = editor ? diffs.hunksIn(editor.document) : [];
  const found = hunkFrom(here, editor?.selection.active.line ?? 0, direction);
  if (editor === undefined || found === undefined) {
    const uri = editor ? diffs.fileOf(editor.document.uri).toString() : "";
    return showHunk(room, hunkBeyond(store.edits(), uri, direction));
  }
  const line = Math.min(found.start, editor.document.lineCount - 1);
  editor.selection = new Selection(line, 0, line, 0);
  editor.revealRange(new Range(line, 0, line, 0), TextEditorRevealType.InCenterIfOutsideViewport);
}

async function showDiff(room: Room, target: unknown): Promise<void> {
  const { edit: id, file: uri } = (target ?? {}) as { edit?: unknown; file?: unknown };
  const edit = typeof id === "string" ? room.store.get(id) : undefined;
  const file = edit?.files.find((each) => each.uri === uri);
  if (edit && file) {
    return room.diffs.open(edit, file);
  }
  const [hunk] = named(room, target) ?? atCursor(room);
  const [first] = hunk ? [hunk] : inFile(room, undefined);
  return first ? room.diffs.open(first.edit, first.file, hunk?.hunk.id) : nothingHere();
}

function nothingHere(): void {
  void showInformationMessage("There is no change of Victor's to review here.");
}
