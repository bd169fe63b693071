// What the status bar says in each state, for the eye and for the ear.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { IndexStatus, StatusResult } from "../src/protocol.ts";
import { statusEntry } from "../src/status/text.ts";

function status(change: Partial<StatusResult> = {}, index: Partial<IndexStatus> = {}): StatusResult {
  const one: IndexStatus = {
    root: "/code/shop",
    state: "ready",
    files_done: 3,
    files_total: 3,
    detail: "",
    ...index,
  };
  return {
    index: one,
    indexes: [one],
    route: {},
    offline: false,
    team: {},
    budget: {},
    mode: "",
    restricted: false,
    ...change,
  };
}

const RUNS = { state: "running", detail: "", problem: "" } as const;

test("each state of the server has its own words, not only an icon", () => {
  const said = (["starting", "restarting", "stopped", "failed"] as const).map((each) =>
    statusEntry({ state: each, detail: "", problem: "" }, undefined),
  );
  assert.equal(new Set(said.map((each) => each.text)).size, 4);
  assert.ok(said.every((each) => each.label.startsWith("Victor") && !each.label.includes("$(")));
  const failed = { state: "failed", detail: "It ended.", problem: "crashes" } as const;
  assert.equal(statusEntry(failed, undefined).label, "It ended.");
  assert.equal(statusEntry(failed, undefined).alarm, "error");
});

test("who has no program yet is told what to do, not that something failed", () => {
  const missing = { state: "failed", detail: "Not found.", problem: "missing" } as const;
  const { text, label, alarm } = statusEntry(missing, undefined);
  assert.deepEqual([text, label, alarm], ["$(tools) Victor: set up", "Set up Victor. Not found.", "warning"]);
});

test("the index counts, and is heard as words", () => {
  const entry = statusEntry(RUNS, status({}, { state: "indexing", files_done: 120, files_total: 400 }));
  assert.equal(entry.text, "$(sync~spin) Victor: 120/400");
  assert.equal(entry.label, "Victor is indexing: 120 of 400 files");
});

test("a ready index is quiet, and its details are in the tooltip", () => {
  const entry = statusEntry(RUNS, status({}, { files_total: 1 }));
  assert.deepEqual([entry.text, entry.alarm], ["$(check) Victor", ""]);
  assert.deepEqual(entry.details, ["Index of shop: ready, 1 file"]);
});

test("an error and a pause of the index are seen", () => {
  const error = statusEntry(RUNS, status({}, { state: "error", detail: "The disk is full." }));
  assert.deepEqual([error.text, error.alarm], ["$(warning) Victor: index error", "warning"]);
  assert.ok(error.label.includes("The disk is full."));
  assert.equal(statusEntry(RUNS, status({}, { state: "paused" })).text, "$(debug-pause) Victor: paused");
});

test("a folder that the editor does not trust is said", () => {
  assert.match(statusEntry(RUNS, status({ restricted: true })).details.join(" "), /not trusted/);
});

test("offline, local and cloud are three texts", () => {
  const route = { profile: "default", model: "m", reason: "routine", leavesMachine: false };
  const texts = [
    status({ offline: true, route }),
    status({ route }),
    status({ route: { ...route, leavesMachine: true } }),
  ].map((each) => statusEntry(RUNS, each).text);
  assert.deepEqual(texts, ["$(check) Victor: offline", "$(check) Victor: local", "$(check) Victor: cloud"]);
});

test("what is said beside the index stands behind it, and the usual mode is not said", () => {
  const indexing = status(
    { offline: true, mode: "plan" },
    { state: "indexing", files_done: 1, files_total: 9 },
  );
  assert.equal(statusEntry(RUNS, indexing).text, "$(sync~spin) Victor: 1/9, offline, plan");
  assert.equal(statusEntry(RUNS, status({ mode: "build" })).text, "$(check) Victor");
  assert.match(statusEntry(RUNS, status({ mode: "build" })).details.join(" "), /Mode build/);
});

test("a budget is seen when little is left, and its numbers always stand in the tooltip", () => {
  const budget = (left: number) => ({ name: "day", unit: "usd", limit: 10, used: 10 - left, left });
  const much = statusEntry(RUNS, status({ mode: "ask", budget: budget(9) }));
  assert.equal(much.text, "$(check) Victor: ask");
  assert.ok(much.details.includes("Budget day: $1.00 of $10.00 used"));
  const little = statusEntry(RUNS, status({ mode: "ask", budget: budget(1.5) }));
  assert.equal(little.text, "$(check) Victor: ask, budget 15 %");
  assert.equal(little.alarm, "warning");
  assert.equal(little.label, "Victor: the index is ready, 3 files; mode ask; 15 percent of the budget left");
});

test("a team's backend is in the line only where something is to be known of it", () => {
  const attached = { url: "https://v.example", state: "attached", tenant: "core", user: "ada", backlog: 0 };
  const quiet = statusEntry(RUNS, status({ team: { ...attached, trouble: "" } }));
  assert.deepEqual([quiet.text, quiet.alarm], ["$(check) Victor", ""]);
  assert.ok(quiet.details.includes("Team core at https://v.example as ada: attached"));
  const away = statusEntry(
    RUNS,
    status({ team: { ...attached, state: "away", backlog: 2, trouble: "Gone." } }),
  );
  assert.deepEqual([away.text, away.alarm], ["$(check) Victor: team away", ""]);
  assert.match(away.details.join(" "), /2 records to deliver\. Gone\./);
  const login = statusEntry(RUNS, status({ team: { ...attached, state: "login_needed", trouble: "" } }));
  assert.deepEqual([login.text, login.alarm], ["$(check) Victor: team: log in", "warning"]);
  const changed = statusEntry(RUNS, status({ team: { ...attached, trouble: "The log shrank." } }));
  assert.deepEqual([changed.text, changed.alarm], ["$(check) Victor: team trouble", "warning"]);
});
