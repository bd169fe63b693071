// Code of an answer goes into the file in front: at the cursor, or as an edit to be reviewed where the server says it belongs.

import { type TextEditor, window } from "vscode";
import { showInformationMessage } from "../notices.ts";
import type { Connection } from "../server/connection.ts";

/** Proposes the code for the file in front, its selection first. */
export async function proposeFor(server: Connection, text: string): Promise<void> {
  const editor = editorInFront();
  const { start, end } = editor.selection;
  const range = {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
  const uri = editor.document.uri.toString();
  const { edit } = await server.request("victor/edit/offer", { uri, text, range });
  await window.showTextDocument(editor.document, editor.viewColumn);
  if (!edit) {
    void showInformationMessage("The file already has this code: there is nothing to change.");
  }
}

/** Puts the code where the cursor is. */
export async function insert(text: string): Promise<void> {
  const editor = editorInFront();
  const done = await editor.edit((edit) => {
    for (const selection of editor.selections) {
      edit.replace(selection, text);
    }
  });
  if (!done) {
    throw new Error("The editor did not take the code: the file may be read-only.");
  }
  await window.showTextDocument(editor.document, editor.viewColumn);
}

/** The editor that the person was in last. */
function editorInFront(): TextEditor {
  const editor = window.activeTextEditor;
  if (!editor) {
    throw new Error("No file is open to put the code into. Open one, and put the cursor where it belongs.");
  }
  return editor;
}
