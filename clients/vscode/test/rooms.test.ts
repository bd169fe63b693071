// Who may import whom: features know the server's connection and what all share, and nothing of each other.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

/** A file, and what it imports: files of ours by their path from here, libraries by their name. */
const IMPORTS: readonly (readonly [string, readonly string[]])[] = globSync("{src,webview}/**/*.ts").map(
  (file) => [file, importsOf(file)],
);

/** What stands beside the rooms serves them all, and knows at most what an error of the server is. */
const SHARED = /^src\/[\w-]+\.ts$/;

/** What the view takes of the extension: words that both sides have, nothing that does something in the editor. */
const OF_BOTH_SIDES = ["src/chat/links.ts", "src/chat/messages.ts", "src/protocol.ts"];

test("a room imports itself, the server's room and what is shared", () => {
  const wrong = pairs((file) => roomOf(file).startsWith("src/")).filter(([file, imported]) => {
    const room = roomOf(imported);
    return room.startsWith("src/") && room !== roomOf(file) && room !== "src/server";
  });
  assert.deepEqual(wrong, []);
});

test("what is shared knows no room but for the server's errors", () => {
  const shared = (file: string) => SHARED.test(file) && file !== "src/extension.ts";
  const wrong = pairs(shared).filter(([, imported]) => roomOf(imported).startsWith("src/"));
  assert.deepEqual(wrong, [["src/telling.ts", "src/server/failures.ts"]]);
});

test("the server's library has one door", () => {
  const wrong = pairs((file) => roomOf(file) !== "src/server").filter(([, imported]) =>
    imported.startsWith("vscode-languageclient"),
  );
  assert.deepEqual(wrong, []);
});

test("the view knows nothing of the editor, and of the extension only what both sides say", () => {
  const wrong = pairs((file) => file.startsWith("webview/")).filter(
    ([, imported]) =>
      imported === "vscode" ||
      imported.startsWith("node:") ||
      (imported.startsWith("src/") && !OF_BOTH_SIDES.includes(imported)),
  );
  assert.deepEqual(wrong, []);
  const reached = pairs((file) => OF_BOTH_SIDES.includes(file)).filter(
    ([, imported]) => imported.startsWith("src/") && imported !== "src/protocol.ts",
  );
  assert.deepEqual(reached, []);
  assert.deepEqual(
    pairs((file) => file.startsWith("src/")).filter(([, imported]) => imported.startsWith("webview/")),
    [],
  );
});

function pairs(which: (file: string) => boolean): [string, string][] {
  return IMPORTS.filter(([file]) => which(file)).flatMap(([file, all]) =>
    all.map((imported): [string, string] => [file, imported]),
  );
}

/** `src/chat` for `src/chat/talk.ts`; `src` for what is shared, and an empty one for libraries. */
function roomOf(file: string): string {
  return file.endsWith(".ts") ? dirname(file).split("/").slice(0, 2).join("/") : "";
}

function importsOf(file: string): string[] {
  const found = readFileSync(file, "utf-8").matchAll(/(?:from|import\(|^import) ?"([^"]+)"/gm);
  return [...found].map(([, name = ""]) => (name.startsWith(".") ? join(dirname(file), name) : name));
}
