// Marks the steps of the walkthrough that do themselves: the server runs, the index is ready.

import { commands, type Disposable, window } from "vscode";
import { Method, type StatusResult } from "../protocol.ts";
import type { Connection } from "../server/connection.ts";

/**
 * The editor notices that a key becomes true, but not one that was true before it looked at the walkthrough, which it
 * does when that is first opened. So the keys are true for a moment only, again with each tab that is opened.
 */
export function markFirstMinute(server: Connection, status: () => StatusResult | undefined): Disposable[] {
  const mark = () => {
    if (server.state === "running") {
      pulse("victor.firstMinute.running");
    }
    if (server.state === "running" && status()?.index.state === "ready") {
      pulse("victor.firstMinute.indexed");
    }
  };
  return [
    window.tabGroups.onDidChangeTabs(mark),
    server.onDidChangeState(mark),
    server.onNotification(Method.statusDidChange, mark),
  ];
}

function pulse(key: string): void {
  for (const value of [true, false]) {
    void commands.executeCommand("setContext", key, value);
  }
}
