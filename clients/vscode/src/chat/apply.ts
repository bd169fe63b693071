// Code of an answer as a reviewed edit: the server says where it belongs, nothing is changed before it is accepted.

import { window } from "vscode";
import { showInformationMessage } from "../notices.ts";
import type { Connection } from "../server/connection.ts";
import { editorInFront } from "./editorDesk.ts";

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
