// A choice of one of a few.

import { h } from "./dom.ts";

export interface Choice {
  value: string;
  label: string;
  title: string;
  disabled?: boolean;
}

export interface Picker {
  readonly element: HTMLElement;
  show(choices: readonly Choice[], chosen: string): void;
}

export function newPicker(label: string, pick: (value: string) => void): Picker {
  const element = h("select", { class: "picker", "aria-label": label });
  element.hidden = true;
  element.addEventListener("change", () => pick(element.value));
  return {
    element,
    show(choices, chosen) {
      const options = choices.map(({ value, label: name, title, disabled }) =>
        h("option", { value, title, disabled }, name),
      );
      element.replaceChildren(...options);
      element.value = chosen;
      element.title = `${label}: ${choices.find(({ value }) => value === chosen)?.title ?? ""}`;
      element.hidden = choices.length < 2;
    },
  };
}
