// What is said of changes that can be taken back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { about, ago, doneInWords } from "../src/checkpoints/words.ts";
import type { CheckpointItem, CheckpointRestoredFile } from "../src/protocol.ts";
import { repositoryFor } from "../src/scm/repositories.ts";

const NOW = new Date("2026-03-01T12:00:00Z");
const before = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

test("times are said roughly", () => {
  assert.deepEqual(
    [0, 5, 59, 60, 150].map((each) => ago(before(each), NOW)),
    ["just now", "5 min ago", "59 min ago", "1 h ago", "2 h ago"],
  );
});

test("a checkpoint says when, how much, and whether it was taken back", () => {
  const file = { uri: "file:///a", path: "a", change: "change", state: "applied" } as const;
  const item: CheckpointItem = {
    id: "1",
    title: "Names",
    created: before(3).toISOString(),
    folder: "/",
    kind: "edit",
    undone: true,
    restores: [],
    sessionId: "",
    turnId: "",
    editId: "",
    files: [file, file],
  };
  assert.equal(about(item, NOW), "3 min ago · 2 files · taken back");
});

test("a restore says what it did, what is to be decided, and what was left", () => {
  const file = (path: string, how: CheckpointRestoredFile["how"], why = "") => ({ uri: "", path, how, why });
  const said = (...files: CheckpointRestoredFile[]) => doneInWords({ ids: [], editId: "", files });
  assert.equal(said(file("a.py", "restored")), "Restored a.py.");
  assert.equal(
    said(file("a", "restored"), file("b", "restored"), file("c", "conflict")),
    "Restored 2 files. You have changed c since: choose in the review.",
  );
  assert.equal(said(file("a", "refused", "It is read-only.")), "a was left as it is. It is read-only.");
  assert.equal(said(file("a", "unchanged")), "Nothing to do: the files are so already.");
});

test("a commit message is for the repository that was named, the only one, or the selected one", () => {
  const repository = (rootUri: string, selected = false) => ({
    rootUri,
    inputBox: { value: "" },
    ui: { selected },
  });
  const [one, two] = [repository("one"), repository("two", true)];
  assert.equal(repositoryFor([one, two], "one"), one);
  assert.equal(repositoryFor([one, two], undefined), two);
  assert.equal(repositoryFor([one], undefined), one);
  assert.equal(repositoryFor([one, repository("three")], undefined), undefined);
});
