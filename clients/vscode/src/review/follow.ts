// Keeps hunks at their lines while a person types, until the server has said where they are.

import type { EditItem } from "../protocol.ts";

/** Text that took the place of another: its lines, and how many line ends it holds. */
export interface Typed {
  readonly startLine: number;
  readonly endLine: number;
  readonly endCharacter: number;
  readonly newLines: number;
}

/** The edit with the hunks of one file where they are now. The server has the last word: this is for the moment. */
export function moved(edit: EditItem, uri: string, typed: readonly Typed[]): EditItem {
  const files = edit.files.map((file) =>
    file.uri !== uri || file.kind !== "change"
      ? file
      : {
          ...file,
          hunks: file.hunks.map((hunk) => {
            if (!hunk.range) {
              return hunk;
            }
            const [start, end] = typed.reduce(([from, to], each) => movedLines(from, to, each), [
              hunk.range.start.line,
              hunk.range.end.line,
            ] as readonly [number, number]);
            return {
              ...hunk,
              range: { start: { line: start, character: 0 }, end: { line: end, character: 0 } },
            };
          }),
        },
  );
  return { ...edit, files };
}

/** Whole lines from `start` up to `end` after something was typed above, below or in them. */
export function movedLines(start: number, end: number, typed: Typed): readonly [number, number] {
  const more = typed.newLines - (typed.endLine - typed.startLine);
  if (typed.endLine < start || (typed.endLine === start && typed.endCharacter === 0)) {
    return [start + more, end + more];
  }
  if (typed.startLine >= end) {
    return [start, end];
  }
  const from = Math.min(start, typed.startLine);
  return [from, Math.max(from, end + more)];
}
