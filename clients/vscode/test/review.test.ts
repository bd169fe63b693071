// Hunks are found, followed, put in and taken out as the server says.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EditFile, EditHunk, EditItem } from "../src/protocol.ts";
import {
  hunkAt,
  hunkBeyond,
  hunkFrom,
  openHunks,
  placedIn,
  requestsFor,
  unfinished,
  withTexts,
} from "../src/review/edits.ts";
import { moved, movedLines } from "../src/review/follow.ts";
import { isAsItIs, sideOf } from "../src/review/sides.ts";
import { gist, marked, place, size } from "../src/review/words.ts";

const URI = "file:///shop/prices.py";

function hunk(id: string, start: number, end: number, more: Partial<EditHunk> = {}): EditHunk {
  const range = { start: { line: start, character: 0 }, end: { line: end, character: 0 } };
  return {
    id,
    state: "proposed",
    range,
    oldLines: end - start,
    newLines: 1,
    oldText: "",
    newText: "",
    reason: "",
    ...more,
  };
}

function edit(...hunks: EditHunk[]): EditItem {
  const file: EditFile = { uri: URI, path: "prices.py", kind: "change", hunks, toUri: null, problems: [] };
  return {
    id: "e1",
    title: "Names",
    root: "/shop",
    madeAt: "2026-01-01T00:00:00Z",
    files: [file],
    sessionId: "",
    turnId: "",
    callId: "",
    assist: "",
  };
}

test("open hunks stand in their file from its top, others nowhere", () => {
  const all = edit(
    hunk("b", 7, 8),
    hunk("a", 2, 3, { state: "applied" }),
    hunk("c", 9, 9, { state: "kept" }),
  );
  assert.deepEqual(
    placedIn([all], URI).map((each) => each.hunk.id),
    ["a", "b"],
  );
  assert.deepEqual(placedIn([all], "file:///other"), []);
  assert.equal(openHunks([all]).length, 2);
});

test("an edit of which all was decided is finished; a stale hunk is not", () => {
  assert.equal(unfinished([edit(hunk("a", 0, 1, { state: "kept" }))]).length, 0);
  assert.equal(unfinished([edit(hunk("a", 0, 1, { state: "stale", range: null }))]).length, 1);
});

test("texts that were fetched stay when an edit is told without them", () => {
  const now = withTexts(
    edit(hunk("a", 4, 5, { newText: null, oldText: null })),
    edit(hunk("a", 0, 1, { newText: "x\n" })),
  );
  assert.equal(now.files[0]?.hunks[0]?.newText, "x\n");
  assert.equal(now.files[0]?.hunks[0]?.range?.start.line, 4);
});

test("the cursor is on a hunk in its lines, and beside the place of one that adds lines", () => {
  const placed = placedIn([edit(hunk("a", 2, 4), hunk("b", 8, 8))], URI);
  const at = (line: number) => hunkAt(placed, line)?.hunk.id;
  assert.deepEqual([1, 2, 3, 4, 6, 7, 8, 9].map(at), [
    undefined,
    "a",
    "a",
    undefined,
    undefined,
    "b",
    "b",
    undefined,
  ]);
});

test("next and previous go from hunk to hunk, and on to the next file", () => {
  const all = edit(hunk("a", 2, 4), hunk("b", 8, 9));
  const placed = placedIn([all], URI);
  const from = (line: number, way: 1 | -1) => hunkFrom(placed, line, way)?.hunk.id;
  assert.deepEqual([from(0, 1), from(2, 1), from(8, 1)], ["a", "b", undefined]);
  assert.deepEqual([from(9, -1), from(8, -1), from(2, -1)], ["b", "a", undefined]);
  const made: EditFile = {
    ...(all.files[0] as EditFile),
    uri: "file:///new",
    kind: "create",
    hunks: [hunk("c", 0, 0)],
  };
  const edits = [{ ...all, files: [...all.files, made] }];
  const beyond = (uri: string, way: 1 | -1) => hunkBeyond(edits, uri, way)?.hunk.id;
  assert.deepEqual([beyond(URI, 1), beyond("file:///new", 1), beyond("file:///new", -1)], ["c", "a", "b"]);
  assert.equal(hunkBeyond([all], URI, 1)?.hunk.id, "a");
  assert.equal(hunkBeyond([], URI, 1), undefined);
});

