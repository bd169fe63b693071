// The manifest names only what there is: a menu or a key for a command that nobody declared would do nothing.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

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
