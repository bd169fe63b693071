// Shows the lines that a hunk would bring in place, below those that it takes the place of, before they are in the file.
//
// Comment threads are what the editor's stable interface has for text between lines. Ours take no replies.

import {
  type CommentController,
  CommentMode,
  type CommentThread,
  CommentThreadCollapsibleState,
  CommentThreadState,
  comments,
  type ExtensionContext,
  MarkdownString,
  Range,
  TabInputTextDiff,
  type TextDocument,
  window,
  workspace,
} from "vscode";
import type { Placed } from "./edits.ts";
import { linesOf } from "./marks.ts";
import type { Store } from "./store.ts";
import { count, marked, size } from "./words.ts";

const SETTING = "victor.editor.reviewInPlace";
const MOST_LINES = 40;
const MOST_OPEN = 20;

/** Which hunk a thread shows. */
export type HunkOfThread = (thread: unknown) => { edit: string; hunk: string } | undefined;

interface Zone {
  readonly thread: CommentThread;
  readonly hunk: { edit: string; hunk: string };
  text: string;
}

export function showZones(context: ExtensionContext, store: Store): HunkOfThread {
  // While there is one, the editor has a list of comments in its panel: so only while there is something to show.
  let controller: CommentController | undefined;
  const zones = new Map<string, Zone>();
  const show = () => {
    const wanted = wantedZones(store);
    for (const [key, zone] of zones) {
      if (!wanted.has(key)) {
        zone.thread.dispose();
        zones.delete(key);
      }
    }
    if (wanted.size === 0) {
      controller?.dispose();
      controller = undefined;
    }
    for (const [key, { document, placed, number, of }] of wanted) {
      controller ??= comments.createCommentController("victor-review", "Victor");
      const zone = zones.get(key) ?? makeZone(controller, document, placed, number);
      zones.set(key, zone);
      refresh(zone, document, placed, `Change ${number + 1} of ${of}`);
    }
  };
  context.subscriptions.push(
    { dispose: () => controller?.dispose() },
    store.onDidChange(show),
    window.onDidChangeVisibleTextEditors(show),
    window.tabGroups.onDidChangeTabs(show),
    workspace.onDidChangeConfiguration((event) => event.affectsConfiguration(SETTING) && show()),
  );
  return (thread) => [...zones.values()].find((each) => each.thread === thread)?.hunk;
}

function wantedZones(store: Store) {
  const isOn = workspace.getConfiguration().get(SETTING, true);
  const inDiff = shownInDiff();
  const shown = window.visibleTextEditors.map(({ document }) => document);
  const documents = new Set(isOn ? shown.filter(({ uri }) => !inDiff.has(uri.toString())) : []);
  const wanted = new Map<string, { document: TextDocument; placed: Placed; number: number; of: number }>();
  for (const document of documents) {
    const hunks = store.placed(document);
    hunks.forEach((placed, number) => {
      if (placed.hunk.state === "proposed" && placed.hunk.newText) {
        const key = `${placed.edit.id} ${placed.hunk.id} ${document.uri}`;
        wanted.set(key, { document, placed, number, of: hunks.length });
      }
    });
  }
  return wanted;
}

/** Files that stand beside what they would become: there the new lines are seen already. */
function shownInDiff(): ReadonlySet<string> {
  const inputs = window.tabGroups.all.map(({ activeTab }) => activeTab?.input);
  const diffs = inputs.filter((input) => input instanceof TabInputTextDiff);
  const ours = diffs.filter(({ modified }) => modified.scheme === "victor-review");
  return new Set(ours.map(({ original }) => original.toString()));
}

function makeZone(
  controller: CommentController,
  document: TextDocument,
  placed: Placed,
  number: number,
): Zone {
  const thread = controller.createCommentThread(document.uri, rangeOf(document, placed), []);
  thread.canReply = false;
  thread.contextValue = "hunk";
  // What is resolved calls for no answer: the editor does not open its list of comments for it.
  thread.state = CommentThreadState.Resolved;
  thread.collapsibleState =
    number < MOST_OPEN ? CommentThreadCollapsibleState.Expanded : CommentThreadCollapsibleState.Collapsed;
  return { thread, hunk: { edit: placed.edit.id, hunk: placed.hunk.id }, text: "" };
}

function refresh(zone: Zone, document: TextDocument, placed: Placed, which: string): void {
  const range = rangeOf(document, placed);
  if (!zone.thread.range?.isEqual(range)) {
    zone.thread.range = range;
  }
  const label = `${which} · ${size(placed.hunk)}`;
  if (zone.thread.label !== label) {
    zone.thread.label = label;
  }
  const text = marked("+", placed.hunk.newText ?? "", MOST_LINES);
  if (zone.text !== text) {
    zone.text = text;
    const problems = placed.file.problems?.length ?? 0;
    const name = problems ? `${placed.edit.title} (${count(problems, "problem")})` : placed.edit.title;
    zone.thread.comments = [
      {
        author: { name },
        body: new MarkdownString().appendCodeblock(text, "diff"),
        mode: CommentMode.Preview,
      },
    ];
  }
}

/** The last line of a hunk alone: below it the editor opens the thread, and it tints what else a range holds. */
function rangeOf(document: TextDocument, placed: Placed): Range {
  const { end } = linesOf(document, placed);
  return new Range(end.line, 0, end.line, 0);
}
