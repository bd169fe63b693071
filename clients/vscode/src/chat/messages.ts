// What the chat view and the extension say to each other. The view is not trusted: what it says is read by `readToHost`.

import type {
  ChatCompletion,
  ChatSessionInfo,
  ChatUpdateParams,
  ModelItem,
  PermissionRequestParams,
} from "../protocol.ts";

/** Why something could not be done, and what to do next; `fix` may be empty. */
export interface Failure {
  message: string;
  fix: string;
  /** What kind of error the server named; empty or absent where it named none. */
  kind?: string;
}

/** What a view that is made anew starts with: the question that is being written, and whether the open file goes along. */
export interface Kept {
  draft: string;
  withEditor: boolean;
}

/** Lines and characters are counted from 0; `end` is behind the last one. */
export interface Lines {
  start: { line: number; character: number };
  end: { line: number; character: number };
}

/** A file, and where in it. */
export interface Place {
  uri: string;
  range?: Lines;
}

/** A file that goes with the next question. Its name here is all that the view knows it by. */
export interface Attached {
  id: string;
  label: string;
}

export type ServerState = "starting" | "running" | "restarting" | "stopped" | "failed";

/** What the view is told. */
export type ToView =
  | { type: "server"; state: ServerState; detail: string; missing: boolean }
  /** All of another chat, or of the one that is shown where `again`; null is a new one. */
  | {
      type: "session";
      sessionId: string | null;
      title: string;
      updates: ChatUpdateParams[];
      answering: boolean;
      again: boolean;
    }
  | { type: "update"; update: ChatUpdateParams }
  /** A question is on its way; null asks the last one again. */
  | { type: "asked"; text: string | null }
  | { type: "answering"; value: boolean }
  /** A question failed; where it never reached the chat, it is given back. */
  | { type: "failed"; failure: Failure; question: string }
  | { type: "sessions"; sessions: ChatSessionInfo[] }
  | { type: "models"; models: ModelItem[]; profile: string; mode: string }
  | { type: "completions"; id: number; items: ChatCompletion[] }
  | { type: "context"; editor: string; attached: Attached[] }
  | ({ type: "kept" } & Kept)
  | { type: "permission"; id: number; title: string; request: PermissionRequestParams }
  | { type: "permissionGone"; id: number }
  /** Puts text into the box and the cursor behind it. */
  | { type: "write"; text: string }
  /** What was to be added to an answer, and could not be. */
  | { type: "giveBack"; text: string }
  | { type: "notice"; failure: Failure }
  | { type: "showSessions" };

/** Commands that the view may run, by the names it has for them. */
export const COMMANDS = {
  restart: "victor.restartServer",
  logs: "victor.showLogs",
  doctor: "victor.runDoctor",
  setUp: "victor.setUp",
  setUpModel: "victor.setUpModel",
} as const;

/** What the view says. */
export type ToHost =
  | { type: "ready" }
  /** The person turned to the view: what may have changed elsewhere is told anew. */
  | { type: "looked" }
  | ({ type: "keep" } & Kept)
  | { type: "ask"; text: string; withEditor: boolean }
  | { type: "steer"; text: string }
  | { type: "stop" }
  | { type: "retry" }
  | { type: "new" }
  | { type: "list" }
  | { type: "open"; sessionId: string }
  | { type: "rename"; sessionId: string; title: string }
  | { type: "delete"; sessionId: string; title: string }
  | { type: "fork"; sessionId: string; upToTurn: string }
  | { type: "complete"; id: number; text: string }
  | { type: "addFile" }
  | { type: "detach"; id: string }
  | { type: "copy"; text: string }
  | { type: "insert"; text: string }
  | { type: "apply"; text: string }
  | { type: "openPlace"; place: Place }
  | { type: "openFile"; path: string; line: number }
  | { type: "openLink"; href: string }
  | { type: "openDiff"; path: string; oldText: string; newText: string }
  | { type: "receipt"; id: string }
  | { type: "profile"; profile: string }
  | { type: "mode"; mode: "plan" | "ask" | "build" }
  | { type: "answer"; id: number; optionId: string; reason: string }
  | { type: "command"; name: keyof typeof COMMANDS };

/** What the view said, or undefined where it is none of what it may say. */
export function readToHost(found: unknown): ToHost | undefined {
  if (typeof found !== "object" || found === null) {
    return undefined;
  }
  const message = found as Record<string, unknown>;
  const fields = typeof message.type === "string" && Object.hasOwn(FIELDS, message.type) ? message.type : "";
  const wanted = FIELDS[fields as ToHost["type"]];
  if (!wanted || !Object.entries(wanted).every(([name, is]) => is(message[name]))) {
    return undefined;
  }
  const read = {
    type: fields,
    ...Object.fromEntries(Object.keys(wanted).map((name) => [name, message[name]])),
  };
  return read as unknown as ToHost;
}

type Check = (value: unknown) => boolean;
const MAX_CHARS = 2_000_000;
const text: Check = (value) => typeof value === "string" && value.length <= MAX_CHARS;
const flag: Check = (value) => typeof value === "boolean";
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const oneOf =
  (...words: string[]): Check =>
  (value) =>
    typeof value === "string" && words.includes(value);

const FIELDS: { readonly [Type in ToHost["type"]]: Readonly<Record<string, Check>> } = {
  ready: {},
  looked: {},
  keep: { draft: text, withEditor: flag },
  ask: { text, withEditor: flag },
  steer: { text },
  stop: {},
  retry: {},
  new: {},
  list: {},
  open: { sessionId: text },
  rename: { sessionId: text, title: text },
  delete: { sessionId: text, title: text },
  fork: { sessionId: text, upToTurn: text },
  complete: { id: count, text },
  addFile: {},
  detach: { id: text },
  copy: { text },
  insert: { text },
  apply: { text },
  openPlace: { place: isPlace },
  openFile: { path: text, line: count },
  openLink: { href: text },
  openDiff: { path: text, oldText: text, newText: text },
  receipt: { id: text },
  profile: { profile: text },
  mode: { mode: oneOf("plan", "ask", "build") },
  answer: { id: count, optionId: text, reason: text },
  command: { name: oneOf(...Object.keys(COMMANDS)) },
};

function isPlace(value: unknown): boolean {
  const place = value as Place | null;
  return typeof place === "object" && place !== null && text(place.uri) && isRange(place.range);
}

function isRange(value: unknown): boolean {
  const range = value as Lines | undefined;
  return value === undefined || (isPosition(range?.start) && isPosition(range?.end));
}

function isPosition(value: unknown): boolean {
  const position = value as Lines["start"] | undefined;
  return (
    typeof position === "object" && position !== null && count(position.line) && count(position.character)
  );
}
