// The edits under review as this window knows them: told by the server, followed while the person types.

import {
  type Disposable,
  EventEmitter,
  type TextDocument,
  type TextDocumentChangeEvent,
  Uri,
  workspace,
} from "vscode";
import { type EditItem, Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { hasTexts, hunksOf, isOpen, type Placed, placedIn, unfinished, withTexts } from "./edits.ts";
import { moved, type Typed } from "./follow.ts";

/** What the other files of this room ask. */
export interface Store extends Disposable {
  /** Those of this server, the youngest first. */
  edits(): readonly EditItem[];
  get(id: string): EditItem | undefined;
  /** The open hunks of a document, from its top. */
  placed(document: TextDocument): readonly Placed[];
  /** Notes an edit that an answer brought. */
  put(edit: EditItem): void;
  onDidChange(listener: () => void): Disposable;
}

const PAUSE_MS = 150;
const MOST_FINISHED = 50;

export function createStore(server: Connection): Store {
  const edits = new Map<string, EditItem>();
  const changed = new EventEmitter<void>();
  const pauses = new Map<string, NodeJS.Timeout>();

  const put = (told: EditItem, isWhole = false) => {
    const edit = withTexts(spelled(told), edits.get(told.id));
    edits.set(edit.id, edit);
    for (const { id } of finished(edits).slice(0, -MOST_FINISHED)) {
      edits.delete(id);
    }
    changed.fire();
    if (!isWhole && !hasTexts(edit) && hunksOf(edit).some(({ hunk }) => isOpen(hunk))) {
      void fetch(edit.id);
    }
  };
  const fetch = async (id: string) => {
    try {
      put((await server.request(Method.editGet, { id })).edit, true);
    } catch {
      // It is gone with its server; the next state of the connection clears it away.
    }
  };
  const typedIn = ({ document, contentChanges }: TextDocumentChangeEvent) => {
    const uri = document.uri.toString();
    const touched = [...edits.values()].filter((edit) => placedIn([edit], uri).length > 0);
    for (const edit of contentChanges.length > 0 ? touched : []) {
      edits.set(edit.id, moved(edit, uri, contentChanges.map(toTyped)));
      clearTimeout(pauses.get(edit.id));
      pauses.set(
        edit.id,
        setTimeout(() => void fetch(edit.id), PAUSE_MS),
      );
    }
    if (touched.length > 0 && contentChanges.length > 0) {
      changed.fire();
    }
  };
  const forget = () => {
    if (server.state !== "running" && edits.size > 0) {
      edits.clear();
      changed.fire();
    }
  };
  const listening = [
    server.onNotification(Method.editDidChange, ({ edit }) => put(edit)),
    server.onDidChangeState(forget),
    workspace.onDidChangeTextDocument(typedIn),
    changed,
  ];
  return {
    edits: () => [...edits.values()].reverse(),
    get: (id) => edits.get(id),
    placed: (document) => placedIn([...edits.values()], document.uri.toString()),
    put,
    onDidChange: (listener) => changed.event(listener),
    dispose() {
      pauses.forEach(clearTimeout);
      listening.forEach((each) => {
        each.dispose();
      });
    },
  };
}

/** Those about which nothing is left to say, the oldest first. */
function finished(edits: ReadonlyMap<string, EditItem>): readonly EditItem[] {
  return [...edits.values()].filter((each) => unfinished([each]).length === 0);
}

/** With addresses as the editor spells them. */
function spelled(edit: EditItem): EditItem {
  const files = edit.files.map((file) => ({
    ...file,
    uri: Uri.parse(file.uri).toString(),
    toUri: file.toUri ? Uri.parse(file.toUri).toString() : null,
  }));
  return { ...edit, files };
}

/** Changes come from the end of the document to its top, so each is in the lines of before. */
function toTyped({ range, text }: TextDocumentChangeEvent["contentChanges"][number]): Typed {
  return {
    startLine: range.start.line,
    endLine: range.end.line,
    endCharacter: range.end.character,
    newLines: text.split(/\r\n|\r|\n/).length - 1,
  };
}
