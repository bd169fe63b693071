// The chat's side of the extension, without an editor: what is said to the server, and what the view is told.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { AttachedFile, Desk } from "../src/chat/desk.ts";
import { readLink } from "../src/chat/links.ts";
import { COMMANDS, readToHost, type ToView } from "../src/chat/messages.ts";
import { page } from "../src/chat/page.ts";
import { inFolders, leadsInside } from "../src/chat/places.ts";
import { newQuestions } from "../src/chat/questions.ts";
import { replayOf } from "../src/chat/replay.ts";
import { obey } from "../src/chat/sayings.ts";
import { type Around, hear, newTalk, restore } from "../src/chat/talk.ts";
import type { ChatUpdateParams, PermissionRequestParams } from "../src/protocol.ts";
import { ServerError } from "../src/server/connection.ts";
import { gone } from "../src/server/failures.ts";

type Answers = Record<string, (params: never) => unknown>;

/** A chat whose server answers so; what it was asked, and what the view was told, are kept. */
function setUp(answers: Answers, remembered: string | null = null) {
  const asked: { method: string; params: Record<string, unknown> }[] = [];
  const told: ToView[] = [];
  const opened: string[] = [];
  const kept = { session: remembered, view: { draft: "", withEditor: true } };
  const nothing = async (): Promise<never[]> => [];
  const desk: Desk = {
    post: (message) => void told.push(message),
    show: () => void opened.push("view"),
    looking: () => ({ uri: "file:///w/app.py", range: null, label: "app.py" }),
    root: () => "file:///w",
    name: () => undefined,
    remember: (session) => {
      kept.session = session;
    },
    remembered: () => kept.session,
    keep: (now) => {
      kept.view = now;
    },
    kept: () => kept.view,
    confirm: async () => true,
    askTitle: async (title) => `${title}!`,
    pickFiles: async (): Promise<AttachedFile[]> => [
      { id: "f", label: "b.py", block: { type: "resource_link", uri: "file:///w/b.py" } },
    ],
    open: async (place) => void opened.push(place.uri),
    openFile: async (path) => void opened.push(path),
    openLink: async (href) => void opened.push(href),
    openDiff: async () => undefined,
    copy: async () => undefined,
    insert: async () => undefined,
    apply: async () => {
      throw new ServerError("Nothing fits.", "usage", "Select the place first.");
    },
    run: async (command) => void opened.push(command),
  };
  const server = {
    state: "running",
    detail: "",
    execute: async () => null,
    request: async (method: string, params: Record<string, unknown>) => {
      asked.push({ method, params });
      return (answers[method] ?? nothing)(params as never);
    },
  } as unknown as Around["server"];
  const around: Around = { server, desk, talk: newTalk(kept.session) };
  const questions = newQuestions(desk, () => "");
  return { around, questions, asked, told, opened, kept };
}

const update = (seq: number, sessionId = "s"): ChatUpdateParams => ({
  sessionId,
  update: { sessionUpdate: "session_info_update" },
  _meta: { victor: { seq, turnId: "t" } },
});

const SERVER: Answers = {
  "victor/chat/new": () => ({ sessionId: "s" }),
  "victor/chat/prompt": () => ({ stopReason: "end_turn", _meta: {} }),
  "victor/models/list": () => ({ models: [], profile: "", mode: "build" }),
  "victor/chat/list": () => ({ sessions: [] }),
};

test("a view that is made anew goes on with what was being written", async () => {
  const { around, questions, told } = setUp({});
  await obey(around, questions, { type: "keep", draft: "half a question", withEditor: false });
  await obey(around, questions, { type: "ready" });
  assert.deepEqual(told[0], { type: "kept", draft: "half a question", withEditor: false });
});

