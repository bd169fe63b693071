// Earlier questions, brought back by the arrow up in an empty box.

export interface Recall {
  add(text: string): void;
  /** The questions of a chat that was opened, as the server keeps them. */
  know(questions: readonly string[]): void;
  press(event: KeyboardEvent): void;
}

const MOST = 50;

/** Nothing of it is kept by the editor: the server keeps questions, with secrets taken out. */
export function newRecall(box: HTMLTextAreaElement): Recall {
  let history: readonly string[] = [];
  let at = 0;
  let shown = "";

  function move(step: number): void {
    at = Math.max(0, Math.min(history.length, at + step));
    shown = at === 0 ? "" : (history[history.length - at] ?? "");
    box.value = shown;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  return {
    add(text) {
      history = [...history.filter((each) => each !== text), text].slice(-MOST);
      at = 0;
    },
    know(questions) {
      const more = new Set(questions.filter((each) => each !== "" && !history.includes(each)));
      history = [...more, ...history].slice(-MOST);
    },
    press(event) {
      if (box.value === "") {
        at = 0;
      }
      const browsing = box.value === "" || (at > 0 && box.value === shown);
      if (browsing && (event.key === "ArrowUp" || (event.key === "ArrowDown" && at > 0))) {
        event.preventDefault();
        move(event.key === "ArrowUp" ? 1 : -1);
      }
    },
  };
}
