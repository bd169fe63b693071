// The box in which a question is written, with what goes with it, and who is to answer.

import type { Attached, Kept } from "../../src/chat/messages.ts";
import type { ChatCompletion, ModelItem } from "../../src/protocol.ts";
import { newCompletion } from "./completion.ts";
import { button, h, icon } from "./dom.ts";
import { keep, kept, say } from "./host.ts";
import { newPicker } from "./picker.ts";
import { newRecall } from "./recall.ts";

export interface Composer {
  readonly element: HTMLElement;
  showContext(editor: string, attached: readonly Attached[]): void;
  showModels(models: readonly ModelItem[], profile: string, mode: string): void;
  showCompletions(id: number, items: readonly ChatCompletion[]): void;
  showState(state: { answering: boolean; reachable: boolean }): void;
  /** What was asked in the chat that is shown, to be brought back by the arrow up. */
  know(questions: readonly string[]): void;
  /** Puts text behind what is there, and the cursor behind it. */
  write(text: string): void;
  /** Puts a question that was not taken above what is being written: the cursor stays where it is in that. */
  giveBack(text: string): void;
  /** Goes on with what was being written when the view was last there; what was typed already stays behind it. */
  goOn(kept: Kept): void;
  /** Takes the focus where the view has it: keys that are meant for a file must not end here. */
  focus(): void;
  /** Whether the person is writing in it. */
  inUse(): boolean;
}

export function newComposer(announce: (text: string) => void): Composer {
  const box = h("textarea", {
    ...{ rows: 1, placeholder: "Ask Victor…", "aria-label": "Ask Victor", spellcheck: "true" },
    ...{ "aria-autocomplete": "list", "aria-controls": "completions" },
  });
  const completion = newCompletion(box, announce);
  const recall = newRecall(box);
  const chips = h("ul", { class: "chips", "aria-label": "Shown to the model with the question" });
  const profile = newPicker("Who answers", (value) => say({ type: "profile", profile: value }));
  const mode = newPicker("Mode", (value) => say({ type: "mode", mode: value as "plan" | "ask" | "build" }));
  const send = button("Send", submit, { icon: "send", class: "icon-button send" });
  const stop = button("Stop", () => say({ type: "stop" }), { icon: "stop", class: "icon-button" });
  const add = button("Add files", () => say({ type: "addFile" }), { icon: "add", class: "icon-button" });
  const tools = h(
    "div",
    { class: "composer-row" },
    add,
    mode.element,
    profile.element,
    h("span", { class: "space" }),
    stop,
    send,
  );
  const element = h(
    "form",
    { class: "composer", "aria-label": "Question" },
    completion.list,
    chips,
    box,
    tools,
  );
  const now = { answering: false, reachable: true, editor: "", attached: [] as readonly Attached[] };

  function submit(): void {
    const text = box.value.trim();
    if (!text || !now.reachable) {
      return;
    }
    recall.add(text);
    set("");
    say(now.answering ? { type: "steer", text } : { type: "ask", text, withEditor: kept().withEditor });
  }

  function set(text: string): void {
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function putAbove(text: string): void {
    const { value, selectionStart, selectionEnd } = box;
    if (text && value.trim()) {
      set(`${text}\n${value}`);
      box.setSelectionRange(selectionStart + text.length + 1, selectionEnd + text.length + 1);
    } else if (text) {
      set(text);
    }
  }

  function focus(): void {
    if (document.hasFocus()) {
      box.focus();
    }
  }

  function grow(): void {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
    send.disabled = !now.reachable || box.value.trim() === "";
  }

  function press(event: KeyboardEvent): void {
    // The Enter that ends a composition (keyCode 229 in some browsers) is not ours.
    if (completion.press(event) || event.isComposing || event.keyCode === 229) {
      return;
    }
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      // One that is held down was meant for what had the focus before.
      if (!event.repeat) {
        submit();
      }
    } else {
      recall.press(event);
    }
  }

  function drawChips(): void {
    const { editor, attached } = now;
    const files = attached.map(({ id, label }) => chipOf(label, () => say({ type: "detach", id })));
    chips.replaceChildren(...(editor ? [editorChip(editor)] : []), ...files);
    chips.hidden = chips.childElementCount === 0;
  }

  function editorChip(label: string): HTMLElement {
    const on = kept().withEditor;
    const title = on
      ? "Shown to the model. Press to leave it out."
      : "Left out. Press to show it to the model.";
    const press = () => {
      keep({ withEditor: !kept().withEditor });
      drawChips();
      chips.querySelector("button")?.focus();
    };
    const chip = button("", press, { class: "chip toggle", "aria-pressed": String(on), title });
    chip.append(icon("file"), h("span", {}, label));
    return h("li", {}, chip);
  }

  /** Told with each piece of an answer: to measure the box every time would lay the whole page out anew. */
  function showState(state: { answering: boolean; reachable: boolean }): void {
    if (state.answering !== now.answering || state.reachable !== now.reachable) {
      Object.assign(now, state);
      drawState();
    }
  }

  function drawState(): void {
    stop.hidden = !now.answering;
    const label = now.answering ? "Send to the running answer" : "Send";
    send.title = label;
    send.setAttribute("aria-label", label);
    box.placeholder = now.answering
      ? "Add something to the running answer…"
      : "Ask Victor. @ mentions files, / lists commands";
    grow();
  }

  element.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("keydown", press);
  box.addEventListener("blur", completion.hide);
  box.addEventListener("input", () => {
    grow();
    keep({ draft: box.value });
    completion.look();
  });
  drawState();
  drawChips();

  return {
    element,
    showState,
    showCompletions: completion.show,
    know: recall.know,
    showContext(editor, attached) {
      if (editor !== now.editor || JSON.stringify(attached) !== JSON.stringify(now.attached)) {
        Object.assign(now, { editor, attached });
        drawChips();
      }
    },
    showModels(models, chosen, chosenMode) {
      const named = models.map((each) => ({
        ...{
          value: each.profile,
          label: each.model ? `${each.profile}: ${each.model}` : each.profile,
          title: each.unusable || `${each.model} (${each.provider})`,
        },
        ...{ disabled: each.unusable !== "" },
      }));
      profile.show(
        [
          { value: "", label: "Auto model", title: "Victor chooses, by the rules in profiles.yaml" },
          ...named,
        ],
        chosen,
      );
      mode.show(MODES, chosenMode);
    },
    write(text) {
      if (text && !box.value.endsWith(text)) {
        set(box.value && !/\s$/.test(box.value) ? `${box.value} ${text}` : box.value + text);
      }
      box.focus();
      box.setSelectionRange(box.value.length, box.value.length);
    },
    goOn({ draft, withEditor }) {
      putAbove(draft);
      keep({ withEditor });
      drawChips();
    },
    giveBack(text) {
      putAbove(text);
      focus();
    },
    focus,
    inUse: () => document.activeElement === box && box.value !== "",
  };
}

const MODES = [
  { value: "plan", label: "Plan", title: "Nothing is changed and nothing is run" },
  { value: "ask", label: "Ask", title: "Every change and every command is asked for" },
  { value: "build", label: "Build", title: "Your permissions decide what is asked for" },
];

function chipOf(label: string, remove: () => void): HTMLElement {
  const away = button(`Remove ${label}`, remove, { icon: "close", class: "chip-remove" });
  return h("li", {}, h("span", { class: "chip" }, icon("file"), h("span", {}, label), away));
}
