// What a person reads about edits under review.

import { splitLines } from "../lines.ts";
import type { EditFile, EditHunk } from "../protocol.ts";
import type { Hunk } from "./edits.ts";

const STATES: Record<EditHunk["state"], string> = {
  proposed: "proposed",
  applied: "in the file, to be looked at",
  kept: "accepted",
  reverted: "rejected",
  stale: "the text has changed, so this can be applied no more",
};
const KINDS: Record<EditFile["kind"], string> = {
  change: "",
  create: "new file",
  delete: "to be deleted",
  move: "to be moved",
};

export function stateInWords(hunk: EditHunk): string {
  return STATES[hunk.state];
}

/** What becomes of a file, beside its name. */
export function kindInWords(file: EditFile): string {
  return KINDS[file.kind];
}

export function count(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n} ${what}s`;
}

/** Where a hunk is, as a person counts lines. */
export function place({ file, hunk }: Hunk): string {
  if (file.kind !== "change") {
    return { create: "The whole new file", delete: "The whole file", move: "The move" }[file.kind];
  }
  if (!hunk.range) {
    return count(Math.max(hunk.oldLines, hunk.newLines), "line");
  }
  const { start, end } = hunk.range;
  if (start.line === end.line) {
    return start.line === 0 ? "Before line 1" : `After line ${start.line}`;
  }
  return end.line - start.line === 1 ? `Line ${end.line}` : `Lines ${start.line + 1}–${end.line}`;
}

/** How many lines come and go. */
export function size({ oldLines, newLines }: EditHunk): string {
  return [newLines ? `+${newLines}` : "", oldLines ? `−${oldLines}` : ""].filter(Boolean).join(" ");
}

/** The first line that says something, of what comes, else of what goes. */
export function gist(hunk: EditHunk): string {
  const lines = splitLines(hunk.newText || hunk.oldText || "").map((line) => line.trim());
  return lines.find((line) => line !== "")?.slice(0, 80) ?? "";
}

/** The two words of a choice: what is in the file already is kept or undone. */
export function verbs(hunk: EditHunk): readonly [string, string] {
  return hunk.state === "applied" ? ["Keep", "Undo"] : ["Accept", "Reject"];
}

/** Lines as a diff shows them, with the sign before each and the rest counted. */
export function marked(sign: "+" | "-", text: string, most: number): string {
  const lines = splitLines(text).map((line) => sign + line.replace(/[\r\n]+$/, ""));
  const rest = lines.length - most;
  return (rest > 0 ? [...lines.slice(0, most), ` … ${count(rest, "more line")}: show the diff`] : lines).join(
    "\n",
  );
}
