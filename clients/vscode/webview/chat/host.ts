// The way to the extension: what the view says, and what it keeps for when it is made anew.

import type { ToHost } from "../../src/chat/messages.ts";

interface Kept {
  draft: string;
  history: string[];
  withEditor: boolean;
}

declare function acquireVsCodeApi(): {
  postMessage(message: ToHost): void;
  getState(): Kept | undefined;
  setState(kept: Kept): void;
};

const api = acquireVsCodeApi();
let now: Kept = { draft: "", history: [], withEditor: true, ...api.getState() };

export const say = (message: ToHost): void => api.postMessage(message);

export const kept = (): Kept => now;

export function keep(more: Partial<Kept>): void {
  now = { ...now, ...more };
  api.setState(now);
}
