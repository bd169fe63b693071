// Shows in the editor's own diff what a restore would do to a file.

import {
  commands,
  EventEmitter,
  type ExtensionContext,
  type QuickPickItem,
  Uri,
  window,
  workspace,
} from "vscode";
import { type CheckpointPreviewFile, Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { previewInWords } from "./words.ts";

const SCHEME = "victor-checkpoint";

/** Shows one file of a restore; without `uri` the person chooses where there are several. */
export type Preview = (id: string, uri: string | undefined) => Promise<void>;

export function offerPreviews(context: ExtensionContext, server: Connection): Preview {
  const texts = new Map<string, string>();
  const changed = new EventEmitter<Uri>();
  context.subscriptions.push(
    changed,
    workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? "",
    }),
    workspace.onDidCloseTextDocument(({ uri }) => texts.delete(uri.toString())),
  );
  const address = (
    id: string,
    file: CheckpointPreviewFile,
    side: "now" | "restored",
    text: string | null,
  ) => {
    const uri = Uri.from({ scheme: SCHEME, path: Uri.parse(file.uri).path, query: `${id}&${side}` });
    texts.set(uri.toString(), text ?? "");
    changed.fire(uri);
    return uri;
  };
  return async (id, uri) => {
    const { files } = await server.request(Method.checkpointPreview, { id, uris: uri ? [uri] : null });
    const file = files.length > 1 ? await choose(files) : files[0];
    if (file) {
      const left = address(id, file, "now", file.before);
      const right = address(id, file, "restored", file.after);
      const name = file.path.split("/").at(-1);
      await commands.executeCommand("vscode.diff", left, right, `${name}: ${previewInWords(file)}`);
    }
  };
}

async function choose(files: readonly CheckpointPreviewFile[]): Promise<CheckpointPreviewFile | undefined> {
  const items = files.map((file): QuickPickItem & { file: CheckpointPreviewFile } => ({
    label: file.path,
    description: previewInWords(file),
    file,
  }));
  return (await window.showQuickPick(items, { title: "What a restore would do" }))?.file;
}
