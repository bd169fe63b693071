// Markdown of a model as elements: no HTML is read, no picture is loaded, and a link shows where it leads.

import type { Token } from "markdown-it";
import MarkdownIt from "markdown-it";
import { readLink } from "../../src/chat/links.ts";
import { codeBlock } from "./code.ts";
import { h } from "./dom.ts";

const reader = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: false });
reader.validateLink = (href) => readLink(href) !== undefined;
reader.disable("image");

/** What a press on a link does. */
export type Follow = (href: string) => void;

export interface Block {
  tokens: Token[];
  /** The line behind its last one. */
  end: number;
}

/** The blocks of a text, from the top. */
export function readBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let tokens: Token[] = [];
  for (const token of reader.parse(text, {})) {
    tokens.push(token);
    if (token.level === 0 && token.nesting <= 0) {
      blocks.push({ tokens, end: endOf(tokens) });
      tokens = [];
    }
  }
  return blocks;
}

const endOf = (tokens: Token[]): number => Math.max(0, ...tokens.map((token) => token.map?.[1] ?? 0));

/** The elements of a block. `whole` is false for code that is still being written. */
export function render(tokens: readonly Token[], follow: Follow, whole: boolean): DocumentFragment {
  const made = document.createDocumentFragment();
  const open: Node[] = [made];
  for (const token of tokens) {
    const into = open.at(-1) ?? made;
    if (token.nesting === 1) {
      const element = elementOf(token, follow);
      into.appendChild(token.tag === "table" ? scrolling(element) : element);
      open.push(element);
    } else if (token.nesting === -1) {
      open.pop();
      showAddress(into);
    } else {
      into.appendChild(leafOf(token, follow, whole));
    }
  }
  return made;
}

const TAGS = [
  ...["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "em", "strong", "s"],
  ...["table", "thead", "tbody", "tr", "th", "td"],
] as const;

function elementOf(token: Token, follow: Follow): HTMLElement {
  if (token.type === "link_open") {
    return link(String(token.attrGet("href") ?? ""), follow);
  }
  const tag = TAGS.find((known) => known === token.tag) ?? "span";
  // A chat has a heading of its own above each answer.
  const level = /^h([1-6])$/.exec(tag)?.[1];
  const made = level
    ? h("p", { role: "heading", "aria-level": Math.min(6, Number(level) + 2), class: `h${level}` })
    : h(tag);
  const start = token.attrGet("start");
  if (start !== null) {
    made.setAttribute("start", String(start));
  }
  return token.hidden ? h("span", { class: "tight" }) : made;
}

/** Code without the end of its last line. */
export const codeOf = (token: Token): string => token.content.replace(/\n$/, "");

const scrolling = (table: HTMLElement): HTMLElement =>
  h("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Table" }, table);

function leafOf(token: Token, follow: Follow, whole: boolean): Node {
  switch (token.type) {
    case "inline":
      return render(token.children ?? [], follow, whole);
    case "fence":
    case "code_block":
      return codeBlock(codeOf(token), token.info.trim().split(/\s+/)[0] ?? "", whole);
    case "code_inline":
      return h("code", {}, token.content);
    case "softbreak":
      return document.createTextNode("\n");
    case "hardbreak":
      return h("br");
    case "hr":
      return h("hr");
    default:
      return document.createTextNode(token.content);
  }
}

function link(href: string, follow: Follow): HTMLElement {
  const made = h("a", { href: "#", title: href, "data-href": href });
  made.addEventListener("click", (event) => {
    event.preventDefault();
    follow(href);
  });
  return made;
}

/** Says which machine a link leads to, unless its text is that address. */
function showAddress(element: Node): void {
  if (element instanceof HTMLAnchorElement && element.dataset.href) {
    const target = readLink(element.dataset.href);
    const host = target?.to === "web" ? new URL(target.href).host : "";
    if (host && !isAddress(element.textContent ?? "", host)) {
      element.after(h("span", { class: "address" }, ` (${host})`));
    }
  }
}

/** A text that merely names the machine somewhere may name another one first. */
function isAddress(text: string, host: string): boolean {
  const whole = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  return URL.canParse(whole) && new URL(whole).host === host && !/[^!-~]|@/.test(text);
}
