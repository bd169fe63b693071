// What the chat needs of VS Code: places are opened, text is put into editors, people are asked.

import { basename } from "node:path";
import {
  commands,
  type ExtensionContext,
  env,
  Range,
  Uri,
  type WebviewView,
  window,
  workspace,
} from "vscode";
import { showWarningMessage } from "../notices.ts";
import type { Connection } from "../server/connection.ts";
import { insert, proposeFor } from "./apply.ts";
import { showChange } from "./changes.ts";
import type { AttachedFile, Desk, Looking } from "./desk.ts";
import { readLink } from "./links.ts";
import type { Kept, Lines } from "./messages.ts";
import { inFolders, leadsInside } from "./places.ts";

const REMEMBERED = "victor.chat.session";
const KEPT = "victor.chat.kept";
const OUTSIDE = "That file is not in this workspace, so it is not opened from a chat.";

/** The desk of the view that `view` returns; undefined while there is none. */
export function editorDesk(
  context: ExtensionContext,
  server: Connection,
  view: () => WebviewView | undefined,
  post: Desk["post"],
): Desk {
  return {
    post,
    show: () => {
      const shown = view();
      if (shown?.visible) {
        return; // shown once more, it may close the list of commands that somebody has open
      }
      void (shown
        ? shown.show(true)
        : commands.executeCommand("victor.chatView.focus", { preserveFocus: true }));
    },
    looking,
    root,
    name: (title) => {
      const shown = view();
      if (shown) {
        shown.description = title;
      }
    },
    remember: (sessionId) => void context.workspaceState.update(REMEMBERED, sessionId ?? undefined),
    remembered: () => context.workspaceState.get<string>(REMEMBERED) ?? null,
    keep: (now) => void context.workspaceState.update(KEPT, now),
    kept: () => ({ draft: "", withEditor: true, ...context.workspaceState.get<Partial<Kept>>(KEPT) }),
    confirm: async (question, yes) => (await showWarningMessage(question, { modal: true }, yes)) === yes,
    askTitle: async (title) =>
      window.showInputBox({ title: "Rename Chat", value: title, prompt: "The chat's title" }),
    pickFiles,
    open: (place) => openPlace(Uri.parse(place.uri, true), place.range),
    openFile: (path, line) => openInside(path, line),
    openLink,
    openDiff: showChange,
    copy: async (text) => env.clipboard.writeText(text),
    insert,
    apply: (text) => proposeFor(server, text),
    run: async (command) => void (await commands.executeCommand(command)),
  };
}

function looking(): Looking | null {
  const editor = window.activeTextEditor;
  if (!editor || !["file", "untitled", "vscode-notebook-cell"].includes(editor.document.uri.scheme)) {
    return null;
  }
  const { start, end, isEmpty } = editor.selection;
  const name = basename(editor.document.uri.path);
  if (isEmpty) {
    return { uri: editor.document.uri.toString(), range: null, label: name };
  }
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  const lines = last > start.line + 1 ? `${start.line + 1}-${last}` : `${start.line + 1}`;
  return { uri: editor.document.uri.toString(), range: toLines(editor.selection), label: `${name}:${lines}` };
}

function toLines({ start, end }: Range): Lines {
  return {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
}

function root(): string | null {
  const uri = window.activeTextEditor?.document.uri;
  const folder = (uri && workspace.getWorkspaceFolder(uri)) ?? workspace.workspaceFolders?.[0];
  return folder?.uri.toString() ?? null;
}

async function pickFiles(): Promise<AttachedFile[]> {
  const found = await workspace.findFiles("**/*", undefined, 2_000);
  const items = found
    .map((uri) => ({ label: basename(uri.path), description: workspace.asRelativePath(uri), uri }))
    .sort((a, b) => a.description.localeCompare(b.description));
  const picked = await window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    title: "Add Files to the Question",
    placeHolder: "Files that the model is to be shown",
  });
  return (picked ?? []).map(({ label, uri }) => {
    const name = uri.toString();
    return { id: name, label, block: { type: "resource_link", uri: name, name: label } };
  });
}

/** What is selected, as a mention that the server reads from the editor's text; the whole file where nothing is. */
export function attachSelection(): AttachedFile {
  const found = looking();
  if (!found) {
    throw new Error("No file is open. Open one, and select what the chat is to be about.");
  }
  const [, lines] = /:([\d-]+)$/.exec(found.label) ?? [];
  const path = workspace.asRelativePath(Uri.parse(found.uri), false);
  const block = lines
    ? { type: "text", text: `@"${path}":${lines}` }
    : { type: "resource_link", uri: found.uri, name: found.label };
  return { id: `${found.uri}:${lines ?? ""}`, label: found.label, block };
}

const folders = (): string[] => (workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);

async function openPlace(uri: Uri, lines?: Lines): Promise<void> {
  const known = workspace.textDocuments.some((document) => document.uri.toString() === uri.toString());
  if (!known && (uri.scheme !== "file" || !(await leadsInside(uri.fsPath, folders())))) {
    throw new Error(OUTSIDE);
  }
  const selection = lines && new Range(lines.start.line, lines.start.character, lines.start.line, 0);
  await window.showTextDocument(uri, { selection, preview: true });
}

async function openInside(path: string, line: number): Promise<void> {
  const whole = inFolders(path, folders());
  if (whole === undefined) {
    throw new Error(OUTSIDE);
  }
  await openPlace(Uri.file(whole), { start: { line, character: 0 }, end: { line, character: 0 } });
}

async function openLink(href: string): Promise<void> {
  const link = readLink(href);
  if (link?.to === "web") {
    await env.openExternal(Uri.parse(link.href, true));
  } else if (link?.to === "file") {
    await openInside(link.path, link.line);
  } else {
    throw new Error(
      "This link leads neither to the web nor to a file of the workspace, so it is not opened.",
    );
  }
}
