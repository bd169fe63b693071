// What is known of edits under review, and what can be said of their hunks without asking anybody.

import type { EditFile, EditHunk, EditItem } from "../protocol.ts";

/** A hunk with what it belongs to. */
export interface Hunk {
  readonly edit: EditItem;
  readonly file: EditFile;
  readonly hunk: EditHunk;
}

/** A hunk that stands in a document: whole lines from `start` up to `end`, none of them where both are equal. */
export interface Placed extends Hunk {
  readonly start: number;
  readonly end: number;
}

/** What a person decides: to have a hunk in the file, or not to. */
export type Choice = "accept" | "reject";

/** Whether there is something to decide about. */
export function isOpen({ state }: EditHunk): boolean {
  return state === "proposed" || state === "applied";
}

/** All hunks of an edit, or of one of its files. */
export function hunksOf(edit: EditItem, uri?: string): readonly Hunk[] {
  return edit.files
    .filter((file) => uri === undefined || file.uri === uri || file.toUri === uri)
    .flatMap((file) => file.hunks.map((hunk) => ({ edit, file, hunk })));
}

export function openHunks(edits: readonly EditItem[], uri?: string): readonly Hunk[] {
  return edits.flatMap((edit) => hunksOf(edit, uri)).filter(({ hunk }) => isOpen(hunk));
}

/** Edits of which something is to be decided, or went stale before it was. */
export function unfinished(edits: readonly EditItem[]): readonly EditItem[] {
  return edits.filter((edit) => hunksOf(edit).some(({ hunk }) => isOpen(hunk) || hunk.state === "stale"));
}

/** The open hunks that stand in the lines of a file, from its top. Of a file that is made or deleted none does. */
export function placedIn(edits: readonly EditItem[], uri: string): readonly Placed[] {
  return openHunks(edits, uri)
    .flatMap((each) =>
      each.file.kind === "change" && each.hunk.range
        ? [{ ...each, start: each.hunk.range.start.line, end: each.hunk.range.end.line }]
        : [],
    )
    .sort((one, other) => one.start - other.start || one.end - other.end);
}

/** The edit as it was told last, with the texts that were fetched before: they never change. */
export function withTexts(now: EditItem, before: EditItem | undefined): EditItem {
  const known = new Map(before === undefined ? [] : hunksOf(before).map(({ hunk }) => [hunk.id, hunk]));
  const files = now.files.map((file) => ({
    ...file,
    hunks: file.hunks.map((hunk) => ({
      ...hunk,
      oldText: hunk.oldText ?? known.get(hunk.id)?.oldText ?? null,
      newText: hunk.newText ?? known.get(hunk.id)?.newText ?? null,
    })),
  }));
  return { ...now, files };
}

/** Whether the texts of its hunks were fetched. */
export function hasTexts(edit: EditItem): boolean {
  return hunksOf(edit).every(({ hunk }) => hunk.newText != null && hunk.oldText != null);
}

/** The hunk at a line: one whose lines hold it, else one that stands just before or behind it. */
export function hunkAt<T extends { start: number; end: number }>(
  hunks: readonly T[],
  line: number,
): T | undefined {
  return (
    hunks.find((each) => each.start <= line && line < each.end) ??
    hunks.find((each) => each.start === each.end && (each.start === line || each.start === line + 1))
  );
}

/** The next hunk below a line, or above it. */
export function hunkFrom<T extends { start: number }>(
  hunks: readonly T[],
  line: number,
  direction: 1 | -1,
): T | undefined {
  return direction === 1
    ? hunks.find((each) => each.start > line)
    : hunks.findLast((each) => each.start < line);
}

/** The first open hunk of the file that comes after one, or the last of that before; round and round. */
export function hunkBeyond(edits: readonly EditItem[], uri: string, direction: 1 | -1): Hunk | undefined {
  const uris = [...new Set(openHunks(edits).map(({ file }) => file.uri))];
  const here = uris.indexOf(uri);
  const next = here === -1 ? uris[0] : uris[(here + direction + uris.length) % uris.length];
  const hunks = next === undefined ? [] : openHunks(edits, next);
  const inOrder = [...placedIn(edits, next ?? ""), ...hunks.filter(({ file }) => file.kind !== "change")];
  return direction === 1 ? inOrder[0] : inOrder.at(-1);
}

/** The decision that the server knows: what is in the file is kept or undone, what is not is accepted or rejected. */
export function decision(hunk: EditHunk, choice: Choice): "accept" | "reject" | "keep" | "undo" {
  const isIn = hunk.state === "applied";
  return choice === "accept" ? (isIn ? "keep" : "accept") : isIn ? "undo" : "reject";
}

/** What is asked of the server for these hunks: one request for each edit and decision. */
export function requestsFor(
  hunks: readonly Hunk[],
  choice: Choice,
  reason = "",
): readonly { id: string; decision: ReturnType<typeof decision>; hunks: string[]; reason: string }[] {
  const groups = new Map<string, { id: string; decision: ReturnType<typeof decision>; hunks: string[] }>();
  for (const { edit, hunk } of hunks) {
    const how = decision(hunk, choice);
    const key = `${how} ${edit.id}`;
    const group = groups.get(key) ?? { id: edit.id, decision: how, hunks: [] };
    group.hunks.push(hunk.id);
    groups.set(key, group);
  }
  return [...groups.values()].map((each) => ({ ...each, reason }));
}
