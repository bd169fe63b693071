// The list of changes that were applied, each of which can be taken back.

import {
  EventEmitter,
  type ExtensionContext,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  Uri,
  window,
} from "vscode";
import { type CheckpointFileItem, type CheckpointItem, Method } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { inWords } from "../server/failures.ts";
import { about, fileInWords } from "./words.ts";

/** A row: a checkpoint, or one of its files. */
export interface Row {
  readonly checkpoint: CheckpointItem;
  readonly file?: CheckpointFileItem;
}

const PAUSE_MS = 300;

/** Shows the list; what is returned has it read again soon. */
export function showCheckpoints(context: ExtensionContext, server: Connection): () => void {
  const changed = new EventEmitter<undefined>();
  const view = window.createTreeView<Row>("victor.checkpoints", {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: async (row) => (row === undefined ? listed() : below(row)),
      getTreeItem: itemOf,
    },
    showCollapseAll: true,
  });
  const listed = async (): Promise<Row[]> => {
    view.message = undefined;
    try {
      const { checkpoints } = await server.request(Method.checkpointList, {});
      return checkpoints.map((checkpoint) => ({ checkpoint }));
    } catch (error) {
      view.message = inWords(error);
      return [];
    }
  };
  let pause: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(pause);
    pause = setTimeout(() => changed.fire(undefined), PAUSE_MS);
  };
  context.subscriptions.push(
    view,
    changed,
    server.onNotification(Method.editDidChange, soon),
    server.onDidChangeState(soon),
    { dispose: () => clearTimeout(pause) },
  );
  return soon;
}

function below({ checkpoint, file }: Row): Row[] {
  return file ? [] : checkpoint.files.map((each) => ({ checkpoint, file: each }));
}

function itemOf({ checkpoint, file }: Row): TreeItem {
  return file ? fileItem(checkpoint, file) : checkpointItem(checkpoint);
}

function checkpointItem(checkpoint: CheckpointItem): TreeItem {
  const item = new TreeItem(checkpoint.title, TreeItemCollapsibleState.Collapsed);
  item.id = checkpoint.id;
  item.description = about(checkpoint, new Date());
  item.iconPath = new ThemeIcon(checkpoint.kind === "edit" ? "history" : "discard");
  item.contextValue = "checkpoint";
  item.tooltip = `${checkpoint.title}\n${new Date(checkpoint.created).toLocaleString()}\n${checkpoint.folder}`;
  return item;
}

function fileItem(checkpoint: CheckpointItem, file: CheckpointFileItem): TreeItem {
  const item = new TreeItem(Uri.parse(file.uri));
  item.id = `${checkpoint.id} ${file.uri}`;
  item.label = file.path.split("/").at(-1);
  const folder = file.path.split("/").slice(0, -1).join("/");
  item.description = [folder, fileInWords(file)].filter(Boolean).join(" · ");
  item.contextValue = "checkpointFile";
  item.command = {
    command: "victor.previewCheckpoint",
    title: "Show What a Restore Would Do",
    arguments: [{ checkpoint, file }],
  };
  return item;
}
