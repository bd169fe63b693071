// The lines in which two texts differ, for a glance: from the first to the last that is not the same.

export interface Changed {
  removed: string[];
  added: string[];
  /** How many are not listed. */
  left: number;
}

const MOST = 30;

export function changedLines(before: string, after: string): Changed {
  const [old, now] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) {
    start++;
  }
  let behind = 0;
  const most = Math.min(old.length, now.length) - start;
  while (behind < most && old[old.length - 1 - behind] === now[now.length - 1 - behind]) {
    behind++;
  }
  const removed = old.slice(start, old.length - behind);
  const added = now.slice(start, now.length - behind);
  const left = Math.max(0, removed.length - MOST) + Math.max(0, added.length - MOST);
  return { removed: removed.slice(0, MOST), added: added.slice(0, MOST), left };
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
