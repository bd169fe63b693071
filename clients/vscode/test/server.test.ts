// Where the server is looked for, when it is started again, and what it is told.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { MOST_STARTS, WITHIN_MS, waitBeforeStart } from "../src/server/backoff.ts";
import { candidates, type Surroundings } from "../src/server/candidates.ts";
import { inWords, toServerError } from "../src/server/failures.ts";
import { lineReader } from "../src/server/logLines.ts";
import { forServer, nested } from "../src/server/settings.ts";
import { turns } from "../src/server/turns.ts";

const AROUND: Surroundings = {
  setting: null,
  folders: ["/code/shop"],
  trusted: true,
  home: "/home/ada",
  managed: "/data/environment",
  windows: false,
  searchPath: "/usr/bin:/opt/bin",
  path: path.posix,
};

function commands(change: Partial<Surroundings> = {}): string[] {
  return candidates({ ...AROUND, ...change }).map((each) => each.command);
}

test("the workspace's environment comes before PATH, and Victor's own last", () => {
  assert.deepEqual(commands(), [
    "/code/shop/.venv/bin/victor",
    "/code/shop/venv/bin/victor",
    "/usr/bin/victor",
    "/opt/bin/victor",
    "/data/environment/bin/victor",
  ]);
});

test("a folder that is not trusted is not looked into, nor what PATH has of it", () => {
  const searchPath = "/code/shop/bin:/code/shop/..bin:.:relative/bin:/usr/bin";
  assert.deepEqual(commands({ trusted: false, searchPath }), [
    "/usr/bin/victor",
    "/data/environment/bin/victor",
  ]);
});

test("a relative folder of PATH is the workspace's word and never counts", () => {
  assert.ok(!commands({ searchPath: ".:bin" }).some((each) => each === "victor" || each === "bin/victor"));
});

test("who names a program means that one and no other", () => {
  const found = candidates({ ...AROUND, setting: ["~/bin/victor", "lsp", "--verbose"] });
  assert.deepEqual(found, [
    { origin: "setting", command: "/home/ada/bin/victor", args: ["lsp", "--verbose"] },
  ]);
});

test("a bare name is looked for in PATH, and serves without more words", () => {
  const found = candidates({ ...AROUND, setting: ["victor-next"] });
  assert.deepEqual(
    found.map((each) => [each.command, ...each.args]),
    [
      ["/usr/bin/victor-next", "lsp"],
      ["/opt/bin/victor-next", "lsp"],
    ],
  );
});

test("a path within the workspace needs a trusted workspace", () => {
  assert.deepEqual(commands({ setting: ["./tools/victor"] }), ["/code/shop/tools/victor"]);
  assert.deepEqual(commands({ setting: ["./tools/victor"], trusted: false }), []);
});

test("on Windows programs have their ending and their folder", () => {
  const windows = {
    windows: true,
    path: path.win32,
    searchPath: "C:\\tools;D:\\bin",
    folders: ["C:\\code"],
    managed: "C:\\data\\environment",
  };
  assert.deepEqual(commands(windows), [
    "C:\\code\\.venv\\Scripts\\victor.exe",
    "C:\\code\\venv\\Scripts\\victor.exe",
    "C:\\tools\\victor.exe",
    "D:\\bin\\victor.exe",
    "C:\\data\\environment\\Scripts\\victor.exe",
  ]);
  assert.deepEqual(commands({ ...windows, trusted: false }), [
    "C:\\tools\\victor.exe",
    "D:\\bin\\victor.exe",
    "C:\\data\\environment\\Scripts\\victor.exe",
  ]);
});

test("a server that ends is started again, later each time, and given up in the end", () => {
  const ended: number[] = [];
  const waits: (number | undefined)[] = [];
  for (let i = 0; i <= MOST_STARTS; i++) {
    ended.push(1_000 + i);
    waits.push(waitBeforeStart(ended, 1_000 + i));
  }
  assert.deepEqual(waits, [250, 500, 1_000, 2_000, 4_000, undefined]);
});

test("what ended long ago is forgotten", () => {
  const ended = [0, 1, 2, 3, 4, WITHIN_MS + 10];
  assert.equal(waitBeforeStart(ended, WITHIN_MS + 10), 250);
});

test("one thing is done at a time, and of those that wait only the last", async () => {
  const turn = turns();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turn(async () => {
    order.push("first begins");
    await gate.promise;
    order.push("first ends");
  });
  const skipped = turn(async () => void order.push("second"));
  const last = turn(async () => void order.push("third"));
  gate.resolve();
  await Promise.all([first, skipped, last]);
  assert.deepEqual(order, ["first begins", "first ends", "third"]);
});

test("a turn that fails does not keep the next one", async () => {
  const turn = turns();
  const order: string[] = [];
  const failing = turn(() => Promise.reject(new Error("no")));
  const next = turn(async () => void order.push("next"));
  await assert.rejects(failing, /no/);
  await next;
  await turn(async () => void order.push("later"));
  assert.deepEqual(order, ["next", "later"]);
});

test("the server is told what somebody has set, and nothing of the extension's own", () => {
  const settings = {
    editor: { command: ["victor"] },
    index: { enabled: false, workers: null, exclude: [] },
    log: { level: null },
    lazy_loading: null,
  };
  assert.deepEqual(forServer(settings), { index: { enabled: false, exclude: [] } });
  assert.deepEqual(forServer(null), {});
});

test("dotted names become an object of objects, whatever they are called", () => {
  assert.deepEqual(
    JSON.parse(
      JSON.stringify(
        nested([
          ["a.b", 1],
          ["a.c", 2],
          ["d", 3],
        ]),
      ),
    ),
    { a: { b: 1, c: 2 }, d: 3 },
  );
  nested([["__proto__.polluted", true]]);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test("a line of the server's log has its level, and so has what belongs to it", () => {
  const read = lineReader();
  assert.deepEqual(read("2026-01-02 03:04:05,678 WARNING victor.index: slow"), {
    level: "warn",
    text: "victor.index: slow",
  });
  assert.deepEqual(read("  scan.py:12 walk"), { level: "warn", text: "  scan.py:12 walk" });
  assert.deepEqual(lineReader()("listening"), { level: "info", text: "listening" });
});

test("an error says what to do next, and one of the connection is not taken for the server's", () => {
  const refused = { code: -32803, message: "Offline.", data: { kind: "offline_blocked", fix: "Go online." } };
  assert.equal(inWords(refused), "Offline. Go online.");
  assert.equal(toServerError(refused).kind, "offline_blocked");
  assert.equal(toServerError({ code: -32097, message: "Pending response rejected" }).kind, "unavailable");
  assert.equal(toServerError({ code: -32002, message: "not initialized" }).message, "not initialized");
  assert.equal(toServerError({ code: -32800, message: "x" }).kind, "cancelled");
});
