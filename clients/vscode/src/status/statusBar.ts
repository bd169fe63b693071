// The entry in the status bar: the server with its index, and who answers.

import {
  commands,
  type ExtensionContext,
  MarkdownString,
  StatusBarAlignment,
  type StatusBarItem,
  ThemeColor,
  window,
} from "vscode";
import { Method, type StatusResult } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";
import { markFirstMinute } from "./firstMinute.ts";
import { type Entry, statusEntry } from "./text.ts";

export function showStatus(context: ExtensionContext, server: Connection): void {
  const item = window.createStatusBarItem("victor.server", StatusBarAlignment.Right, 91);
  item.name = "Victor";
  let status: StatusResult | undefined;

  const show = () => {
    fill(item, statusEntry(server, status));
    item.command = server.problem === "missing" ? "victor.setUp" : "victor.menu";
    void commands.executeCommand("setContext", "victor.server", server.state);
    void commands.executeCommand("setContext", "victor.indexPaused", status?.index.state === "paused");
    void commands.executeCommand("setContext", "victor.restricted", status?.restricted === true);
  };
  const take = (newer: StatusResult) => {
    status = newer;
    show();
  };
  context.subscriptions.push(
    item,
    ...markFirstMinute(server, () => status),
    server.onNotification(Method.statusDidChange, take),
    server.onDidChangeState((state) => {
      status = undefined;
      show();
      if (state === "running") {
        server.request(Method.status, {}).then(take, () => undefined);
      }
    }),
  );
  show();
}

function fill(item: StatusBarItem, said: Entry): void {
  item.text = said.text;
  item.accessibilityInformation = { label: said.label, role: "button" };
  item.tooltip = tooltip(said);
  item.backgroundColor =
    said.alarm === "" ? undefined : new ThemeColor(`statusBarItem.${said.alarm}Background`);
  item.show();
}

/** What is said of folders and models is text: nothing in it becomes a link or a picture. */
function tooltip(said: Entry): MarkdownString {
  const whole = new MarkdownString("**Victor**");
  for (const each of [...new Set(said.details)]) {
    whole.appendMarkdown("\n\n").appendText(each);
  }
  return whole.appendMarkdown("\n\nClick for all that can be done.");
}
