// What is known of the chat that is shown: turns, built up from the updates of the server.

import type { Failure, Place } from "../../src/chat/messages.ts";
import type { ChatUpdateParams } from "../../src/protocol.ts";

export interface Thread {
  turns: Turn[];
  lastSeq: number;
}

export interface Turn {
  /** The server's name for it; empty until the server has told of it. */
  id: string;
  /** Its place on the screen. */
  key: number;
  question: string;
  parts: Part[];
  plan: PlanEntry[];
  context: Context | null;
  route: Route | null;
  usage: Usage | null;
  receipts: string[];
  citations: Place[];
  /** Why it ended; empty while it goes on. */
  ended: string;
  error: Failure | null;
}

export type Part = TextPart | ToolPart | { kind: "note" | "steer"; text: string };

export interface TextPart {
  kind: "text" | "thought";
  text: string;
}

export interface ToolPart {
  kind: "tool";
  id: string;
  title: string;
  /** What it does, in the words of the Agent Client Protocol: `read`, `edit`, `execute` and so on. */
  does: string;
  status: string;
  outcome: string;
  decided: string;
  input: string;
  /** What it prints, the end of it; `cut` characters before that are not shown. */
  printed: string;
  cut: number;
  result: string;
  diffs: Diff[];
  locations: { path: string; line: number }[];
}

export interface Diff {
  path: string;
  oldText: string;
  newText: string;
}

export interface PlanEntry {
  content: string;
  status: string;
}

export interface Context {
  pieces: { kind: string; path: string; reason: string; tokens: number; location: Place | null }[];
  leftOut: { kind: string; path: string; reason: string }[];
}

export interface Route {
  profile: string;
  provider: string;
  model: string;
  reason: string;
  leavesMachine: boolean;
}

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  counted: boolean;
  costUsd: number | null;
}

export const MOST_PRINTED = 20_000;

export const newThread = (): Thread => ({ turns: [], lastSeq: 0 });

let lastKey = 0;

/** A turn for a question that the server is being asked. */
export function addTurn(thread: Thread, question: string): Turn {
  const turn: Turn = {
    ...{ id: "", key: ++lastKey, question, parts: [], plan: [], context: null, route: null, usage: null },
    ...{ receipts: [], citations: [], ended: "", error: null },
  };
  thread.turns.push(turn);
  return turn;
}

/** Takes an update in; the turn that it changed, or null where it changed none. */
export function take(thread: Thread, { update, _meta }: ChatUpdateParams): Turn | null {
  const victor = (_meta.victor ?? {}) as Victor;
  if (typeof victor.seq === "number") {
    if (victor.seq <= thread.lastSeq) {
      return null;
    }
    thread.lastSeq = victor.seq;
  }
  if (!victor.turnId) {
    return null;
  }
  const turn = turnOf(thread, victor.turnId);
  TAKERS[update.sessionUpdate as string]?.(turn, update as never, victor);
  if (victor.retried) {
    thread.turns = thread.turns.filter(({ id }) => id !== victor.retried);
  }
  return turn;
}

interface Victor {
  seq?: number;
  turnId?: string;
  context?: Context;
  route?: Route;
  usage?: Usage;
  receipt?: string;
  note?: string;
  compacted?: { messages: number; tokensBefore: number; tokensAfter: number };
  retried?: string;
  stopReason?: string;
  citations?: Place[];
  error?: Failure | null;
  printed?: string;
  outcome?: string;
  decided?: string;
}

/** The turn of this name: a question that waits for its turn gets the first one that is told of. */
function turnOf(thread: Thread, id: string): Turn {
  const known = thread.turns.find((turn) => turn.id === id);
  if (known) {
    return known;
  }
  const turn = thread.turns.find((each) => each.id === "") ?? addTurn(thread, "");
  turn.id = id;
  return turn;
}

