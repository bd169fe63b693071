// Marks the lines of hunks in the editors that show them: colour, gutter, ruler, and what becomes of them on hover.

import {
  ColorThemeKind,
  type DecorationOptions,
  type ExtensionContext,
  MarkdownString,
  OverviewRulerLane,
  Range,
  type TextDocument,
  type TextEditor,
  type TextEditorDecorationType,
  ThemeColor,
  Uri,
  window,
} from "vscode";
import type { Placed } from "./edits.ts";
import type { Store } from "./store.ts";
import { marked, stateInWords } from "./words.ts";

const MOST_ON_HOVER = 60;

interface Kinds {
  /** Lines that would go. */
  readonly going: TextEditorDecorationType;
  /** Between two lines, where some would come. */
  readonly coming: TextEditorDecorationType;
  /** Lines that came. */
  readonly come: TextEditorDecorationType;
  /** Between two lines, where some went. */
  readonly gone: TextEditorDecorationType;
}

export function markHunks(context: ExtensionContext, store: Store): void {
  let kinds = makeKinds(context);
  const show = () => {
    for (const editor of window.visibleTextEditors) {
      markEditor(editor, kinds, store.placed(editor.document));
    }
  };
  const dress = () => {
    disposeKinds(kinds);
    kinds = makeKinds(context);
    show();
  };
  context.subscriptions.push(
    store.onDidChange(show),
    window.onDidChangeVisibleTextEditors(show),
    window.onDidChangeActiveColorTheme(dress),
    { dispose: () => disposeKinds(kinds) },
  );
}

function markEditor(editor: TextEditor, kinds: Kinds, hunks: readonly Placed[]): void {
  const of = (isIn: boolean, isBetween: boolean) =>
    hunks
      .filter((each) => (each.hunk.state === "applied") === isIn && (each.start === each.end) === isBetween)
      .map(
        (each) => ({ range: linesOf(editor.document, each), hoverMessage: hover(each) }) as DecorationOptions,
      );
  editor.setDecorations(kinds.going, of(false, false));
  editor.setDecorations(kinds.coming, of(false, true));
  editor.setDecorations(kinds.come, of(true, false));
  editor.setDecorations(kinds.gone, of(true, true));
}

/** The lines at which a hunk is shown: the one before, where it stands between two. */
export function linesOf(document: TextDocument, { start, end }: { start: number; end: number }): Range {
  const last = document.lineCount - 1;
  const from = Math.min(start === end ? Math.max(0, start - 1) : start, last);
  const to = Math.max(from, Math.min(end - 1, last));
  return new Range(from, 0, to, document.lineAt(to).text.length);
}

function hover({ edit, hunk }: Placed): MarkdownString {
  const text = new MarkdownString("**Victor**: ");
  text.appendText(`${edit.title} (${stateInWords(hunk)})`);
  const old = hunk.oldText ? marked("-", hunk.oldText, MOST_ON_HOVER) : "";
  const now = hunk.newText ? marked("+", hunk.newText, MOST_ON_HOVER) : "";
  return text.appendCodeblock([old, now].filter(Boolean).join("\n"), "diff");
}

function makeKinds(context: ExtensionContext): Kinds {
  const kind = window.activeColorTheme.kind;
  const contrast = kind === ColorThemeKind.HighContrast || kind === ColorThemeKind.HighContrastLight;
  const make = (colour: string, ruler: string, icon: string, line: string) =>
    window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: colour ? new ThemeColor(colour) : undefined,
      gutterIconPath: Uri.joinPath(context.extensionUri, "media", icon),
      gutterIconSize: "contain",
      overviewRulerColor: new ThemeColor(ruler),
      overviewRulerLane: OverviewRulerLane.Left,
      ...(line || contrast ? border(line || "1px", contrast ? "contrastBorder" : ruler) : {}),
    });
  const [red, green] = ["editorOverviewRuler.deletedForeground", "editorOverviewRuler.addedForeground"];
  return {
    going: make("diffEditor.removedLineBackground", red, "going.svg", ""),
    coming: make("", green, "coming.svg", "0 0 2px 0"),
    come: make("diffEditor.insertedLineBackground", green, "coming.svg", ""),
    gone: make("", red, "going.svg", "0 0 2px 0"),
  };
}

function border(width: string, colour: string): object {
  return { borderWidth: width, borderStyle: "dashed", borderColor: new ThemeColor(colour) };
}

function disposeKinds(kinds: Kinds): void {
  for (const each of Object.values(kinds)) {
    each.dispose();
  }
}
