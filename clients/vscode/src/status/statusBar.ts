// The two entries in the status bar: the server with its index, and the model with its budget.

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
import { type Entry, routeEntry, serverEntry } from "./text.ts";

export function showStatus(context: ExtensionContext, server: Connection): void {
  const first = entry("victor.server", "Victor", 91);
  const second = entry("victor.route", "Victor: model", 90);
  let status: StatusResult | undefined;

  const show = () => {
    fill(first, serverEntry(server.state, server.detail, status));
    fill(second, routeEntry(server.state, status));
    void commands.executeCommand("setContext", "victor.server", server.state);
    void commands.executeCommand("setContext", "victor.running", server.state === "running");
    void commands.executeCommand("setContext", "victor.indexPaused", status?.index.state === "paused");
    void commands.executeCommand("setContext", "victor.indexReady", status?.index.state === "ready");
    void commands.executeCommand("setContext", "victor.restricted", status?.restricted === true);
  };
  const take = (newer: StatusResult) => {
    status = newer;
    show();
  };
  context.subscriptions.push(
    first,
    second,
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

function entry(id: string, name: string, priority: number): StatusBarItem {
  const item = window.createStatusBarItem(id, StatusBarAlignment.Right, priority);
  item.name = name;
  item.command = "victor.menu";
  return item;
}

function fill(item: StatusBarItem, said: Entry | undefined): void {
  if (said === undefined) {
    return item.hide();
  }
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
