// A block of code: coloured, and with what can be done with it.

import hljs from "highlight.js/lib/core";
import { button, h, icon } from "./dom.ts";
import { say } from "./host.ts";
import { LANGUAGES } from "./languages.ts";

for (const [name, language] of Object.entries(LANGUAGES)) {
  hljs.registerLanguage(name, language);
}

/** Longer code is not coloured: that would be felt. While it comes it is coloured again and again. */
const MOST_COLOURED = 40_000;
export const MOST_COLOURED_COMING = 3_000;

/** `whole` is false while more of it may come: it is then shown, and can neither be copied nor applied. */
export function codeBlock(code: string, language: string, whole: boolean): HTMLElement {
  const known = hljs.getLanguage(language)?.name;
  const text = h(
    "code",
    {},
    ...(known && code.length <= (whole ? MOST_COLOURED : MOST_COLOURED_COMING)
      ? coloured(code, language)
      : [code]),
  );
  const name = known ?? language;
  const bar = h(
    "div",
    { class: "code-bar" },
    h("span", { class: "code-name" }, name),
    whole && toolbar(code),
  );
  const label = name ? `Code, ${name}` : "Code";
  return h(
    "div",
    { class: "code" },
    bar,
    h("pre", { tabindex: "0", role: "region", "aria-label": label }, text),
  );
}

function toolbar(code: string): HTMLElement {
  const copy = button(
    "Copy",
    () => {
      say({ type: "copy", text: code });
      copy.replaceChildren(icon("done"));
      copy.setAttribute("aria-label", "Copied");
      copy.addEventListener("blur", () => restore(copy), { once: true });
      copy.addEventListener("pointerleave", () => restore(copy), { once: true });
    },
    { icon: "copy", class: "icon-button" },
  );
  return h(
    "div",
    { class: "code-tools", role: "group", "aria-label": "This code" },
    copy,
    button("Insert at cursor", () => say({ type: "insert", text: code }), {
      icon: "insert",
      class: "icon-button",
    }),
    button("Apply", () => say({ type: "apply", text: code }), {
      ...{ class: "text-button", title: "Propose this as an edit of the open file, to be reviewed" },
    }),
  );
}

function restore(copy: HTMLButtonElement): void {
  copy.replaceChildren(icon("copy"));
  copy.setAttribute("aria-label", "Copy");
}

interface Coloured {
  scope?: string;
  children: (Coloured | string)[];
}

function coloured(code: string, language: string): Node[] {
  const found = hljs.highlight(code, { language, ignoreIllegals: true })._emitter as unknown as {
    root: Coloured;
  };
  return found.root.children.map(toNode);
}

function toNode(found: Coloured | string): Node {
  if (typeof found === "string") {
    return document.createTextNode(found);
  }
  const [first] = (found.scope ?? "").split(".");
  return h(
    "span",
    first && !first.startsWith("language:") ? { class: `hljs-${first}` } : {},
    ...found.children.map(toNode),
  );
}
