// The two texts of a diff: a file without the hunks of an edit, and with them.

import { splitLines } from "../lines.ts";
import type { Placed } from "./edits.ts";

/** `without`: as if nothing had been proposed; `with`: as if all of it was accepted. */
export type Side = "without" | "with";

/** A text, and where the hunks stand in it. */
export interface Built {
  readonly text: string;
  readonly hunks: readonly Placed[];
}

/** What `text`, in which `hunks` stand in order, is on one side. */
export function sideOf(text: string, hunks: readonly Placed[], side: Side): Built {
  const lines = splitLines(text);
  const parts: string[] = [];
  const placed: Placed[] = [];
  let from = 0;
  let moved = 0;
  for (const each of hunks) {
    if (each.start < from) {
      continue; // one that overlaps what is done already, until the server has said where it is
    }
    const here = lines.slice(each.start, each.end);
    const there = turns(each, side) ? splitLines(otherText(each)) : here;
    parts.push(...lines.slice(from, each.start), ...there);
    const start = each.start + moved;
    placed.push({ ...each, start, end: start + there.length });
    moved += there.length - here.length;
    from = each.end;
  }
  parts.push(...lines.slice(from));
  return { text: parts.join(""), hunks: placed };
}

/** Whether the document itself is this side already. */
export function isAsItIs(hunks: readonly Placed[], side: Side): boolean {
  return !hunks.some((each) => turns(each, side));
}

function turns({ hunk }: Placed, side: Side): boolean {
  return (hunk.state === "applied") === (side === "without");
}

function otherText({ hunk }: Placed): string {
  return (hunk.state === "applied" ? hunk.oldText : hunk.newText) ?? "";
}
