// Changes that a chat tells of, shown in VS Code's own diff: both sides are texts, no file is touched.

import { basename } from "node:path";
import { commands, Uri, workspace } from "vscode";

const SCHEME = "victor-change";
const MOST_KEPT = 20;
const texts = new Map<string, string>();
let last = 0;

/** Has VS Code read the texts of both sides from here. */
export const registerChanges = () =>
  workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: (uri) => texts.get(uri.query) ?? "",
  });

/** Opens the change in a diff that cannot be written to. */
export async function showChange(path: string, oldText: string, newText: string): Promise<void> {
  const [before, after] = [keep(path, oldText), keep(path, newText)];
  await commands.executeCommand("vscode.diff", before, after, `${basename(path)} (as changed in the chat)`);
}

function keep(path: string, text: string): Uri {
  const key = `${++last}`;
  texts.set(key, text);
  const [oldest] = texts.keys();
  if (texts.size > MOST_KEPT && oldest !== undefined) {
    texts.delete(oldest);
  }
  // The name tells VS Code how to colour it.
  return Uri.from({ scheme: SCHEME, path: `/${basename(path)}`, query: key });
}