test("a question begins a chat, and goes with what the person looks at and has added", async () => {
  const { around, questions, asked, told, kept } = setUp(SERVER);
  await obey(around, questions, { type: "addFile" });
  await obey(around, questions, { type: "ask", text: "why?", withEditor: true });
  assert.deepEqual(
    asked.map(({ method }) => method),
    ["victor/chat/new", "victor/chat/prompt"],
  );
  assert.deepEqual(asked[1]?.params, {
    sessionId: "s",
    prompt: [
      { type: "text", text: "why?" },
      { type: "resource_link", uri: "file:///w/b.py" },
    ],
    textDocument: { uri: "file:///w/app.py" },
    range: null,
  });
  assert.equal(kept.session, "s");
  assert.deepEqual(around.talk.attached, []);
  assert.deepEqual(
    told.filter(({ type }) => type === "answering").map((each) => "value" in each && each.value),
    [true, false],
  );
});

test("what is asked while the chat is being begun goes into that chat", async () => {
  const { around, questions, asked } = setUp({ ...SERVER, "victor/chat/steer": () => ({}) });
  const first = obey(around, questions, { type: "ask", text: "why?", withEditor: false });
  const second = obey(around, questions, { type: "ask", text: "and how?", withEditor: false });
  await Promise.all([first, second]);
  assert.deepEqual(
    asked.map(({ method }) => method),
    ["victor/chat/new", "victor/chat/prompt", "victor/chat/steer"],
  );
  assert.equal(asked[2]?.params.sessionId, "s");
});

test("what comes too late to be added to an answer is given back", async () => {
  const late = () => {
    throw new ServerError("No answer is being written.", "usage", "Ask instead.");
  };
  const { around, questions, told } = setUp({ ...SERVER, "victor/chat/steer": late }, "s");
  await obey(around, questions, { type: "steer", text: "in metres" });
  assert.deepEqual(told, [
    { type: "giveBack", text: "in metres" },
    { type: "notice", failure: { message: "No answer is being written.", fix: "Ask instead." } },
  ]);
});

test("what the person looks at stays out where they said so", async () => {
  const { around, questions, asked } = setUp(SERVER);
  await obey(around, questions, { type: "ask", text: "why?", withEditor: false });
  assert.equal("textDocument" in (asked[1]?.params ?? {}), false);
});

test("a question that fails is given back, with what was added to it", async () => {
  const fails = () => {
    throw new ServerError("No model is set up.", "no_model", "Write one.");
  };
  const { around, questions, told } = setUp({ ...SERVER, "victor/chat/prompt": fails });
  await obey(around, questions, { type: "addFile" });
  await obey(around, questions, { type: "ask", text: "why?", withEditor: true });
  const failure = { message: "No model is set up.", fix: "Write one." };
  assert.deepEqual(told.at(-1), { type: "failed", failure, question: "why?" });
  assert.equal(around.talk.attached.length, 1);
  assert.equal(around.talk.answering.size, 0);
});

test("a question that has become a turn is not given back when that fails", async () => {
  const set = setUp({
    ...SERVER,
    "victor/chat/prompt": () => {
      hear(set.around, update(1));
      throw gone();
    },
  });
  await obey(set.around, set.questions, { type: "ask", text: "why?", withEditor: false });
  const failed = set.told.find((each) => each.type === "failed");
  assert.ok(failed?.type === "failed" && failed.question === "");
});

test("what cannot be done is told with what to do next", async () => {
  const { around, questions, told } = setUp(SERVER);
  await obey(around, questions, { type: "apply", text: "x" });
  assert.deepEqual(told, [
    { type: "notice", failure: { message: "Nothing fits.", fix: "Select the place first." } },
  ]);
});

test("a view that is made anew gets the chat from its beginning, each update once", async () => {
  const set = setUp(
    {
      ...SERVER,
      "victor/chat/load": () => {
        // One that was on its way while an answer is written, and then all of them.
        for (const seq of [9, 1, 5, 10]) {
          hear(set.around, update(seq));
        }
        return { session: { title: "Why" }, lastSeq: 10 };
      },
    },
    "s",
  );
  await obey(set.around, set.questions, { type: "ready" });
  const session = set.told.find((each) => each.type === "session");
  assert.deepEqual(
    session?.type === "session" && session.updates.map(({ _meta }) => (_meta.victor as { seq: number }).seq),
    [1, 5, 10],
  );
  hear(set.around, update(11));
  assert.equal(set.told.at(-1)?.type, "update");
});

