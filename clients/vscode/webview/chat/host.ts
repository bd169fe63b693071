// The way to the extension: what the view says, and what is kept there for when it is made anew.

import type { Kept, ToHost } from "../../src/chat/messages.ts";

/** So much of what is being written may be lost with the window, and so often at most it is written down. */
const KEEP_MS = 200;

declare function acquireVsCodeApi(): { postMessage(message: ToHost): void };

const api = acquireVsCodeApi();
let now: Kept = { draft: "", withEditor: true };
let waiting: ReturnType<typeof setTimeout> | undefined;

export const say = (message: ToHost): void => api.postMessage(message);

export const kept = (): Kept => now;

/** The editor keeps a view's own state only when its window is closed in order: so the extension keeps it. */
export function keep(more: Partial<Kept>): void {
  now = { ...now, ...more };
  if (now.draft === "") {
    return tell(); // it was sent: nobody wants to find it in the box again
  }
  waiting ??= setTimeout(tell, KEEP_MS);
}

function tell(): void {
  clearTimeout(waiting);
  waiting = undefined;
  say({ type: "keep", ...now });
}

window.addEventListener("pagehide", () => waiting !== undefined && tell());
