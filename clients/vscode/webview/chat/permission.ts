// A question of the server's whether a tool may do something: answered by the person alone, and never by accident.

import type { PermissionRequestParams } from "../../src/protocol.ts";
import { button, h } from "./dom.ts";
import { say } from "./host.ts";
import type { Diff } from "./state.ts";
import { changeOf } from "./tool.ts";

interface Option {
  optionId: string;
  name: string;
  kind: string;
}

interface Asked {
  wish?: string;
  things?: string[];
  folder?: string;
  reason?: string;
  rule?: string;
}

/** A press that came so soon was meant for something else. */
const TOO_SOON_MS = 500;
const READ_ON = "It goes on: read it to its end, then it can be allowed.";
const ALL_READ = "That was all of it.";
const NEAR_PX = 2;
let movedAt = 0;

/** A card came or went, so that others may stand now where something else was just pressed. */
export function cardsMoved(): void {
  movedAt = performance.now();
}

/** The card. It takes the focus as a whole, so that a key that was on its way presses no button. */
export function permissionCard(id: number, chat: string, request: PermissionRequestParams): HTMLElement {
  const asked = (request._meta.victor ?? {}) as Asked;
  cardsMoved();
  const reason = h("input", {
    ...{ type: "text", placeholder: "Why not, or what to do instead (optional)", maxlength: 2000 },
    ...{ "aria-label": "What the model is told with a no" },
  });
  const answer = (option: Option) => {
    if (performance.now() - movedAt >= TOO_SOON_MS) {
      say({ type: "answer", id, optionId: option.optionId, reason: isNo(option) ? reason.value : "" });
    }
  };
  const options = request.options as unknown as Option[];
  const title = h(
    "h3",
    { id: `permission-${id}` },
    asked.wish || String(request.toolCall.title ?? "Victor asks"),
  );
  const buttons = inOrder(options).map((option) => ({ option, made: optionButton(option, answer) }));
  const about = whatItIsAbout(asked, request);
  const goesOn = h("p", { class: "goes-on", role: "status" });
  whileUnread(about, (unread) => {
    // What was said once stays: buttons do not move under a hand.
    goesOn.textContent = unread ? READ_ON : goesOn.textContent && ALL_READ;
    for (const { option, made } of buttons) {
      made.disabled = unread && !isNo(option);
    }
  });
  const card = h(
    "section",
    { class: "permission", tabindex: "-1", "aria-labelledby": `permission-${id}`, "data-id": id },
    title,
    chat ? h("p", { class: "muted" }, `In ${chat}.`) : null,
    about,
    asked.folder ? h("p", { class: "muted" }, `In the folder ${asked.folder}`) : null,
    goesOn,
    ...diffsOf(request),
    h(
      "p",
      { class: "muted" },
      [asked.reason, asked.rule ? `Decided by ${asked.rule}.` : ""].filter(Boolean).join(" "),
    ),
    h(
      "div",
      { class: "options", role: "group", "aria-label": "Answers" },
      ...buttons.map(({ made }) => made),
    ),
    reason,
  );
  return card;
}

const isNo = ({ kind }: Option): boolean => kind.startsWith("reject");

const LOOKS: Record<string, string> = { allow_once: "primary", reject_once: "secondary" };

function optionButton(option: Option, answer: (option: Option) => void): HTMLButtonElement {
  const made = button("", () => answer(option), { class: LOOKS[option.kind] ?? "secondary lasting" });
  // Patterns stand between backquotes.
  made.append(...option.name.split("`").map((part, at) => (at % 2 ? h("code", {}, part) : part)));
  // A key that is held down presses nothing.
  made.addEventListener("keydown", (event) => event.repeat && event.preventDefault());
  return made;
}

/** What holds for this once stands first, what is remembered below. */
const inOrder = (options: readonly Option[]): Option[] => {
  const once = (option: Option) => (option.kind in LOOKS ? 0 : 1);
  return [...options].sort((a, b) => once(a) - once(b));
};

function whatItIsAbout(asked: Asked, request: PermissionRequestParams): HTMLElement {
  const things = asked.things?.length ? asked.things.join("\n") : String(request.toolCall.title ?? "");
  return h("pre", { tabindex: "0", role: "region", "aria-label": "What it is about" }, things);
}

/** Tells whether a text has an end that was not in sight yet: a yes to what nobody saw is none. */
function whileUnread(text: HTMLElement, tell: (unread: boolean) => void): void {
  const look = () => {
    const { scrollHeight, scrollTop, clientHeight } = text;
    const isAtEnd = clientHeight > 0 && scrollHeight - scrollTop - clientHeight <= NEAR_PX;
    if (isAtEnd) {
      seeing.disconnect();
      text.removeEventListener("scroll", look);
    }
    tell(!isAtEnd);
  };
  const seeing = new ResizeObserver(look);
  seeing.observe(text);
  text.addEventListener("scroll", look, { passive: true });
}

function diffsOf(request: PermissionRequestParams): HTMLElement[] {
  const content = Array.isArray(request.toolCall.content) ? request.toolCall.content : [];
  return content
    .filter((each: { type?: string }) => each.type === "diff")
    .map((each) => changeOf(each as Diff));
}