test("after a crash a chat is told whole: the numbers of what was not kept are given anew", async () => {
  const set = setUp(
    {
      ...SERVER,
      "victor/chat/load": () => {
        hear(set.around, update(1));
        hear(set.around, update(2));
        return { session: { title: "Why" } };
      },
    },
    "s",
  );
  hear(set.around, update(3));
  await restore(set.around, "running", true);
  assert.equal(set.asked.at(-1)?.params.afterSeq, 0);
  const session = set.told.at(-1);
  assert.ok(session?.type === "session" && session.again && session.updates.length === 2);
});

test("a chat is not left because the server that was to open it ended, too", async () => {
  const fails = () => {
    throw gone();
  };
  const { around, told, kept } = setUp({ ...SERVER, "victor/chat/load": fails }, "s");
  await restore(around, "running", true);
  assert.deepEqual([around.talk.sessionId, kept.session, told], ["s", "s", []]);
});

test("a chat that cannot be opened any more gives way to a new one, and says why", async () => {
  const fails = () => {
    throw new ServerError("Another window has this chat.", "usage", "Fork it.");
  };
  const { around, questions, told, kept } = setUp({ ...SERVER, "victor/chat/load": fails }, "s");
  await obey(around, questions, { type: "ready" });
  assert.equal(kept.session, null);
  assert.ok(told.some((each) => each.type === "notice" && each.failure.fix === "Fork it."));
});

test("updates of other chats are not shown", () => {
  const { around, told } = setUp(SERVER, "s");
  hear(around, update(1, "other"));
  assert.deepEqual(told, []);
});

test("a replay is what was sent last from the beginning on", () => {
  assert.deepEqual(replayOf([update(7), update(8), update(2), update(9)]), [update(2), update(9)]);
  assert.deepEqual(replayOf([update(1), update(2)]), [update(1), update(2)]);
  assert.deepEqual(replayOf([]), []);
});

const REQUEST: PermissionRequestParams = {
  sessionId: "s",
  toolCall: {},
  options: [
    { optionId: "once", kind: "allow_once" },
    { optionId: "no", kind: "reject_once" },
  ],
  _meta: {},
};
const never = { onCancellationRequested: () => undefined };

test("a permission is what the person chose of what was offered, and nothing else", async () => {
  const { questions, told, opened } = setUp(SERVER);
  const answer = questions.ask(REQUEST, never);
  assert.deepEqual(opened, ["view"]);
  questions.answer(1, "always", "");
  questions.answer(2, "once", "");
  assert.equal(told.length, 1);
  questions.answer(1, "no", "use make");
  assert.deepEqual(await answer, {
    outcome: { outcome: "selected", optionId: "no" },
    _meta: { victor: { reason: "use make" } },
  });
  assert.deepEqual(told.at(-1), { type: "permissionGone", id: 1 });
});

test("a permission that is taken back is answered as cancelled, and told to no later view", async () => {
  const { questions, told } = setUp(SERVER);
  let cancel = () => undefined as undefined;
  const token = {
    onCancellationRequested: (listener: () => void) => {
      cancel = () => void listener();
    },
  };
  const answer = questions.ask(REQUEST, token);
  questions.tell();
  assert.equal(told.filter(({ type }) => type === "permission").length, 2);
  cancel();
  assert.deepEqual(await answer, { outcome: { outcome: "cancelled" } });
  told.length = 0;
  questions.tell();
  assert.deepEqual(told, []);
});

test("a server that is gone takes its questions along", async () => {
  const { questions } = setUp(SERVER);
  const answer = questions.ask(REQUEST, never);
  questions.clear();
  assert.deepEqual(await answer, { outcome: { outcome: "cancelled" } });
});

