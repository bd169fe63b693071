// Elements from text: nothing that a model or a repository says is ever read as HTML.

type Child = Node | string | null | undefined | false;
type Properties = Record<string, unknown> & { class?: string; on?: Record<string, (event: never) => void> };

/** An element with attributes and children; strings become text nodes. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    set(made, name, value);
  }
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

function set(element: HTMLElement, name: string, value: unknown): void {
  if (name === "on") {
    for (const [event, listener] of Object.entries(value as Record<string, EventListener>)) {
      element.addEventListener(event, listener);
    }
  } else if (value === true) {
    element.setAttribute(name, "");
  } else if (value !== false && value !== null && value !== undefined) {
    element.setAttribute(name, String(value));
  }
}

/** A button that says what it does, by a word or by an icon with a label. */
export function button(
  label: string,
  press: () => void,
  more: Properties & { icon?: IconName } = {},
): HTMLButtonElement {
  const { icon: name, ...rest } = more;
  const named = name ? { "aria-label": label, title: label } : {};
  const made = h("button", { type: "button", ...named, ...rest }, name ? icon(name) : label);
  made.addEventListener("click", press);
  return made;
}

const PATHS = {
  send: "M2 13.5 14.5 8 2 2.5v4.2L10 8l-8 1.3z",
  stop: "M4 4h8v8H4z",
  copy: "M6 2h7v9h-2v-1h1V3H7v1H6zM3 5h7v9H3zm1 1v7h5V6z",
  insert: "M7.5 2h1v6.6l2.3-2.3.7.7L8 10.5 4.5 7l.7-.7 2.3 2.3zM3 12h10v1H3z",
  apply: "M6.4 11.2 2.9 7.7l-.8.8 4.3 4.3 7.5-8.6-.8-.7z",
  add: "M7.5 3h1v4.5H13v1H8.5V13h-1V8.5H3v-1h4.5z",
  close: "M8 7.3 11.6 3.7l.7.7L8.7 8l3.6 3.6-.7.7L8 8.7l-3.6 3.6-.7-.7L7.3 8 3.7 4.4l.7-.7z",
  retry: "M8 3a5 5 0 1 1-4.7 3.3l.9.4A4 4 0 1 0 8 4v2L5 3.5 8 1z",
  fork: "M4 2a1.5 1.5 0 0 1 .5 2.9V7h5a1 1 0 0 0 1-1V4.9a1.5 1.5 0 1 1 1 0V6a2 2 0 0 1-2 2h-5v3.1a1.5 1.5 0 1 1-1 0V4.9A1.5 1.5 0 0 1 4 2z",
  rename:
    "m11.5 2 2.5 2.5L5.5 13 2.5 13.5 3 10.5zm0 1.4-1.3 1.3 1.1 1.1 1.3-1.3zM9.5 5.4 4 11l-.3 1.3L5 12l5.6-5.5z",
  remove: "M6 2h4v1h3v1H3V3h3zM4 5h8l-.6 9H4.6zm1.1 1 .5 7h4.8l.5-7zM7 7h.8v5H7zm1.4 0h.8v5h-.8z",
  back: "M7 3 2 8l5 5 .7-.7L3.9 8.5H14v-1H3.9l3.8-3.8z",
  file: "M4 1h5.5L13 4.5V15H4zm1 1v12h7V5H9V2z",
  done: "M6.4 11.2 2.9 7.7l-.8.8 4.3 4.3 7.5-8.6-.8-.7z",
  failed: "M8 7.3 11.6 3.7l.7.7L8.7 8l3.6 3.6-.7.7L8 8.7l-3.6 3.6-.7-.7L7.3 8 3.7 4.4l.7-.7z",
  waiting: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3zm0 1a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
  refused:
    "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM3 8a5 5 0 0 1 8.1-3.9l-7 7A5 5 0 0 1 3 8zm5 5a5 5 0 0 1-3.1-1.1l7-7A5 5 0 0 1 8 13z",
} as const;

export type IconName = keyof typeof PATHS;

const SVG = "http://www.w3.org/2000/svg";

/** A picture that says nothing to a screen reader: words stand beside it, or in its button's label. */
export function icon(name: IconName): SVGElement {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 16 16");
  picture.setAttribute("aria-hidden", "true");
  picture.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  path.setAttribute("fill-rule", "evenodd");
  picture.append(path);
  return picture;
}
