import assert from "node:assert/strict";
import { test } from "node:test";
import { toServerError } from "../src/server/failures.ts";

test("what the server answers is told in its own words", () => {
  for (const code of [-32601, -32602, -32603, -32803, 4]) {
    const error = toServerError({
      code,
      message: "No such chat.",
      data: { kind: "usage", fix: "List them." },
    });
    assert.deepEqual([error.message, error.kind, error.fix], ["No such chat.", "usage", "List them."]);
  }
});

test("a connection that ended is told as such", () => {
  for (const code of [-32099, -32098, -32097, -32096]) {
    assert.equal(toServerError({ code, message: "Pending response rejected" }).kind, "unavailable");
  }
});

test("what was cancelled is no fault", () => {
  assert.equal(toServerError({ code: -32800, message: "Cancelled" }).kind, "cancelled");
});
