// Shows a file of an edit in the editor's own diff: without the edit on the left, with it on the right.

import {
  commands,
  EventEmitter,
  type ExtensionContext,
  Range,
  TabInputTextDiff,
  type TextDocument,
  type TextDocumentShowOptions,
  Uri,
  window,
  workspace,
} from "vscode";
import type { EditFile, EditItem } from "../protocol.ts";
import { isOpen, type Placed, placedIn } from "./edits.ts";
import { isAsItIs, type Side, sideOf } from "./sides.ts";
import type { Store } from "./store.ts";

export const SCHEME = "victor-review";

/** What this room offers the commands. */
export interface Diffs {
  open(edit: EditItem, file: EditFile, hunkId?: string): Promise<void>;
  /** The open hunks of any document, also of one side of a diff. */
  hunksIn(document: TextDocument): readonly Placed[];
  /** The file that a side of a diff stands for; the same address for all others. */
  fileOf(uri: Uri): Uri;
}

interface Shown {
  readonly edit: string;
  readonly file: string;
  readonly side: Side | "nothing";
}

export function offerDiffs(context: ExtensionContext, store: Store): Diffs {
  const changed = new EventEmitter<Uri>();
  const shown = new Map<string, Uri>();
  const refresh = () => {
    for (const uri of shown.values()) {
      changed.fire(uri);
    }
    closeDecided(store).catch(() => undefined); // the person has closed it meanwhile
  };
  const address = (edit: EditItem, file: EditFile, side: Shown["side"]) => {
    const of: Shown = { edit: edit.id, file: file.uri, side };
    const uri = Uri.from({ scheme: SCHEME, path: Uri.parse(file.uri).path, query: JSON.stringify(of) });
    shown.set(uri.toString(), uri);
    return uri;
  };
  context.subscriptions.push(
    changed,
    store.onDidChange(refresh),
    workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => contentOf(store, uri),
    }),
    workspace.onDidCloseTextDocument(({ uri }) => shown.delete(uri.toString())),
  );
  return {
    open: (edit, file, hunkId) => openDiff(store, edit, file, hunkId, (side) => address(edit, file, side)),
    hunksIn: (document) => hunksIn(store, document),
    fileOf: (uri) => (uri.scheme === SCHEME ? Uri.parse(shownBy(uri).file) : uri),
  };
}

async function openDiff(
  store: Store,
  edit: EditItem,
  file: EditFile,
  hunkId: string | undefined,
  address: (side: Shown["side"]) => Uri,
): Promise<void> {
  const [left, right] = await sidesOf(edit, file, address);
  const document = await workspace.openTextDocument(right);
  const placed = hunksIn(store, document).find(({ hunk }) => hunk.id === hunkId);
  const line = Math.min(placed?.start ?? 0, document.lineCount - 1);
  const options: TextDocumentShowOptions = placed ? { selection: new Range(line, 0, line, 0) } : {};
  const name = file.path.split("/").at(-1);
  await commands.executeCommand("vscode.diff", left, right, `${name}: ${edit.title} (review)`, options);
}

/** The file itself stands on the side that is as it is: there a person can type. */
async function sidesOf(
  edit: EditItem,
  file: EditFile,
  address: (side: Shown["side"]) => Uri,
): Promise<readonly [Uri, Uri]> {
  const itself = Uri.parse(file.uri);
  if (file.kind !== "change") {
    return [
      address(file.kind === "create" ? "nothing" : "without"),
      address(file.kind === "delete" ? "nothing" : "with"),
    ];
  }
  const placed = placedIn([edit], file.uri);
  const side = (which: Side) => (isAsItIs(placed, which) ? itself : address(which));
  await workspace.openTextDocument(itself);
  return [side("without"), side("with")];
}

async function contentOf(store: Store, uri: Uri): Promise<string> {
  const { edit: id, file: name, side } = shownBy(uri);
  const edit = store.get(id);
  const file = edit?.files.find((each) => each.uri === name);
  if (edit === undefined || file === undefined || side === "nothing") {
    return "";
  }
  if (file.kind !== "change") {
    return file.hunks[0]?.[side === "with" ? "newText" : "oldText"] ?? "";
  }
  const document = await workspace.openTextDocument(Uri.parse(name));
  return sideOf(document.getText(), placedIn([edit], name), side).text;
}

function hunksIn(store: Store, { uri }: TextDocument): readonly Placed[] {
  if (uri.scheme !== SCHEME) {
    return placedIn(store.edits(), uri.toString());
  }
  const { edit: id, file: name, side } = shownBy(uri);
  const edit = store.get(id);
  const document = workspace.textDocuments.find((each) => each.uri.toString() === name);
  const whole = edit?.files.find((each) => each.uri === name && each.kind !== "change")?.hunks[0];
  const file = edit?.files.find((each) => each.uri === name);
  if (edit && file && whole && isOpen(whole)) {
    return [{ edit, file, hunk: whole, start: 0, end: Math.max(1, whole.newLines, whole.oldLines) }];
  }
  if (edit === undefined || document === undefined || side === "nothing") {
    return [];
  }
  return sideOf(document.getText(), placedIn([edit], name), side).hunks;
}

/** A diff in which there is nothing left to decide is closed. */
async function closeDecided(store: Store): Promise<void> {
  const tabs = window.tabGroups.all.flatMap(({ tabs }) => tabs);
  const done = tabs.filter(({ input }) => {
    const side =
      input instanceof TabInputTextDiff
        ? [input.modified, input.original].find(({ scheme }) => scheme === SCHEME)
        : undefined;
    const { edit, file } = side ? shownBy(side) : {};
    const hunks = store.get(edit ?? "")?.files.find((each) => each.uri === file)?.hunks ?? [];
    return side !== undefined && !hunks.some(isOpen);
  });
  await window.tabGroups.close(done);
}

function shownBy(uri: Uri): Shown {
  return JSON.parse(uri.query) as Shown;
}
