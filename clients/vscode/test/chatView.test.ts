// What the chat view makes of updates: one turn after the other, whatever order they come in.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatUpdateParams } from "../src/protocol.ts";
import { changedLines } from "../webview/chat/lines.ts";
import { addTurn, MOST_PRINTED, newThread, type ToolPart, take } from "../webview/chat/state.ts";

let seq = 0;
const update = (
  body: Record<string, unknown>,
  victor: Record<string, unknown> = {},
  turnId = "t",
): ChatUpdateParams => ({
  sessionId: "s",
  update: body,
  _meta: { victor: { seq: ++seq, turnId, ...victor } },
});
const says = (kind: string, text: string, turnId = "t") =>
  update({ sessionUpdate: kind, content: { type: "text", text } }, {}, turnId);
const info = (victor: Record<string, unknown>, turnId = "t") =>
  update({ sessionUpdate: "session_info_update" }, victor, turnId);

test("a live question gets the turn that the server tells of first", () => {
  const thread = newThread();
  addTurn(thread, "why?");
  take(thread, says("agent_message_chunk", "Be"));
  take(thread, says("agent_message_chunk", "cause."));
  assert.deepEqual(
    thread.turns.map(({ id, question, parts }) => [id, question, parts]),
    [["t", "why?", [{ kind: "text", text: "Because." }]]],
  );
});

test("what is loaded has its questions, and what was added later apart from them", () => {
  const thread = newThread();
  take(thread, says("user_message_chunk", "why?"));
  take(thread, says("agent_message_chunk", "Hm."));
  take(thread, says("user_message_chunk", "be quick"));
  take(thread, info({ stopReason: "interrupted", citations: [], error: null }));
  const [turn] = thread.turns;
  assert.equal(turn?.question, "why?");
  assert.deepEqual(turn?.parts.at(-1), { kind: "steer", text: "be quick" });
  assert.equal(turn?.ended, "interrupted");
});

test("an update that was taken before is not taken again", () => {
  const thread = newThread();
  const one = says("agent_message_chunk", "a");
  take(thread, one);
  assert.equal(take(thread, one), null);
  assert.deepEqual(thread.turns[0]?.parts, [{ kind: "text", text: "a" }]);
});

test("a turn that is asked again stands for the one before", () => {
  const thread = newThread();
  take(thread, says("user_message_chunk", "why?", "old"));
  addTurn(thread, "why?");
  take(thread, info({ retried: "old" }, "new"));
  assert.deepEqual(
    thread.turns.map(({ id }) => id),
    ["new"],
  );
});

test("a tool of a turn that has ended does not run any more", () => {
  const thread = newThread();
  const call = { sessionUpdate: "tool_call", toolCallId: "c", title: "Run make", status: "in_progress" };
  take(thread, update(call));
  take(thread, update({ sessionUpdate: "session_info_update" }, { stopReason: "interrupted" }));
  const tool = thread.turns[0]?.parts[0];
  assert.equal(tool?.kind === "tool" && tool.outcome, "interrupted");
});

test("a tool has one card, whose output is bounded", () => {
  const thread = newThread();
  const tool = (body: Record<string, unknown>, victor = {}) =>
    take(thread, update({ sessionUpdate: "tool_call_update", toolCallId: "c", ...body }, victor));
  tool({
    sessionUpdate: "tool_call",
    title: "run_command",
    status: "pending",
    rawInput: { command: "make" },
  });
  tool({ title: "Run make", kind: "execute", status: "in_progress" });
  tool({ status: "in_progress" }, { printed: "x".repeat(MOST_PRINTED) });
  tool({ status: "in_progress" }, { printed: "end" });
  const content = [
    { type: "diff", path: "/w/a", oldText: "1\n", newText: "2\n" },
    { type: "content", content: { type: "text", text: "Exit code 0" } },
  ];
  tool({ status: "completed", content }, { outcome: "completed", decided: "Allowed." });
  const parts = thread.turns[0]?.parts ?? [];
  assert.equal(parts.length, 1);
  const card = parts[0] as ToolPart;
  assert.equal(card.title, "Run make");
  assert.equal(card.printed.length, MOST_PRINTED);
  assert.ok(card.printed.endsWith("end"));
  assert.equal(card.cut, 3);
  assert.equal(card.result, "Exit code 0");
  assert.equal(card.diffs.length, 1);
});

test("the lines of a change are those between what is the same above and below", () => {
  assert.deepEqual(changedLines("a\nb\nc\n", "a\nx\ny\nc\n"), { removed: ["b"], added: ["x", "y"], left: 0 });
  assert.deepEqual(changedLines("", "a\n"), { removed: [], added: ["a"], left: 0 });
  assert.deepEqual(changedLines("a\na\n", "a\n"), { removed: ["a"], added: [], left: 0 });
  assert.equal(changedLines("", "a\n".repeat(40)).left, 10);
});