type Chunk = { content: { text?: string } };
type ToolUpdate = {
  toolCallId: string;
  title?: string;
  kind?: string;
  status?: string;
  rawInput?: unknown;
  locations?: { path: string; line?: number }[];
  content?: ({ type: "content"; content: { text?: string } } | ({ type: "diff" } & Diff))[];
};

const TAKERS: Record<string, (turn: Turn, update: never, victor: Victor) => void> = {
  user_message_chunk: (turn, update: Chunk) => takeQuestion(turn, update.content.text ?? ""),
  agent_message_chunk: (turn, update: Chunk) => addText(turn, "text", update.content.text ?? ""),
  agent_thought_chunk: (turn, update: Chunk) => addText(turn, "thought", update.content.text ?? ""),
  plan: (turn, update: { entries: PlanEntry[] }) => {
    turn.plan = update.entries;
  },
  tool_call: takeTool,
  tool_call_update: takeTool,
  session_info_update: (turn, _, victor) => takeInfo(turn, victor),
};

function takeQuestion(turn: Turn, text: string): void {
  if (!turn.question && turn.parts.length === 0) {
    turn.question = text;
  } else {
    turn.parts.push({ kind: "steer", text });
  }
}

function addText(turn: Turn, kind: "text" | "thought", text: string): void {
  const last = turn.parts.at(-1);
  if (last?.kind === kind) {
    last.text += text;
  } else {
    turn.parts.push({ kind, text });
  }
}

function takeInfo(turn: Turn, victor: Victor): void {
  turn.context = victor.context ?? turn.context;
  turn.route = victor.route ?? turn.route;
  turn.usage = victor.usage ?? turn.usage;
  if (victor.receipt) {
    turn.receipts.push(victor.receipt);
  }
  if (victor.note) {
    turn.parts.push({ kind: "note", text: victor.note });
  }
  if (victor.compacted) {
    turn.parts.push({ kind: "note", text: "Earlier parts of this chat were summed up to make room." });
  }
  if (victor.stopReason) {
    Object.assign(turn, {
      ended: victor.stopReason,
      error: victor.error ?? null,
      citations: victor.citations ?? [],
    });
    interruptTools(turn);
  }
}

/** Of a call that was under way when the server ended nobody tells how it ended. */
function interruptTools(turn: Turn): void {
  for (const part of turn.parts) {
    if (part.kind === "tool" && part.outcome === "") {
      part.outcome = "interrupted";
    }
  }
}

function takeTool(turn: Turn, update: ToolUpdate, victor: Victor): void {
  const tool = toolOf(turn, update.toolCallId);
  tool.title = update.title ?? tool.title;
  tool.does = update.kind ?? tool.does;
  tool.status = update.status ?? tool.status;
  tool.outcome = victor.outcome ?? tool.outcome;
  tool.decided = victor.decided ?? tool.decided;
  tool.input = update.rawInput === undefined ? tool.input : JSON.stringify(update.rawInput, null, 2);
  tool.locations = update.locations?.map(({ path, line }) => ({ path, line: line ?? 0 })) ?? tool.locations;
  print(tool, victor.printed ?? "");
  for (const content of update.content ?? []) {
    if (content.type === "diff") {
      tool.diffs.push(content);
    } else {
      tool.result = content.content.text ?? "";
    }
  }
}

function toolOf(turn: Turn, id: string): ToolPart {
  const known = turn.parts.find((part): part is ToolPart => part.kind === "tool" && part.id === id);
  if (known) {
    return known;
  }
  const tool: ToolPart = {
    ...{ kind: "tool" as const, id, title: "", does: "other", status: "pending", outcome: "", decided: "" },
    ...{ input: "", printed: "", cut: 0, result: "", diffs: [], locations: [] },
  };
  turn.parts.push(tool);
  return tool;
}

function print(tool: ToolPart, more: string): void {
  const all = tool.printed + more;
  tool.cut += Math.max(0, all.length - MOST_PRINTED);
  tool.printed = all.slice(-MOST_PRINTED);
}
