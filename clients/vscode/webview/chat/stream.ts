// Markdown that is still coming: blocks that are complete are made once, only the last one is made again.

import { MOST_COLOURED_COMING } from "./code.ts";
import { type Block, codeOf, type Follow, readBlocks, render } from "./markdown.ts";

export interface Stream {
  readonly element: HTMLElement;
  /** Shows the text so far; it begins as the one before did. */
  show(text: string, ended: boolean): void;
}

export function newStream(element: HTMLElement, follow: Follow): Stream {
  let rest = 0;
  let shown = -1;
  let last: ChildNode[] = [];

  /** Makes the blocks behind what is complete; all but the last are then complete, too. */
  function show(text: string, ended: boolean): void {
    const length = ended ? Number.POSITIVE_INFINITY : text.length;
    if (length === shown) {
      return;
    }
    shown = length;
    const tail = text.slice(rest);
    const blocks = readBlocks(tail);
    if (!ended && blocks.length === 1 && growsBy(last, blocks[0])) {
      return;
    }
    for (const node of last) {
      node.remove();
    }
    last = [];
    let done = 0;
    blocks.forEach((block, at) => {
      const isLast = at === blocks.length - 1;
      const made = render(block.tokens, follow, !isLast || ended);
      last = isLast && !ended ? [...made.childNodes] : [];
      element.append(made);
      done = isLast && !ended ? done : block.end;
    });
    rest += offsetOf(tail, done);
  }

  return { element, show };
}

/** Adds to long code what is new of it, where that is all that is new: to lay it out anew would take too long. */
function growsBy(shown: readonly ChildNode[], block: Block | undefined): boolean {
  const [token] = block?.tokens ?? [];
  const [element] = shown;
  const code = element instanceof HTMLElement ? element.querySelector("pre > code")?.firstChild : null;
  if (token?.type !== "fence" || !(code instanceof Text) || code.length < MOST_COLOURED_COMING) {
    return false;
  }
  const now = codeOf(token);
  if (code.nextSibling || !now.startsWith(code.data)) {
    return false;
  }
  code.appendData(now.slice(code.length));
  return true;
}

function offsetOf(text: string, line: number): number {
  let at = 0;
  for (let left = line; left > 0; left--) {
    const next = text.indexOf("\n", at);
    if (next < 0) {
      return text.length;
    }
    at = next + 1;
  }
  return at;
}
