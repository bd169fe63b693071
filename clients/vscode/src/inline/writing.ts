// Shows in place what the lines that were asked about would become, while a model writes it.

import {
  type CommentController,
  CommentMode,
  type CommentThread,
  CommentThreadCollapsibleState,
  CommentThreadState,
  MarkdownString,
  Range,
  type TextEditor,
  ThemeColor,
  window,
} from "vscode";
import { splitLines } from "../lines.ts";
import type { EditPartialParams } from "../protocol.ts";
import { diffText, lineDiff } from "./lineDiff.ts";

/** What is shown of one request. */
export interface Writing {
  /** What came last; shown in a moment. */
  show(partial: Pick<EditPartialParams, "range" | "text" | "model">): void;
  dispose(): void;
}

const EVERY_MS = 100;
const MOST_LINES = 30;

export function showWriting(
  controller: CommentController,
  editor: TextEditor,
  asked: Range,
  instruction: string,
): Writing {
  const { document } = editor;
  const before = document.getText();
  const marks = window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new ThemeColor("editor.rangeHighlightBackground"),
  });
  editor.setDecorations(marks, [asked]);
  const thread = makeThread(controller, editor, lastLine(asked));
  let latest: Pick<EditPartialParams, "range" | "text" | "model"> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const say = (body: MarkdownString) => {
    thread.comments = [{ author: { name: instruction }, body, mode: CommentMode.Preview }];
  };
  const draw = () => {
    timer = undefined;
    if (latest === undefined) {
      return;
    }
    const { start, end } = latest.range;
    const last = Math.max(start.line, Math.min(end.line, document.lineCount) - 1);
    const place = new Range(start.line, 0, last, 0);
    if (!thread.range?.isEqual(lastLine(place))) {
      thread.range = lastLine(place);
      editor.setDecorations(marks, [place]);
    }
    thread.label = `Victor is writing… ${latest.model ?? ""}`.trim();
    const old = splitLines(before).slice(start.line, end.line);
    const text = diffText(lineDiff(old, splitLines(latest.text), false), MOST_LINES);
    say(new MarkdownString().appendCodeblock(text, "diff"));
  };
  say(new MarkdownString("Nothing is changed before you accept it. Esc stops."));
  return {
    show(partial) {
      latest = partial;
      timer ??= setTimeout(draw, EVERY_MS);
    },
    dispose() {
      clearTimeout(timer);
      latest = undefined;
      thread.dispose();
      marks.dispose();
    },
  };
}

/** The editor opens a thread below its range, and tints what it holds. */
function lastLine({ end }: Range): Range {
  return new Range(end.line, 0, end.line, 0);
}

function makeThread(controller: CommentController, editor: TextEditor, place: Range): CommentThread {
  const thread = controller.createCommentThread(editor.document.uri, place, []);
  thread.canReply = false;
  thread.contextValue = "writing";
  thread.label = "Victor reads…";
  // What is resolved calls for no answer: the editor does not open its list of comments for it.
  thread.state = CommentThreadState.Resolved;
  thread.collapsibleState = CommentThreadCollapsibleState.Expanded;
  return thread;
}
