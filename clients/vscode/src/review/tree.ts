// The list of all that waits for a decision: edits, their files, their hunks.

import {
  EventEmitter,
  type ExtensionContext,
  MarkdownString,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  Uri,
  window,
} from "vscode";
import type { EditFile, EditHunk, EditItem } from "../protocol.ts";
import { type Hunk, hunksOf, isOpen, openHunks, unfinished } from "./edits.ts";
import type { Store } from "./store.ts";
import { count, gist, kindInWords, place, size, stateInWords } from "./words.ts";

/** A row: of an edit alone, of one of its files, or of a hunk in that. */
export interface Row {
  readonly edit: EditItem;
  readonly file?: EditFile;
  readonly hunk?: EditHunk;
}

const ICONS: Record<EditHunk["state"], string> = {
  proposed: "circle-outline",
  applied: "pass",
  kept: "check",
  reverted: "close",
  stale: "warning",
};

export function showTree(context: ExtensionContext, store: Store): void {
  const changed = new EventEmitter<undefined>();
  const view = window.createTreeView<Row>("victor.review", {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (row) =>
        row === undefined ? unfinished(store.edits()).map((edit) => ({ edit })) : below(row),
      getTreeItem: itemOf,
    },
    showCollapseAll: true,
  });
  const refresh = () => {
    const n = openHunks(store.edits()).length;
    changed.fire(undefined);
    view.badge = { value: n, tooltip: `${count(n, "change")} of Victor's to review` };
  };
  context.subscriptions.push(view, changed, store.onDidChange(refresh));
}

/** The hunks that a row stands for. */
export function hunksBelow({ edit, file, hunk }: Row): readonly Hunk[] {
  return file && hunk ? [{ edit, file, hunk }] : hunksOf(edit, file?.uri).filter((each) => isOpen(each.hunk));
}

function below({ edit, file, hunk }: Row): Row[] {
  if (hunk) {
    return [];
  }
  if (file) {
    return file.hunks.map((each) => ({ edit, file, hunk: each }));
  }
  return edit.files.map((each) => ({ edit, file: each }));
}

function itemOf(row: Row): TreeItem {
  const item = row.hunk ? hunkItem(row) : row.file ? fileItem(row, row.file) : editItem(row.edit);
  const state = row.hunk?.state ?? (hunksBelow(row).length > 0 ? "open" : "decided");
  item.contextValue = `${row.hunk ? "hunk" : row.file ? "file" : "edit"}.${state}`;
  return item;
}

function editItem(edit: EditItem): TreeItem {
  const item = new TreeItem(edit.title, TreeItemCollapsibleState.Expanded);
  item.id = edit.id;
  item.iconPath = new ThemeIcon("git-pull-request-draft");
  item.description = `${openHunks([edit]).length} open`;
  item.tooltip = `${edit.title}\n${new Date(edit.madeAt).toLocaleString()}`;
  return item;
}

function fileItem({ edit }: Row, file: EditFile): TreeItem {
  const item = new TreeItem(Uri.parse(file.uri), TreeItemCollapsibleState.Expanded);
  const problems = file.problems ?? [];
  const folder = file.path.split("/").slice(0, -1).join("/");
  const said = [kindInWords(file), folder, problems.length ? count(problems.length, "problem") : ""];
  item.id = `${edit.id} ${file.uri}`;
  item.label = file.path.split("/").at(-1);
  item.iconPath = ThemeIcon.File;
  item.description = said.filter(Boolean).join(" · ");
  item.tooltip = new MarkdownString().appendText([file.path, ...problems].join("\n"));
  item.command = {
    command: "victor.showHunkDiff",
    title: "Show Diff",
    arguments: [{ edit: edit.id, file: file.uri }],
  };
  return item;
}

function hunkItem({ edit, file, hunk }: Row): TreeItem {
  if (!file || !hunk) {
    throw new Error("A row of a hunk has its file.");
  }
  const item = new TreeItem(place({ edit, file, hunk }));
  const state = stateInWords(hunk);
  item.id = `${edit.id} ${file.uri} ${hunk.id}`;
  item.iconPath = new ThemeIcon(ICONS[hunk.state]);
  item.description = hunk.state === "proposed" ? `${size(hunk)}  ${gist(hunk)}` : state;
  item.tooltip = `${state}${hunk.reason ? `: ${hunk.reason}` : ""}`;
  item.accessibilityInformation = { label: `${item.label}, ${size(hunk)}, ${state}, ${gist(hunk)}` };
  item.command = { command: "victor.showHunk", title: "Show", arguments: [{ edit: edit.id, hunk: hunk.id }] };
  return item;
}
