// The way to the extension: what the view says, and what it keeps for when it is made anew.

import type { ToHost } from "../../src/chat/messages.ts";

interface Kept {
  draft: string;
  withEditor: boolean;
}

declare function acquireVsCodeApi(): {
  postMessage(message: ToHost): void;
  getState(): Partial<Kept> | undefined;
  setState(kept: Kept): void;
};

const api = acquireVsCodeApi();
const { draft = "", withEditor = true } = api.getState() ?? {};
let now: Kept = { draft, withEditor };

export const say = (message: ToHost): void => api.postMessage(message);

export const kept = (): Kept => now;

export function keep(more: Partial<Kept>): void {
  now = { ...now, ...more };
  api.setState(now);
}
