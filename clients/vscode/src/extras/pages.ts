// Documents to read: pages of markdown that are made when somebody asks, and belong to no file.

import { commands, EventEmitter, type ExtensionContext, Uri, window, workspace } from "vscode";

const SCHEME = "victor-page";

/** Shows a page under a title; a page of the same title takes the earlier one's place. */
export type ShowPage = (title: string, markdown: string) => Promise<void>;

export function createPages(context: ExtensionContext): ShowPage {
  const texts = new Map<string, string>();
  const changed = new EventEmitter<Uri>();
  context.subscriptions.push(
    changed,
    workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => texts.get(uri.path) ?? "",
    }),
  );
  return async (title, markdown) => {
    const uri = Uri.from({ scheme: SCHEME, path: `/${title}.md` });
    texts.set(uri.path, markdown);
    changed.fire(uri);
    try {
      await commands.executeCommand("markdown.showPreview", uri);
    } catch {
      await window.showTextDocument(uri, { preview: true }); // without the editor's own extension for markdown
    }
  };
}
