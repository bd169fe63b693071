// What the status bar says in each state, for the eye and for the ear.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { IndexStatus, StatusResult } from "../src/protocol.ts";
import { routeEntry, serverEntry } from "../src/status/text.ts";

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

test("each state of the server has its own words, not only an icon", () => {
  const said = (["starting", "restarting", "stopped", "failed"] as const).map((each) =>
    serverEntry(each, "", undefined),
  );
  assert.equal(new Set(said.map((each) => each.text)).size, 4);
  assert.ok(said.every((each) => each.label.startsWith("Victor") && !each.label.includes("$(")));
  assert.equal(serverEntry("failed", "Not found.", undefined).label, "Not found.");
  assert.equal(serverEntry("failed", "", undefined).alarm, "error");
});

test("the index counts, and is heard as words", () => {
  const entry = serverEntry(
    "running",
    "",
    status({}, { state: "indexing", files_done: 120, files_total: 400 }),
  );
  assert.equal(entry.text, "$(sync~spin) Victor: 120/400");
  assert.equal(entry.label, "Victor is indexing: 120 of 400 files");
});

test("a ready index is quiet, and its details are in the tooltip", () => {
  const entry = serverEntry("running", "", status({}, { files_total: 1 }));
  assert.deepEqual([entry.text, entry.alarm], ["$(check) Victor", ""]);
  assert.deepEqual(entry.details, ["Index of shop: ready, 1 file"]);
});

test("an error and a pause of the index are seen", () => {
  const error = serverEntry("running", "", status({}, { state: "error", detail: "The disk is full." }));
  assert.deepEqual([error.text, error.alarm], ["$(warning) Victor: index error", "warning"]);
  assert.ok(error.label.includes("The disk is full."));
  assert.equal(
    serverEntry("running", "", status({}, { state: "paused" })).text,
    "$(debug-pause) Victor: paused",
  );
});

test("a folder that the editor does not trust is said", () => {
  assert.match(serverEntry("running", "", status({ restricted: true })).details.join(" "), /not trusted/);
});

test("offline, local and cloud are three texts", () => {
  const route = { profile: "default", model: "m", reason: "routine", leavesMachine: false };
  const texts = [
    status({ offline: true, route }),
    status({ route }),
    status({ route: { ...route, leavesMachine: true } }),
  ].map((each) => routeEntry("running", each)?.text);
  assert.deepEqual(texts, ["$(circle-slash) offline", "$(vm) local", "$(cloud) cloud"]);
});

test("there is no second entry while there is nothing to say", () => {
  assert.equal(routeEntry("running", status()), undefined);
  assert.equal(routeEntry("starting", status({ offline: true })), undefined);
});

test("a budget is seen when little is left, and its numbers always stand in the tooltip", () => {
  const budget = (left: number) => ({ name: "day", unit: "usd", limit: 10, used: 10 - left, left });
  const much = routeEntry("running", status({ mode: "ask", budget: budget(9) }));
  assert.equal(much?.text, "$(question) ask");
  assert.ok(much?.details.includes("Budget day: $1.00 of $10.00 used"));
  const little = routeEntry("running", status({ mode: "ask", budget: budget(1.5) }));
  assert.equal(little?.text, "$(question) ask  $(warning) budget 15 %");
  assert.equal(little?.alarm, "warning");
  assert.equal(little?.label, "Victor: mode ask, 15 percent of the budget left");
});
