// How soon a server that ended by itself is started again, and when that is given up.

export const MOST_STARTS = 5;
export const WITHIN_MS = 3 * 60_000;

/** The wait before the next start, given when it ended (the last time now); undefined when it ended too often. */
export function waitBeforeStart(endedAt: readonly number[], now: number): number | undefined {
  const recent = endedAt.filter((each) => now - each < WITHIN_MS).length;
  return recent > MOST_STARTS ? undefined : Math.min(250 * 2 ** Math.max(0, recent - 1), 4_000);
}
