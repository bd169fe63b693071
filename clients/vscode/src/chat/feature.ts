// The chat view: made when it is first looked at, made anew whenever VS Code wants, and always showing the same chat.

import { randomBytes } from "node:crypto";
import {
  commands,
  type ExtensionContext,
  Uri,
  type Webview,
  type WebviewView,
  window,
  workspace,
} from "vscode";
import { Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { registerChanges } from "./changes.ts";
import { registerCommands } from "./commands.ts";
import { editorDesk } from "./editorDesk.ts";
import { readToHost, type ToView } from "./messages.ts";
import { page } from "./page.ts";
import { newQuestions } from "./questions.ts";
import { obey, refresh, tellModels, tellServer } from "./sayings.ts";
import { type Around, hear, newTalk, restore, tellContext } from "./talk.ts";

const VIEW = "victor.chatView";
/** What waits for a view that is just being made. */
const KEPT: ReadonlySet<ToView["type"]> = new Set(["write", "giveBack", "showSessions"]);

export function chat(context: ExtensionContext, server: Connection): void {
  let view: WebviewView | undefined;
  let ready = false;
  let told = "";
  const waiting: ToView[] = [];
  const post = (message: ToView): void => {
    if (view && ready) {
      void view.webview.postMessage(message);
    } else if (KEPT.has(message.type)) {
      waiting.push(message); // all else is told anew to a view that is ready
    }
  };
  const desk = editorDesk(context, server, () => view, post);
  const around: Around = { server, desk, talk: newTalk(desk.remembered()) };
  const questions = newQuestions(desk, (id) => (id && id !== around.talk.sessionId ? "another chat" : ""));

  async function hearView(found: unknown): Promise<void> {
    const said = readToHost(found);
    ready ||= said?.type === "ready";
    if (said) {
      await obey(around, questions, said);
    }
    if (said?.type === "ready") {
      waiting.splice(0).forEach(post);
    }
  }

  function resolve(shown: WebviewView): void {
    view = shown;
    ready = false;
    shown.webview.options = { enableScripts: true, localResourceRoots: [folder(context)] };
    shown.description = around.talk.title;
    shown.webview.onDidReceiveMessage((found: unknown) => void hearView(found));
    shown.onDidDispose(() => {
      view = view === shown ? undefined : view;
    });
    shown.webview.html = html(context, shown.webview);
  }

  function lookAtModels(): void {
    if (ready && server.state === "running") {
      void tellModels(around).catch(() => undefined); // the pickers are told again with the next change
    }
  }

  /** Most moves of the cursor change nothing that the view shows. */
  function look(): void {
    const { uri = "", label = "" } = desk.looking() ?? {};
    if (`${uri} ${label}` !== told) {
      told = `${uri} ${label}`;
      tellContext(around);
    }
  }

  context.subscriptions.push(
    window.registerWebviewViewProvider(VIEW, { resolveWebviewView: resolve }),
    registerChanges(),
    server.onNotification(Method.chatUpdate, (update) => hear(around, update)),
    server.onRequest(Method.permissionRequest, (request, token) => questions.ask(request, token)),
    server.onNotification(Method.statusDidChange, ({ mode }) => {
      if (mode && mode !== around.talk.mode) {
        lookAtModels();
      }
    }),
    workspace.onDidSaveTextDocument(({ fileName }) => fileName.endsWith("profiles.yaml") && lookAtModels()),
    commands.registerCommand("victor.lookAtModels", lookAtModels),
    server.onDidChangeState((state) => void changeState(around, questions.clear, state)),
    window.onDidChangeActiveTextEditor(look),
    window.onDidChangeTextEditorSelection(
      ({ textEditor }) => textEditor === window.activeTextEditor && look(),
    ),
    ...registerCommands(around),
  );
}

async function changeState(around: Around, clear: () => void, state: Connection["state"]): Promise<void> {
  tellServer(around);
  if (state === "running") {
    await restore(around, state, true);
    await refresh(around).catch(() => undefined); // a server that is gone again says so by its state
  } else {
    clear();
  }
}

const folder = (context: ExtensionContext): Uri => Uri.joinPath(context.extensionUri, "dist", "chat");

function html(context: ExtensionContext, webview: Webview): string {
  const at = (name: string) => webview.asWebviewUri(Uri.joinPath(folder(context), name)).toString();
  const nonce = randomBytes(16).toString("base64url");
  return page({ cspSource: webview.cspSource, nonce, script: at("main.js"), style: at("style.css") });
}
