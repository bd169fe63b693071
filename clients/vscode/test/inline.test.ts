// What is being written is compared with what stands there, line by line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { offered, remembered } from "../src/inline/history.ts";
import { diffText, lineDiff } from "../src/inline/lineDiff.ts";

const OLD = ["def total(items):\n", "    result = 0\n", "    return result\n"];
const NEW = ["def total(items):\n", "    amount = 0\n", "    return amount\n"];

const signs = (old: readonly string[], now: readonly string[], isDone = false) =>
  lineDiff(old, now, isDone)
    .map(({ sign }) => (sign === "ahead" ? "?" : sign))
    .join("");

test("what the writing has not come to is ahead, not gone", () => {
  assert.equal(signs(OLD, []), "???");
  assert.equal(signs(OLD, NEW.slice(0, 1)), " ??");
  assert.equal(signs(OLD, NEW.slice(0, 2)), " +??");
});

test("at the end what is left goes", () => {
  assert.equal(signs(OLD, NEW.slice(0, 1), true), " --");
  assert.equal(signs(OLD, OLD, true), "   ");
  assert.equal(signs([], NEW, true), "+++");
});

test("each diff holds both texts in their order", () => {
  const lines = ["a\n", "b\n", "c\n"];
  for (let n = 0; n < 729; n += 1) {
    const of = (from: number) => [0, 1, 2].map((i) => lines[Math.floor(n / 3 ** (from + i)) % 3] as string);
    const [old, now] = [of(0), of(3)];
    const diff = lineDiff(old, now, true);
    assert.deepEqual(
      diff.filter(({ sign }) => sign !== "+").map(({ text }) => text),
      old,
    );
    assert.deepEqual(
      diff.filter(({ sign }) => sign !== "-").map(({ text }) => text),
      now,
    );
  }
});

test("of many lines the last written ones are shown", () => {
  const now = Array.from({ length: 50 }, (_, i) => `${i}\n`);
  const shown = diffText(lineDiff([], now, false), 10).split("\n");
  assert.deepEqual([shown[0], shown[1], shown.at(-1)], [" … 40 lines above", "+40", "+49"]);
  assert.equal(diffText(lineDiff(OLD, [], false), 2), ` ${OLD[0]} ${OLD[1]}`.trimEnd().replace(/\n /, "\n "));
});

test("own words come first, then what was asked before and holds them", () => {
  assert.deepEqual(offered(" names ", ["better names", "add types"]), ["names", "better names"]);
  assert.deepEqual(offered("", ["better names"]), ["better names"]);
  assert.deepEqual(remembered(["a", "b"], "b"), ["b", "a"]);
  assert.equal(remembered(Array.from({ length: 40 }, String), "x").length, 30);
});