test("what is in the file is kept or undone, what is not is accepted or rejected", () => {
  const all = edit(hunk("a", 0, 1), hunk("b", 2, 3, { state: "applied" }), hunk("c", 4, 5));
  const accepted = requestsFor(openHunks([all]), "accept");
  assert.deepEqual(
    accepted.map(({ decision, hunks }) => [decision, hunks]),
    [
      ["accept", ["a", "c"]],
      ["keep", ["b"]],
    ],
  );
  const rejected = requestsFor(openHunks([all]), "reject", "Too long.");
  assert.deepEqual(
    rejected.map(({ decision, reason }) => [decision, reason]),
    [
      ["reject", "Too long."],
      ["undo", "Too long."],
    ],
  );
});

test("lines move with what is typed above them, and grow with what is typed in them", () => {
  const enter = (line: number, character: number) => ({
    startLine: line,
    endLine: line,
    endCharacter: character,
    newLines: 1,
  });
  assert.deepEqual(movedLines(5, 7, enter(2, 3)), [6, 8]);
  assert.deepEqual(movedLines(5, 7, enter(5, 0)), [6, 8]);
  assert.deepEqual(movedLines(5, 7, enter(5, 2)), [5, 8]);
  assert.deepEqual(movedLines(5, 7, enter(7, 0)), [5, 7]);
  assert.deepEqual(movedLines(5, 7, { startLine: 1, endLine: 3, endCharacter: 0, newLines: 0 }), [3, 5]);
  assert.deepEqual(movedLines(5, 7, { startLine: 4, endLine: 9, endCharacter: 0, newLines: 0 }), [4, 4]);
});

test("only the hunks of the document that was typed in move", () => {
  const typed = [{ startLine: 0, endLine: 0, endCharacter: 0, newLines: 2 }];
  const line = (uri: string) =>
    moved(edit(hunk("a", 3, 4)), uri, typed).files[0]?.hunks[0]?.range?.start.line;
  assert.equal(line(URI), 5);
  assert.equal(line("file:///other"), 3);
});

test("a diff has the file without the edit on one side and with it on the other", () => {
  const proposed = hunk("a", 1, 2, { oldText: "two\n", newText: "2\nii\n" });
  const applied = hunk("b", 3, 4, { state: "applied", oldText: "", newText: "FOUR\n" });
  const placed = placedIn([edit(proposed, applied)], URI);
  const text = "one\ntwo\nthree\nFOUR\nfive";
  assert.equal(sideOf(text, placed, "without").text, "one\ntwo\nthree\nfive");
  const after = sideOf(text, placed, "with");
  assert.equal(after.text, "one\n2\nii\nthree\nFOUR\nfive");
  assert.deepEqual(
    after.hunks.map(({ start, end }) => [start, end]),
    [
      [1, 3],
      [4, 5],
    ],
  );
});

test("a side that needs no change is the document itself", () => {
  const proposed = placedIn([edit(hunk("a", 0, 1))], URI);
  assert.equal(isAsItIs(proposed, "without"), true);
  assert.equal(isAsItIs(proposed, "with"), false);
});

test("lines keep their ends, whichever these are", () => {
  const placed = placedIn([edit(hunk("a", 1, 2, { newText: "B\r\n" }))], URI);
  assert.equal(sideOf("a\r\nb\r\nc", placed, "with").text, "a\r\nB\r\nc");
});

test("places and sizes are said as a person counts", () => {
  const said = (one: EditHunk) => place({ edit: edit(one), file: edit(one).files[0] as EditFile, hunk: one });
  assert.equal(said(hunk("a", 3, 4)), "Line 4");
  assert.equal(said(hunk("a", 3, 6)), "Lines 4–6");
  assert.equal(said(hunk("a", 3, 3)), "After line 3");
  assert.equal(said(hunk("a", 0, 0)), "Before line 1");
  assert.equal(size(hunk("a", 0, 2, { newLines: 3 })), "+3 −2");
  assert.equal(gist(hunk("a", 0, 1, { newText: "\n  total = 0\n" })), "total = 0");
});

test("a long text is shown in part, and says so", () => {
  assert.equal(marked("+", "a\nb\n", 5), "+a\n+b");
  assert.equal(marked("-", "a\nb\nc\n", 1), "-a\n … 2 more lines: show the diff");
});
