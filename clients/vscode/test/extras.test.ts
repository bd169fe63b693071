// Pages to read, command lines and the sample: what is made of others' words stays text.

import assert from "node:assert/strict";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { commandLine } from "../src/extras/commandLine.ts";
import { doctorPage } from "../src/extras/doctorText.ts";
import { plain, prose, table } from "../src/extras/markdown.ts";
import { installArguments, lastWords, pythonNames, readPython } from "../src/extras/pythons.ts";
import { sampleText } from "../src/extras/sampleText.ts";
import { usagePage } from "../src/extras/usageText.ts";

const HOSTILE = "<img src=x> [a](command:b) ![c](http://d) `e` **f** | g\n# h &lt; http://i.example";

test("another command stands in the place of lsp and of all behind it", () => {
  assert.deepEqual(commandLine({ command: "victor", args: ["lsp", "--stdio"] }, ["doctor"]), [
    "victor",
    "doctor",
  ]);
  const module = { command: "python", args: ["-m", "victor_server", "lsp"] };
  assert.deepEqual(commandLine(module, ["report", "/x"]), ["python", "-m", "victor_server", "report", "/x"]);
  assert.deepEqual(commandLine({ command: "wrapper", args: [] }, ["doctor"]), ["wrapper", "doctor"]);
});

test("whatever a text holds, it is text in a page", () => {
  for (const page of [plain(HOSTILE), table(["a"], [[HOSTILE]])]) {
    const html = new MarkdownIt({ html: true, linkify: true }).render(page);
    assert.doesNotMatch(html, /<(img|a|strong|code|h1)\b/);
  }
});

test("a command in a text is shown as code, and nothing else is made of it", () => {
  const html = new MarkdownIt({ html: true }).render(prose("Run `chmod -R <b>` or <b>not</b>."));
  assert.match(html, /<code>chmod -R &lt;b&gt;<\/code>/);
  assert.doesNotMatch(html, /<b>/);
});

test("doctor's page begins with what is to be mended", () => {
  const checks = [
    { name: "python", ok: true, detail: "3.12", fix: "" },
    { name: "disk", ok: false, detail: "full", fix: "Run `df`." },
  ];
  const page = doctorPage(JSON.stringify({ ok: false, checks }), "/bin/victor") ?? "";
  assert.match(page, /1 of 2 checks found something/);
  assert.ok(page.indexOf("disk") < page.indexOf("python"));
  assert.match(page, /→ Run `df`/);
  assert.equal(doctorPage("Traceback", "/bin/victor"), undefined);
});

test("usage says so when no model was asked, and counts when one was", () => {
  const none = { calls: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0, by: {}, budgets: [] };
  assert.match(usagePage(none), /No model was asked yet/);
  const some = {
    calls: 2,
    input_tokens: 1200,
    output_tokens: 30,
    cost_usd: 0.0125,
    by: { model: { demo: { calls: 2 } } },
  };
  const page = usagePage({
    ...none,
    ...some,
    budgets: [{ name: "day", unit: "usd", limit: 1, used: 0.25, left: 0.75 }],
  });
  assert.match(page, /1,200/);
  assert.match(page, /By model/);
  const html = new MarkdownIt().render(page);
  assert.match(html, /<td>\$0\.25<\/td>/);
});

test("only a Python that is new enough will do", () => {
  assert.deepEqual(readPython("3 12 /usr/bin/python3\n"), {
    version: "3.12",
    executable: "/usr/bin/python3",
  });
  assert.equal(readPython("3 10 /usr/bin/python3"), undefined);
  assert.equal(readPython("2 7 /usr/bin/python"), undefined);
  assert.equal(readPython("Python was not found"), undefined);
  assert.equal(pythonNames(true)[0]?.command, "py");
});

test("what is installed is never taken for an option", () => {
  assert.deepEqual(installArguments("--index-url=x").slice(-2), ["--", "--index-url=x"]);
});

test("of what a program printed the end is shown", () => {
  assert.equal(lastWords(`${"x".repeat(500)}the end`, 10), "…xxxthe end");
  assert.equal(lastWords(" short \n"), "short");
  assert.equal(lastWords("Looking\nERROR: no version\nERROR: No match\nbye"), "No match");
});

test("the sample holds a key that was made up just now", () => {
  assert.match(
    sampleText(() => 0.5),
    /"AKIA[A-Z2-7]{16}"/,
  );
  assert.notEqual(sampleText(Math.random), sampleText(Math.random));
});
