// Inline edit: lines and an instruction go to the server, and what comes of it is reviewed in place.

import {
  CancellationTokenSource,
  commands,
  comments,
  type ExtensionContext,
  Range,
  Selection,
  type TextEditor,
  window,
} from "vscode";
import { showErrorMessage, showInformationMessage } from "../notices.ts";
import { type EditProposeResult, Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { inWords, toServerError } from "../server/failures.ts";
import { askInstruction } from "./instruction.ts";
import { showWriting, type Writing } from "./writing.ts";

export function editInline(context: ExtensionContext, server: Connection): void {
  let running: CancellationTokenSource | undefined;
  const tell = (isRunning: boolean) =>
    commands.executeCommand("setContext", "victor.inlineEdit.running", isRunning);

  const run = async (): Promise<unknown> => {
    const editor = window.activeTextEditor;
    if (editor === undefined) {
      return showInformationMessage("Open a file first, and select the lines that should change.");
    }
    if (running !== undefined) {
      return showInformationMessage("Victor is writing an edit. Wait for it, or stop it with Esc.");
    }
    const { selection } = editor;
    const instruction = await askInstruction(context, titleOf(editor, selection));
    if (instruction === undefined) {
      return undefined;
    }
    const controller = comments.createCommentController("victor-inline", "Victor");
    const writing = showWriting(controller, editor, linesOf(selection), instruction);
    running = new CancellationTokenSource();
    try {
      await tell(true);
      const proposed = await propose(server, editor, selection, instruction, writing, running);
      return running.token.isCancellationRequested ? undefined : await outcome(editor, selection, proposed);
    } catch (error) {
      if (toServerError(error).kind !== "cancelled") {
        void showErrorMessage(inWords(error));
      }
      return undefined;
    } finally {
      writing.dispose();
      controller.dispose();
      running.dispose();
      running = undefined;
      await tell(false);
    }
  };
  context.subscriptions.push(
    commands.registerCommand("victor.inlineEdit", run),
    commands.registerCommand("victor.stopInlineEdit", () => running?.cancel()),
  );
}

let lastToken = 0;

async function propose(
  server: Connection,
  editor: TextEditor,
  selection: Selection,
  instruction: string,
  writing: Writing,
  stop: CancellationTokenSource,
): Promise<EditProposeResult> {
  lastToken += 1;
  const partialToken = `inline-${lastToken}`;
  const hearing = server.onNotification(Method.editPartial, (partial) => {
    if (partial.token === partialToken) {
      writing.show(partial);
    }
  });
  try {
    const { start, end } = selection;
    const range = {
      start: { line: start.line, character: start.character },
      end: { line: end.line, character: end.character },
    };
    const uri = editor.document.uri.toString();
    return await server.request(Method.editPropose, { uri, range, instruction, partialToken }, stop.token);
  } finally {
    hearing.dispose();
  }
}

/** The cursor goes to the first change, so that the keys that decide work at once; not from where somebody types by now. */
async function outcome(editor: TextEditor, selection: Selection, { edit }: EditProposeResult): Promise<void> {
  if (edit === null) {
    void showInformationMessage("There is nothing to change: the model wrote what stands there already.");
    return;
  }
  const line = edit.files.flatMap(({ hunks }) => hunks).find(({ range }) => range)?.range?.start.line;
  const isThere = window.activeTextEditor === editor && editor.selection.isEqual(selection);
  if (line !== undefined && isThere) {
    const at = Math.min(line, editor.document.lineCount - 1);
    editor.selection = new Selection(at, 0, at, 0);
    editor.revealRange(new Range(at, 0, at, 0));
  }
}

function titleOf({ document }: TextEditor, selection: Selection): string {
  const name = document.fileName.split(/[\\/]/).at(-1);
  const { start, end } = linesOf(selection);
  if (selection.isEmpty) {
    return `Edit what is defined at line ${start.line + 1} of ${name}`;
  }
  const lines =
    start.line === end.line ? `line ${start.line + 1}` : `lines ${start.line + 1}–${end.line + 1}`;
  return `Edit ${lines} of ${name}`;
}

/** The lines of a selection. One that ends where a line begins does not mean that line. */
function linesOf({ start, end, isEmpty }: Selection): Range {
  const last = !isEmpty && end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  return new Range(start.line, 0, last, 0);
}
