// Search code by words and names, with results while one types.

import {
  CancellationTokenSource,
  commands,
  type ExtensionContext,
  type QuickPick,
  type QuickPickItem,
  Range,
  Selection,
  TextEditorRevealType,
  ThemeIcon,
  Uri,
  window,
} from "vscode";
import { Method, type SearchHit } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { inWords, toServerError } from "../server/failures.ts";
import { telling } from "../telling.ts";

const HITS = 20;
const TYPING_MS = 150;

interface HitItem extends QuickPickItem {
  readonly hit?: SearchHit;
}

export function registerSearch(context: ExtensionContext, server: Connection): void {
  context.subscriptions.push(commands.registerCommand("victor.searchCode", () => searchCode(server)));
}

function searchCode(server: Connection): void {
  const box: QuickPick<HitItem> = window.createQuickPick();
  box.title = "Search Code";
  box.placeholder = "What is the code about? Words or names, such as: retry delay";
  // The server ranks: the editor would sort the hits anew by the letters in them.
  if ("sortByLabel" in box) {
    box.sortByLabel = false;
  }
  const ask = searching(server, box);
  box.onDidChangeValue(ask);
  box.onDidAccept(() => {
    const hit = box.selectedItems[0]?.hit;
    if (hit !== undefined) {
      box.hide();
      void telling(open)(hit);
    }
  });
  box.onDidHide(() => {
    ask("");
    box.dispose();
  });
  const selected = window.activeTextEditor?.document.getText(window.activeTextEditor.selection) ?? "";
  if (selected !== "" && !selected.includes("\n")) {
    box.value = selected;
    ask(selected);
  }
  box.show();
}

/** Asks a moment after the last key; an older answer never takes a newer one's place. */
function searching(server: Connection, box: QuickPick<HitItem>): (query: string) => void {
  let timer: NodeJS.Timeout | undefined;
  let asked: CancellationTokenSource | undefined;
  const run = async (query: string) => {
    const mine = new CancellationTokenSource();
    asked = mine;
    box.busy = true;
    try {
      const { hits, partial } = await server.request(Method.search, { query, k: HITS }, mine.token);
      if (asked === mine) {
        box.items = found(hits, partial);
      }
    } catch (error) {
      if (asked === mine && toServerError(error).kind !== "cancelled") {
        box.items = [note(`$(error) ${inWords(error)}`)];
      }
    } finally {
      if (asked === mine) {
        box.busy = false;
      }
    }
  };
  return (query) => {
    clearTimeout(timer);
    asked?.cancel();
    asked = undefined;
    if (query.trim() === "") {
      box.busy = false;
      box.items = [];
    } else {
      timer = setTimeout(() => void run(query), TYPING_MS);
    }
  };
}

function found(hits: readonly SearchHit[], partial: boolean): HitItem[] {
  const items = hits.map(item);
  const more = partial ? [note("$(sync~spin) The index is still being built: there may be more.")] : [];
  return items.length > 0 ? [...items, ...more] : [...more, note("Nothing was found. Try other words.")];
}

function item(hit: SearchHit): HitItem {
  return {
    label: `${hit.path}:${hit.range.start.line + 1}`,
    description: hit.symbol,
    iconPath: new ThemeIcon(ICONS[hit.kind] ?? (hit.symbol === "" ? "file" : "symbol-misc")),
    alwaysShow: true,
    hit,
  };
}

const ICONS: Readonly<Record<string, string>> = {
  function: "symbol-function",
  method: "symbol-method",
  class: "symbol-class",
  interface: "symbol-interface",
  enum: "symbol-enum",
  constant: "symbol-constant",
  variable: "symbol-variable",
  module: "symbol-module",
  type: "symbol-class",
  text: "file",
  code: "code",
};

function note(label: string): HitItem {
  return { label, alwaysShow: true };
}

async function open(hit: SearchHit): Promise<void> {
  const { start, end } = hit.range;
  const editor = await window.showTextDocument(Uri.parse(hit.uri));
  const place = new Range(start.line, start.character, end.line, end.character);
  editor.selection = new Selection(place.start, place.start);
  editor.revealRange(place, TextEditorRevealType.InCenterIfOutsideViewport);
}
