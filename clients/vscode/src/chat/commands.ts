// The commands of the chat view.

import { commands, type Disposable } from "vscode";
import { showErrorMessage } from "../notices.ts";
import { failureOf } from "./desk.ts";
import { attachSelection } from "./editorDesk.ts";
import { tellSessions } from "./sayings.ts";
import { type Around, leave, tellContext } from "./talk.ts";

export function registerCommands(around: Around): Disposable[] {
  const table: Record<string, (argument?: unknown) => Promise<void>> = {
    "victor.openChat": (text) => write(around, typeof text === "string" ? text : ""),
    "victor.newChat": () => begin(around),
    "victor.showChats": () => list(around),
    "victor.askAboutSelection": () => write(around, ""),
    "victor.addSelectionToChat": () => attach(around),
  };
  return Object.entries(table).map(([name, run]) =>
    commands.registerCommand(name, (argument: unknown) => run(argument).catch(complain)),
  );
}

/** Shows the chat with this in its box; what the person wrote there before stays. */
async function write(around: Around, text: string): Promise<void> {
  await commands.executeCommand("victor.chatView.focus");
  tellContext(around);
  around.desk.post({ type: "write", text });
}

async function begin(around: Around): Promise<void> {
  leave(around);
  await write(around, "");
}

async function list(around: Around): Promise<void> {
  await commands.executeCommand("victor.chatView.focus");
  await tellSessions(around);
  around.desk.post({ type: "showSessions" });
}

async function attach(around: Around): Promise<void> {
  const found = attachSelection();
  const others = around.talk.attached.filter(({ id }) => id !== found.id);
  around.talk.attached = [...others, found];
  await write(around, "");
}

function complain(error: unknown): void {
  const { message, fix } = failureOf(error);
  void showErrorMessage([message, fix].filter(Boolean).join(" "));
}
