// The updates that were sent while a chat was loaded, in order and each once.

import type { ChatUpdateParams } from "../protocol.ts";

/** The number of an update within its chat. */
export function seqOf(update: ChatUpdateParams): number {
  const victor = update._meta.victor as { seq?: unknown } | undefined;
  return typeof victor?.seq === "number" ? victor.seq : 0;
}

/** The server's name for the turn that an update is about; empty where it is about none. */
export function turnOf(update: ChatUpdateParams): string {
  const victor = update._meta.victor as { turnId?: unknown } | undefined;
  return typeof victor?.turnId === "string" ? victor.turnId : "";
}

/** What loading a chat has sent. What came before, of an answer that is being written, is told by loading once more. */
export function replayOf(heard: readonly ChatUpdateParams[]): ChatUpdateParams[] {
  let from = 0;
  for (let at = 1; at < heard.length; at++) {
    const [before, here] = [heard[at - 1], heard[at]];
    if (before && here && seqOf(here) <= seqOf(before)) {
      from = at;
    }
  }
  return heard.slice(from);
}