test("the view is believed only what it may say", () => {
  assert.deepEqual(readToHost({ type: "ask", text: "a", withEditor: true, more: 1 }), {
    type: "ask",
    text: "a",
    withEditor: true,
  });
  const place = {
    uri: "file:///a",
    range: { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } },
  };
  assert.ok(readToHost({ type: "openPlace", place }));
  const refused = [
    ...[
      null,
      "ask",
      {},
      { type: "toString" },
      { type: "constructor" },
      { type: "ask", text: 1, withEditor: true },
    ],
    ...[
      { type: "command", name: "workbench.action.quit" },
      { type: "mode", mode: "free" },
    ],
    ...[
      { type: "openFile", path: "a", line: -1 },
      { type: "openPlace", place: { uri: "a", range: { start: {} } } },
    ],
    ...[
      { type: "copy", text: "x".repeat(2_000_001) },
      { type: "openPlace", place: null },
    ],
  ];
  for (const each of refused) {
    assert.equal(readToHost(each), undefined, JSON.stringify(each)?.slice(0, 80));
  }
});

test("only files of the workspace are opened", () => {
  const folders = ["/w/shop", "/w/other"];
  assert.equal(inFolders("src/app.py", folders), "/w/shop/src/app.py");
  assert.equal(inFolders("/w/other/a", folders), "/w/other/a");
  assert.equal(inFolders("..file", folders), "/w/shop/..file");
  for (const path of ["", "../secret", "/etc/passwd", "/w/shopping/a", "a/../../b", "a\0b"]) {
    assert.equal(inFolders(path, folders), undefined, path);
  }
  assert.equal(inFolders("a", []), undefined);
});

test("a link leads to the web or to a file", () => {
  assert.deepEqual(readLink("https://example.org/a"), { to: "web", href: "https://example.org/a" });
  assert.deepEqual(readLink("src/app.py#L12-L20"), { to: "file", path: "src/app.py", line: 11 });
  assert.deepEqual(readLink("src/a%20b.py:7"), { to: "file", path: "src/a b.py", line: 6 });
  assert.deepEqual(readLink("app.py"), { to: "file", path: "app.py", line: 0 });
  const refused = [
    ...[
      "command:x",
      "javascript:alert(1)",
      "vscode://a/b",
      "file:///etc/passwd",
      "https://good@evil",
      "//evil/a",
      "\\\\evil\\a",
    ],
    ...["data:text/html,a", "http://", "#top", ""],
  ];
  for (const href of refused) {
    assert.equal(readLink(href), undefined, href);
  }
});

test("the page loads nothing but its own script and style", () => {
  const html = page({ cspSource: "https://view", nonce: "n", script: "s.js", style: "s.css" });
  assert.match(html, /default-src 'none'; script-src 'nonce-n'; style-src https:\/\/view;/);
  assert.doesNotMatch(html, /unsafe|\son\w+=|\sstyle=/);
});

test("the commands that the view may run are there", () => {
  const { contributes } = JSON.parse(readFileSync("package.json", "utf-8"));
  const declared = contributes.commands.map(({ command }: { command: string }) => command);
  assert.deepEqual(
    Object.values(COMMANDS).filter((each) => !declared.includes(each)),
    [],
  );
});

test("a link of the repository that leads out of it is not opened", async () => {
  const folder = mkdtempSync(join(tmpdir(), "victor-places-"));
  const [shop, home] = [join(folder, "shop"), join(folder, "home")];
  for (const each of [shop, home]) {
    mkdirSync(each);
    writeFileSync(join(each, "a"), "x");
  }
  symlinkSync(home, join(shop, "docs"));
  symlinkSync(shop, join(folder, "work"));
  assert.equal(await leadsInside(join(shop, "a"), [shop]), true);
  assert.equal(await leadsInside(join(folder, "work", "a"), [join(folder, "work")]), true);
  assert.equal(await leadsInside(join(shop, "new"), [shop]), true);
  assert.equal(await leadsInside(join(shop, "docs", "a"), [shop]), false);
  assert.equal(await leadsInside(join(home, "a"), [shop]), false);
});
