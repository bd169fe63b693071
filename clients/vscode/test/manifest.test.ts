// The manifest names only what there is: a menu or a key for a command that nobody declared would do nothing.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { withoutLinks } from "../src/withoutLinks.ts";

const { contributes } = JSON.parse(readFileSync("package.json", "utf-8"));
const declared = new Set<string>(contributes.commands.map(({ command }: { command: string }) => command));
const source = globSync("src/**/*.ts")
  .map((file) => readFileSync(file, "utf-8"))
  .join("\n");

test("every command of a menu or a key is declared", () => {
  const used = [...Object.values(contributes.menus).flat(), ...contributes.keybindings] as {
    command?: string;
  }[];
  const unknown = used
    .map(({ command }) => command)
    .filter((each) => each?.startsWith("victor.") && !declared.has(each));
  assert.deepEqual(unknown, []);
});

test("every command that is declared is registered", () => {
  assert.deepEqual(
    [...declared].filter((each) => !source.includes(`"${each}"`)),
    [],
  );
});

test("commands bear Victor's name, and one word that the server's own do not have", () => {
  for (const { command, category, title } of contributes.commands) {
    assert.match(command, /^victor\.[a-z]+[A-Za-z]*$/);
    assert.equal(category, "Victor", command);
    assert.doesNotMatch(title, /^Victor/, command);
  }
});

test("keys of ours are chords, or hold only where Victor has something to do", () => {
  for (const { command, key, when } of contributes.keybindings) {
    assert.ok(key.includes(" ") || when?.includes("victor."), command);
  }
});

test("messages go by way of notices.ts, which makes no link of anybody's words", () => {
  const others = globSync("src/**/*.ts").filter((file) => !file.endsWith("notices.ts"));
  const direct = others.filter((file) => /window\.show\w+Message\b/.test(readFileSync(file, "utf-8")));
  assert.deepEqual(direct, []);
  const text = withoutLinks("Restored [a](command:x) and [b](https://evil.example).");
  assert.equal(text, "Restored [a] (command:x) and [b] (https://evil.example).");
});
