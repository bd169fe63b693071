// The mirror is usable as it is generated.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Method, PROTOCOL_VERSION } from "../src/protocol.ts";

test("methods are those of the server", () => {
  assert.equal(Method.chatPrompt, "victor/chat/prompt");
  assert.ok(Object.values(Method).every((each) => each.startsWith("victor/")));
  assert.equal(PROTOCOL_VERSION, 1);
});
